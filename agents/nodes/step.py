"""What every node has in common: it is timed, counted, written into the trace, and told as an event."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from langgraph.runtime import Runtime
from langgraph.types import Overwrite

from agents.bounds import Spent
from agents.events import Event, NodeDone
from agents.state import Context
from rag.types import Degradation, TraceStep

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
Update = dict[str, Any]


@dataclass(slots=True)
class Note:
    """What a node writes down while it runs: details for the trace, what it spent, what went less well.

    ``emit`` tells an event to whoever listens.
    """

    emit: Callable[[Event], None] = lambda _: None
    detail: dict[str, Any] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    degraded: list[Degradation] = field(default_factory=list)


Node = Callable[[S, Context, Note], Awaitable[Update]]


class Step(Protocol[S_contra]):
    """A node as LangGraph calls it."""

    def __call__(self, state: S_contra, runtime: Runtime[Context]) -> Awaitable[Update]:
        """What the node writes into the state."""


def step(name: str, node: Node[S], *, first: bool = False, counted: bool = True) -> Step[S]:
    """``node`` as LangGraph runs it.

    The ``first`` node of a question forgets what the thread's previous question spent and did. A node that
    is not ``counted`` takes no step: it is bounded in another way.
    """

    async def run(state: S, runtime: Runtime[Context]) -> Update:
        note, start = Note(runtime.stream_writer), time.perf_counter()
        with runtime.context.stages.time(name):
            update = await node(state, runtime.context, note)
        done = TraceStep(name, round((time.perf_counter() - start) * 1000, 3), note.detail)
        note.emit(NodeDone(done))
        kept: Update = {
            "trace": [done],
            "spent": note.spent + Spent(steps=int(counted)),
            "degraded": note.degraded,
        }
        return update | ({key: Overwrite(value) for key, value in kept.items()} if first else kept)

    return run
