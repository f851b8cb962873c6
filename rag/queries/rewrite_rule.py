"""Conversation-aware rewriting without a model: a follow-up is looked up with the question before it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import Message
from rag.llm.extractive_follow_ups import follow_up, leans
from rag.queries.base import Queries
from rag.resilience.deadline import Deadline


class RuleRewriter:
    """Puts the last question before one that points back or is short; the rule that plans without a model."""

    name = "rewrite(rule)"

    async def expand(
        self,
        query: str,
        history: Sequence[Message],
        deadline: Deadline,  # noqa: ARG002 (the contract's)
    ) -> Queries:
        """The question, or it after the one before; both where only its length says that it goes on."""
        joined = follow_up(query, history) if history else query
        if joined == query:
            return Queries((query,), why="as it stands")
        texts = (joined,) if leans(query) else (joined, query)
        return Queries(texts, why="after the question before it")
