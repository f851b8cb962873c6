"""Multi-query: the question in other words too, so that one wording's blind spot is not the search's."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import ChatModel, Message
from rag.queries.asking import Task, ask, distinct
from rag.queries.base import MOST_QUERIES, Queries
from rag.resilience.deadline import Deadline


class MultiQuery:
    """A model writes other wordings; their rankings and the question's own are fused by rank.

    Rackauckas 2024, "RAG-Fusion: a New Take on Retrieval-Augmented Generation", arXiv:2402.03367.
    """

    def __init__(self, chat: ChatModel, most: int = MOST_QUERIES) -> None:
        self.name = f"multi_query({most}, {chat.name})"
        self._chat = chat
        self._most = most

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """The question and its other wordings.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them.
        """
        if self._most == 1:
            return Queries((query,))
        task = Task("multi_query", most=self._most - 1, words=60)
        texts = distinct([query, *await ask(self._chat, task, query, history, deadline)], self._most)
        return Queries(texts, why=f"asked in {len(texts)} wordings")
