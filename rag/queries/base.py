"""The contract of a query expander: a question to what is looked up for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.llm.base import Message
from rag.resilience.deadline import Deadline

MOST_QUERIES = 4
"""Queries that one question becomes, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class Queries:
    """What is looked up for a question.

    Attributes:
        texts: the queries, at least one; the first stands for the question, also before the reranker.
        hypothetical: made-up passages that could answer the first; they join its dense leg and no other.
        why: what was done, in a few words.
    """

    texts: tuple[str, ...]
    hypothetical: tuple[str, ...] = ()
    why: str = "as it stands"


class QueryExpander(Protocol):
    """Turns a question into queries, and into itself where nothing is to be gained."""

    @property
    def name(self) -> str:
        """The method, and the model if one is asked, for ``parts``."""

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """The queries for ``query``, which was asked after ``history``.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them; the caller has the question itself.
        """
