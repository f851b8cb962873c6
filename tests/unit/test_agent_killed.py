"""A run that is killed at any node goes on where it was, and repeats no tool call that had finished."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START

from agents.events import Done, ToolUse
from agents.graph import build_agent
from agents.memory.base import serializer
from agents.memory.sqlite import sqlite_threads
from agents.state import Context
from rag.errors import Conflict
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.scripted import ScriptedChat
from rag.telemetry.stages import Stages
from tests.agents import Corpus, Counted, Killed, Lethal, calls, context, events, hit, resumed
from tests.doomed import AT_WORK, THREAD, doomed_run

QUESTION = "How big is the cache, and how is the weather of 7?"
PLAN = calls(
    ("first", {"x": 1}), ("second", {"x": 2}), ("change", {"x": 3}), ("search_corpus", {"query": "cache"})
)


def say(request: ChatRequest) -> ChatReply | str:
    if request.tools:
        return PLAN
    return '{"query": "other words"}' if request.schema else "It takes 131,072 bytes per token [1]."


def setup(counted: Counted) -> tuple[Context, Corpus]:
    """A run through every node: a call waits for approval, and what is found first is thin."""
    corpus = Corpus([hit(0.1)], [hit(0.8)])
    tools = [counted.tool("first"), counted.tool("second"), counted.tool("change", side_effects=True)]
    return context(ScriptedChat(say), corpus, more_tools=tools), corpus


async def state_of(graph: Any) -> Any:
    return await graph.aget_state({"configurable": {"thread_id": THREAD}})


async def carried_through(graph: Any, ctx: Context) -> Done:
    """Goes on until nothing is left to do, with a yes wherever the thread waits for one."""
    done = (await resumed(graph, ctx, True if (await state_of(graph)).interrupts else None))[-1]
    assert isinstance(done, Done)
    return await carried_through(graph, ctx) if done.waiting else done


async def asked_to_the_end(graph: Any, ctx: Context) -> None:
    await events(graph, QUESTION, ctx, THREAD)
    await carried_through(graph, ctx)


class Starts(Stages):
    """A stopwatch that counts how often each node starts."""

    def __init__(self) -> None:
        super().__init__()
        self.of: Counter[str] = Counter()

    def time(self, stage: str) -> Any:
        self.of[stage] += 1
        return super().time(stage)


async def starts_undisturbed() -> Counter[str]:
    """How often each node starts in a run that nothing kills."""
    ctx, _ = setup(Counted())
    ctx = replace(ctx, stages=(starts := Starts()))
    graph = build_agent(InMemorySaver(serde=serializer()))
    await asked_to_the_end(graph, ctx)
    return starts.of


@pytest.mark.parametrize("node", sorted(set(build_agent().nodes) - {START}))
async def test_killed_whenever_a_node_starts_the_thread_goes_on_and_no_finished_call_is_repeated(
    tmp_path: Path, node: str
) -> None:
    starts = (await starts_undisturbed())[node]
    assert starts > 0, "the run has to pass through every node: give it a way through this one"
    for time in range(1, starts + 1):
        counted = Counted()
        ctx, corpus = setup(counted)
        lethal = replace(ctx, stages=Lethal(node, time))
        path = tmp_path / f"{time}.sqlite"
        async with sqlite_threads(path) as threads:
            graph = build_agent(threads.saver)
            with pytest.raises(Killed):
                await asked_to_the_end(graph, lethal)
        # Another process opens the same file.
        async with sqlite_threads(path) as threads:
            graph = build_agent(threads.saver)
            done = await carried_through(graph, ctx)
            history = (await state_of(graph)).values["history"]
        assert "131,072 bytes" in done.answer.text
        assert sorted(counted.called) == ["change", "first", "second"]
        assert corpus.queries == ["cache", "other words"]
        assert [step.node for step in done.answer.trace].count("finish") == 1
        assert [message.content for message in history] == [QUESTION, done.answer.text]


async def test_a_yes_that_a_crash_cut_short_is_asked_for_again_and_may_be_a_no(tmp_path: Path) -> None:
    counted = Counted()
    ctx, _ = setup(counted)
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        await events(graph, QUESTION, ctx, THREAD)
        with pytest.raises(Killed):
            await resumed(graph, replace(ctx, stages=Lethal("approve")), approve=True)
        with pytest.raises(Conflict, match="yes or no"):
            await resumed(graph, ctx)
        await resumed(graph, ctx, approve=False)
    assert sorted(counted.called) == ["first", "second"]


async def test_a_call_that_finished_beside_one_that_died_is_not_called_again(tmp_path: Path) -> None:
    counted = Counted()
    counted.dies = True
    ctx, _ = setup(counted)
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        await events(graph, QUESTION, ctx, THREAD)
        with pytest.raises(Killed):
            await resumed(graph, ctx, approve=True)
        happened = await resumed(graph, ctx)
    assert counted.called.count("first") == counted.called.count("second") == 1
    assert [event.name for event in happened if isinstance(event, ToolUse)].count("first") == 0


async def test_killed_with_signal_9_in_mid_call_another_process_goes_on_and_repeats_no_finished_call(
    tmp_path: Path,
) -> None:
    threads, log = tmp_path / "threads.sqlite", tmp_path / "log"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doomed", str(threads), str(log), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).decode() == AT_WORK + "\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    assert log.read_text() == "first ends\nsecond begins\n"
    done = (await doomed_run(threads, log, again=True))[-1]
    assert isinstance(done, Done)
    assert log.read_text() == "first ends\nsecond begins\nsecond begins\nsecond ends\n"
    assert done.answer.text == "first says 1\nsecond says 2"
