"""No expansion: the question is the query."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import Message
from rag.queries.base import Queries
from rag.resilience.deadline import Deadline


class AsItStands:
    """Looks up the question and nothing else."""

    name = "none"

    async def expand(
        self,
        query: str,
        history: Sequence[Message],  # noqa: ARG002 (the contract's)
        deadline: Deadline,  # noqa: ARG002 (the contract's)
    ) -> Queries:
        """The question alone."""
        return Queries((query,))
