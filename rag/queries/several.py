"""Several queries for one question, by a model: the question in other words, or one part of it at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.llm.base import ChatModel, Message
from rag.queries.asking import Task, ask, distinct
from rag.queries.base import MOST_QUERIES, Queries
from rag.resilience.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Way:
    """What a model is asked to write: texts of about ``words``, which ``texts`` are called when told of."""

    name: str
    words: int
    texts: str


MULTI_QUERY = Way("multi_query", words=60, texts="other wordings")
"""The question in other words too, so that one wording's blind spot is not the search's.

Rackauckas 2024, "RAG-Fusion: a New Take on Retrieval-Augmented Generation", arXiv:2402.03367.
"""

DECOMPOSE = Way("decompose", words=40, texts="parts")
"""The simpler questions behind one whose answer stands in several places.

Press et al. 2023, "Measuring and Narrowing the Compositionality Gap in Language Models", arXiv:2210.03350,
without their waiting for one answer before the next question.
"""


class SeveralQueries:
    """A model writes queries beside the question; their rankings and its own are fused by rank."""

    def __init__(self, chat: ChatModel, way: Way, most: int = MOST_QUERIES) -> None:
        """``most``: queries, the question itself included."""
        self.name = f"{way.name}({most}, {chat.name})"
        self._chat = chat
        self._way = way
        self._most = most

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """The question, then what the model wrote; alone where that says nothing else.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them.
        """
        if self._most == 1:
            return Queries((query,))
        task = Task(self._way.name, most=self._most - 1, words=self._way.words)
        texts = distinct([query, *await ask(self._chat, task, query, history, deadline)], self._most)
        beside = len(texts) - 1
        return Queries(texts, why=f"asked in {beside} {self._way.texts}") if beside else Queries(texts)
