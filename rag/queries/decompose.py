"""Decomposition: a question whose answer stands in several places, asked one part at a time."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import ChatModel, Message
from rag.queries.asking import Task, ask, distinct
from rag.queries.base import MOST_QUERIES, Queries
from rag.resilience.deadline import Deadline


class Decomposer:
    """A model names the simpler questions behind one; their rankings and its own are fused by rank.

    Press et al. 2023, "Measuring and Narrowing the Compositionality Gap in Language Models",
    arXiv:2210.03350, without their waiting for one answer before the next question.
    """

    def __init__(self, chat: ChatModel, most: int = MOST_QUERIES) -> None:
        self.name = f"decompose({most}, {chat.name})"
        self._chat = chat
        self._most = most

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """The question and its parts; a simple one comes back alone.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them.
        """
        if self._most == 1:
            return Queries((query,))
        task = Task("decompose", most=self._most - 1, words=40)
        texts = distinct([query, *await ask(self._chat, task, query, history, deadline)], self._most)
        return Queries(texts, why=f"asked in {len(texts) - 1} parts" if len(texts) > 1 else "as it stands")
