"""Conversation-aware rewriting: a question that leans on what was said before, made to stand alone."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import ChatModel, Message
from rag.queries.asking import Task, ask
from rag.queries.base import Queries
from rag.resilience.deadline import Deadline

_TASK = Task("rewrite", most=1, words=60)


class Rewriter:
    """A model writes the question so that it is understood without the conversation.

    Vakulenko et al. 2021, "Question Rewriting for Conversational Question Answering", arXiv:2004.14652.
    """

    def __init__(self, chat: ChatModel) -> None:
        self.name = f"rewrite({chat.name})"
        self._chat = chat

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """One query, in place of the question; without a conversation nothing is asked.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them.
        """
        if not history:
            return Queries((query,))
        return Queries(await ask(self._chat, _TASK, query, history, deadline), why="rewritten by the model")
