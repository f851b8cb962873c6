"""Small deterministic parts for tests: they obey the contracts and need no weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from rag.embedding.base import TextKind, TokenEmbedder, Vectors
from rag.llm.base import ToolSpec
from rag.llm.extractive_decision import Weights
from rag.llm.extractive_scoring import Tuning

_WORD = re.compile(r"\w+|[^\w\s]")


HASHED = Tuning(answering=Weights(1, 0, -0.21, 0, 0, 0, 0, constant=-0.37))
"""For extraction over ``HashingEmbedder``: the weights are those of a real encoder, these are less alike."""


ALL_TOOLS = tuple(
    ToolSpec(name, "", {})
    for name in (
        "search_corpus", "calculator", "kv_cache_size", "model_flops", "gpu_memory", "compare",
        "read_document", "list_documents", "remember", "recall", "answer_directly",
    )
)  # fmt: skip
"""The agent's own tools by name, for a planner that asks no more of them."""


class HashingEmbedder:
    """Adds up a fixed random direction for each word: texts that share words are near each other."""

    name = "hashing-64"
    tokenizer = "words"
    dimension = 64
    max_tokens = 256
    languages: frozenset[str] | None = None

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    async def embed_query(self, text: str) -> Vectors:
        return self._vector(text)

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return self

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        words = [_WORD.findall(text.lower()) or [""] for text in texts]
        return [np.array([self._vector(word) for word in found]) for found in words]

    def _vector(self, text: str) -> Vectors:
        total = np.full(self.dimension, 1e-6, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            total += np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return total / np.float32(np.linalg.norm(total))
