"""The contract of a reranker: puts hits in a better order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.types import Hit


class Reranker(Protocol):
    """Scores each hit against the query; returns the same hits, best first, with ``rerank_score`` set.

    It reads a passage under its headings, as encoders do. ``score`` stays what it was: what the reranker's
    counts for against it is the stage's affair.
    """

    @property
    def name(self) -> str:
        """The method and its model, for ``parts``."""

    @property
    def batch_size(self) -> int:
        """How many hits it should be given at once: between two batches the time left is looked at."""

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits in their new order, none added and none dropped; ties keep their order.

        Raises:
            ModelError, IndexUnavailable: it cannot score them; the caller keeps the order that it has.
        """


def reordered(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """The hits with a ``rerank_score`` each, best first; ties keep their order."""
    scored = [(replace(hit, rerank_score=score), score) for hit, score in zip(hits, scores, strict=True)]
    return [hit for hit, _ in sorted(scored, key=lambda pair: -pair[1])]
