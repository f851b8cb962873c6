"""HyDE: what an answer could look like is nearer to the passages that answer than the question is."""

from __future__ import annotations

from collections.abc import Sequence

from rag.llm.base import ChatModel, Message
from rag.queries.asking import Task, ask
from rag.queries.base import Queries
from rag.resilience.deadline import Deadline

_TASK = Task("hyde", most=1, words=150)


class Hyde:
    """A model makes up a passage that answers; its vector joins the question's on the dense leg.

    Gao, Ma, Lin & Callan 2023, "Precise Zero-Shot Dense Retrieval without Relevance Labels", ACL 2023,
    arXiv:2212.10496, with one passage instead of their eight. What it says may be wrong: it is looked up and
    never shown, and the sparse leg, which would look for its invented words, does not get it.
    """

    def __init__(self, chat: ChatModel) -> None:
        self.name = f"hyde({chat.name})"
        self._chat = chat

    async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
        """The question, and a passage for the dense leg.

        Raises:
            ModelError, DeadlineExceeded: as the model raises them.
        """
        passage = await ask(self._chat, _TASK, query, history, deadline)
        return Queries((query,), hypothetical=passage, why="with a made-up passage")
