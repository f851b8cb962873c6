"""The contract of a place for threads: LangGraph's checkpoints, and what LangGraph has no word for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from agents.bounds import Spent
from agents.state import Outcome
from agents.tools.base import ToolResult
from rag import types
from rag.errors import Conflict
from rag.llm import base as llm

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

Saver = TypeVar("Saver", bound="BaseCheckpointSaver[Any]")

NOUNS: tuple[type, ...] = (
    types.Answer,
    types.Chunk,
    types.Citation,
    types.Degradation,
    types.Hit,
    types.LegScore,
    types.TraceStep,
    types.Usage,
    llm.Message,
    llm.ToolCall,
    Outcome,
    Spent,
    ToolResult,
)
"""The types that a checkpoint may hold; anything else found in one is refused."""


class Threads(Protocol):
    """Where threads are kept. All calls raise ``StorageError`` when the database cannot do its part."""

    @property
    def saver(self) -> BaseCheckpointSaver[Any]:
        """What a graph is compiled with."""

    async def names(self) -> list[str]:
        """All threads, sorted."""

    async def keep(self, thread: str, checkpoints: Collection[str]) -> None:
        """Forgets every checkpoint of ``thread`` but these and the newest."""

    async def rewind(self, thread: str, checkpoint: str) -> None:
        """Forgets what came after ``checkpoint``, so that the next question goes on from there."""

    async def delete(self, thread: str) -> None:
        """Forgets the thread."""

    async def scrub(self) -> None:
        """Takes what was forgotten out of the files as well, where that is ours to do."""

    def claim(self, thread: str) -> AbstractAsyncContextManager[None]:
        """Makes the body the only one to work on ``thread``, in all processes that share the database.

        Raises:
            Conflict: somebody else does; nobody waits.
        """


def serializer() -> JsonPlusSerializer:
    """How checkpoints are written: only the nouns above come back as objects."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    return JsonPlusSerializer(allowed_msgpack_modules=[(noun.__module__, noun.__name__) for noun in NOUNS])


def whole_writes(kind: type[Saver]) -> type[Saver]:
    """A saver like ``kind`` that keeps of a task that failed or was cancelled nothing but the failure.

    LangGraph (1.2) hands over what such a task had written by then as well. Read back, half of a node's
    writes would pass for all of them: the state without the edges that lead on, and the run would end there.
    """
    from langgraph.checkpoint.serde.types import ERROR

    class WholeWrites(kind):  # type: ignore[valid-type, misc]  # the base is the argument
        async def aput_writes(
            self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
        ) -> None:
            failures = [write for write in writes if write[0] == ERROR]
            await super().aput_writes(config, failures or writes, task_id, task_path)

    return WholeWrites


def busy(thread: str) -> Conflict:
    """The error of a thread that somebody else works on."""
    return Conflict(f"thread {thread!r} is answering another question: wait for it, or use another thread")
