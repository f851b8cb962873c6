"""No reranking: the order of the fusion stays."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Hit


class NoReranker:
    """Gives the hits back as they are."""

    name = "none"
    batch_size = 1000

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:  # noqa: ARG002 (the contract's)
        """The same hits in the same order, without a ``rerank_score``."""
        return list(hits)
