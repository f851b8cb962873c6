"""Embedding with a model compiled for onnxruntime: no PyTorch, so a process starts in a second."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path

from rag.embedding.base import TextKind, TokenEmbedder, Vectors
from rag.embedding.compile import Compiled, Precision, compile_once
from rag.embedding.local import LocalEmbedder
from rag.embedding.session import Session
from rag.embedding.weights import Weights
from rag.resilience.workers import Workers

LANES = min(4, os.cpu_count() or 1)
"""Texts embedded at a time, each on a core of its own."""


class OnnxEmbedder(LocalEmbedder):
    """Compiles the model into ``models`` if nobody has yet, at the first need of its name or vectors.

    ``workers`` should have ``LANES`` threads.
    """

    def __init__(
        self,
        weights: Weights,
        workers: Workers,
        models: Path,
        *,
        precision: Precision = "fp32",
        batch_size: int = 32,
    ) -> None:
        super().__init__(weights, workers, batch_size=batch_size, lanes=LANES)
        self._models = models
        self._precision = precision
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Model, hash of its weights, precision and runtime: ``all-MiniLM-L6-v2@53aa51172d14/fp32-onnx``.

        Takes half a minute where the model is yet to be compiled: the precision is not known before.

        Raises:
            ConfigurationError: the weights are not the expected ones.
        """
        return f"{self.weights.name}/{self._compiled.precision}-onnx"

    def token_embedder(self, language: str) -> TokenEmbedder | None:  # noqa: ARG002 - one model for all
        """This model, for texts in any language."""
        return self

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        """For each text, float32 ``[tokens, dimension]`` of unit length; a text too long is cut.

        Raises:
            Overloaded: the workers' queue is full.
        """
        prompt = self._card.query if kind == "query" else self._card.document
        prompted = [prompt + text for text in texts]
        batches = [prompted[lane::LANES] for lane in range(min(LANES, len(texts)))]
        done = await asyncio.gather(*(self._workers.run(partial(self._tokens, batch)) for batch in batches))
        return [done[place % LANES][place // LANES] for place in range(len(texts))]

    def _tokens(self, texts: list[str]) -> list[Vectors]:
        return [self._session.embed_tokens(text) for text in texts]

    def _embed(self, texts: list[str], *, query: bool) -> Vectors:
        prompt = self._card.query if query else self._card.document
        return self._session.embed([prompt + text for text in texts])

    @cached_property
    def _compiled(self) -> Compiled:
        return compile_once(self.weights, self._models, self._precision)

    @property
    def _session(self) -> Session:
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> Session:
        return Session(self._compiled.file, self.weights.folder)
