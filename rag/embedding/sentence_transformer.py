"""Embedding with any sentence-transformers model on this machine's CPU or GPU."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding.base import Vectors
from rag.embedding.local import LocalEmbedder
from rag.embedding.weights import Weights
from rag.errors import ConfigurationError
from rag.resilience.workers import Workers

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEmbedder(LocalEmbedder):
    """Runs the model in PyTorch; it is loaded at the first embedding, after checking its hash."""

    def __init__(self, weights: Weights, workers: Workers, *, batch_size: int = 32) -> None:
        super().__init__(weights, workers, batch_size=batch_size)
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

    @property
    def name(self) -> str:
        """Model and hash of its weights: ``all-MiniLM-L6-v2@53aa51172d14``."""
        return self.weights.name

    def _embed(self, texts: list[str], *, query: bool) -> Vectors:
        # One call at a time: the tokenizer's padding state is not safe to share, and PyTorch
        # spreads a single call over the cores by itself.
        with self._lock:
            if self._model is None:
                self._model = self._load()
            encode = self._model.encode_query if query else self._model.encode_document
            vectors = encode(
                texts,
                prompt=(self._card.query if query else self._card.document) or None,
                batch_size=len(texts),
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> SentenceTransformer:
        model = load_model(self.weights)
        if model.get_embedding_dimension() != self.dimension:
            raise ConfigurationError(
                f"{self.weights.folder} makes vectors of length {model.get_embedding_dimension()},"
                f" its files say {self.dimension}: the folder is incomplete"
            )
        return model


def load_model(weights: Weights, **options: Any) -> SentenceTransformer:
    """The model in PyTorch, with sentence-transformers' ``options``; never touches the network.

    Raises:
        ConfigurationError: the weights are not the expected ones.
    """
    weights.verify()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with weights.loadable() as folder:
        return SentenceTransformer(str(folder), local_files_only=True, **options)
