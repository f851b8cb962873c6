"""Conversation-aware rewriting without a model: a follow-up is looked up with the question before it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import Message
from rag.llm.extractive_follow_ups import follow_up
from rag.queries.base import Queries
from rag.resilience.deadline import Deadline


class RuleRewriter:
    """Puts the last question before a short one that points back; the rule that plans without a model."""

    name = "rewrite(rule)"

    async def expand(
        self,
        query: str,
        history: Sequence[Message],
        deadline: Deadline,  # noqa: ARG002 (the contract's)
    ) -> Queries:
        """One query: the question, or it and the one before."""
        joined = follow_up(query, history) if history else query
        return Queries((joined,), why="as it stands" if joined == query else "after the question before it")
