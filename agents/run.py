"""Runs a graph on one question and turns what happens into events; goes on where a run was left."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agents.events import Done, Event
from agents.nodes.evidence import hits_of
from agents.state import Context, InputState
from rag.errors import BadInput, Conflict, NotFound
from rag.llm.base import Message
from rag.llm.extractive import EXTRACTIVE
from rag.types import Answer, Degradation, Grade

if TYPE_CHECKING:
    from agents.graph import CompiledGraph

MAX_QUESTION = 10_000
"""Longest question, in characters."""

_SUPERSTEPS = 200  # LangGraph's own bound, far behind those of agents/bounds.py


def check_question(question: str) -> str:
    """The question without white space around it.

    Raises:
        BadInput: it is blank or longer than ``MAX_QUESTION`` characters.
    """
    if not question.strip():
        raise BadInput("the question is empty: ask something")
    if len(question) > MAX_QUESTION:
        raise BadInput(
            f"the question has {len(question):,} characters, more than {MAX_QUESTION:,}: shorten it, "
            "and ingest long texts as documents"
        )
    return question.strip()


async def run(
    graph: CompiledGraph, question: str, context: Context, thread: str | None, history: Sequence[Message] = ()
) -> AsyncGenerator[Event]:
    """Events of one question in the order in which they happen; the last one is ``Done``.

    ``thread`` names the conversation to continue, ``history`` is what was said before as far as the thread
    does not know it. The time ``total`` holds all others. A run that was cut short is not continued.

    Closing the iterator cancels the run.

    Raises:
        BadInput: the question is blank or too long.
        Conflict: the thread waits for approval.
        DeadlineExceeded, ModelError, StorageError: as the parts raise them.
    """
    question, turns = check_question(question), list[str]()
    if thread is not None:
        before = await graph.aget_state(_config(thread))
        if before.interrupts:
            raise Conflict(
                f"thread {thread!r} waits for approval of a tool call: resume it with yes or no first"
            )
        turns = list(before.values.get("turns", ()))
        if before.values and not before.tasks:
            turns.append(before.config["configurable"]["checkpoint_id"])
    start: InputState = {
        "question": question,
        "history": list(history),
        "turns": turns[-context.keep_turns :],
    }
    async for event in _events(graph, start, context, thread):
        yield event


async def resume(
    graph: CompiledGraph, context: Context, thread: str, approve: bool | None = None
) -> AsyncGenerator[Event]:
    """Goes on with the run that ``thread`` was left in, by a crash or to wait for approval.

    What was finished is not done again. Events as of ``run``.

    Raises:
        NotFound: there is no such thread.
        Conflict: nothing is left to do, or the run waits for a yes or no that is not given.
    """
    from langgraph.types import Command

    left = await graph.aget_state(_config(thread))
    if not left.values:
        raise NotFound(f"there is no thread {thread!r}")
    # Not ``next``: it leaves out a task that had finished when the run was cut, its step still open.
    if not left.tasks:
        raise Conflict(f"thread {thread!r} has answered its last question: ask the next one")
    if left.interrupts and approve is None:
        raise Conflict(f"thread {thread!r} waits for approval: say yes or no")
    # LangGraph's Command is generic in what it carries, which it does not say of its own parameter.
    start: Any = Command(resume=approve) if left.interrupts else None
    async for event in _events(graph, start, context, thread):
        yield event


async def _events(
    graph: CompiledGraph, start: InputState | Any, context: Context, thread: str | None
) -> AsyncGenerator[Event]:
    config: Any = _config(thread) if thread else {"recursion_limit": _SUPERSTEPS}
    state: Any = {}
    results: Any = []
    started = time.perf_counter()
    async with context.deadline.limit("the run of the graph"):
        happenings = graph.astream(
            start,
            config,
            context=replace(context, resumable=thread is not None),
            stream_mode=["custom", "values"],
            # What a node has done is on disk before the next one starts: a crash repeats no finished call.
            durability="sync" if thread else None,
        )
        async for mode, happening in cast("AsyncIterator[tuple[str, Any]]", happenings):
            if mode == "custom":
                yield happening
            else:
                state = happening
                results = state.get("results") or results
    context.stages.add("total", (time.perf_counter() - started) * 1000)
    yield _done(state, hits_of(results), context)


def _config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}, "recursion_limit": _SUPERSTEPS}


def _done(state: dict[str, Any], hits: Sequence[Any], context: Context) -> Done:
    waiting = tuple(state["waiting"])
    if waiting:
        names = ", ".join(call.name for call in waiting)
        grade: Grade = "extractive" if context.chat.name == EXTRACTIVE else "full"
        written = Answer(f"Waiting for approval: {names}", abstained=True, grade=grade)
    else:
        written = state["answer"]
    answer = replace(
        written,
        degraded=_each_once(state["degraded"]),
        usage=state["spent"].tokens,
        timings=context.stages.ms,
        trace=tuple(state["trace"]),
    )
    return Done(answer, tuple(hits), waiting)


def _each_once(degraded: Sequence[Degradation]) -> tuple[Degradation, ...]:
    """What was done without, in order; a model that fails alike at planning and at answering is told once."""
    first: dict[tuple[str, str], Degradation] = {}
    for one in degraded:
        first.setdefault((one.part, one.reason or one.why), one)
    return tuple(first.values())
