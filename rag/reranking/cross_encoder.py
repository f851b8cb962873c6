"""Reranking with a cross-encoder: question and passage are read together, which a vector search cannot do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import ConfigurationError
from rag.headed import passage_text
from rag.hub import cached_snapshot
from rag.reranking.base import reordered
from rag.resilience.workers import Workers
from rag.types import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

DEFAULT_MODEL = "cross-encoder/ms-marco-MiniLM-L6-v2"


def find_cross_encoder(model: str = DEFAULT_MODEL, folder: Path | None = None) -> Path | None:
    """The folder of ``model``: ``folder`` if given, ``model`` if it is one, else the hub client's cache.

    ``None`` if it is not on this machine: it is never downloaded.

    Raises:
        ConfigurationError: ``folder`` holds no model.
    """
    if folder is None:
        folder = Path(model) if Path(model).is_dir() else cached_snapshot(model)
    if folder is not None and not (folder / "model.safetensors").is_file():
        raise ConfigurationError(f"{folder} is not a cross-encoder: it has no model.safetensors")
    return folder


class CrossEncoderReranker:
    """Loads the model of ``folder`` at its first use; ``name`` is what ``parts`` calls it."""

    def __init__(self, name: str, folder: Path, workers: Workers, *, batch_size: int = 16) -> None:
        self.name = f"cross_encoder({name})"
        self._folder = folder
        self._workers = workers
        self.batch_size = batch_size
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Best first by the model's own score (a logit for the usual models); ties keep their order.

        Each batch is a call of its own to the workers, so that a deadline is met between two batches.

        Raises:
            ConfigurationError: the model does not give one score a pair.
            Overloaded: the workers' queue is full.
        """
        scores: list[float] = []
        for start in range(0, len(hits), self.batch_size):
            pairs = [(query, passage_text(hit.chunk)) for hit in hits[start : start + self.batch_size]]
            scores += await self._workers.run(partial(self._score, pairs))
        return reordered(hits, scores)

    def _score(self, pairs: list[tuple[str, str]]) -> list[float]:
        with self._lock:  # the tokenizer's padding state is not safe to share
            if self._model is None:
                self._model = self._load()
            scores = self._model.predict(pairs, batch_size=len(pairs), show_progress_bar=False)
        return [float(score) for score in scores]

    def _load(self) -> CrossEncoder:
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model: CrossEncoder = CrossEncoder(str(self._folder), local_files_only=True)
        if model.num_labels != 1:
            raise ConfigurationError(
                f"the model in {self._folder} gives {model.num_labels} scores a pair, a reranker needs one"
            )
        return model
