"""A thread goes on where it was: after a yes or a no, after a client that left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from agents.events import Done, NodeDone
from agents.graph import build_agent
from agents.memory.sqlite import sqlite_threads
from agents.run import run
from agents.state import Context
from agents.tools.base import Tool, ToolResult
from rag.errors import Conflict, NotFound
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from tests.agents import Corpus, Counted, Killed, Lethal, calls, context, events, hit, nodes, resumed

THREAD = "t"
QUESTION = "How big is the cache, and how is the weather of 7?"


PLAN = calls(("first", {"x": 1}), ("second", {"x": 2}), ("search_corpus", {"query": "cache"}))


def say(request: ChatRequest) -> ChatReply | str:
    if request.tools:
        return PLAN
    return '{"query": "other words"}' if request.schema else "It takes 131,072 bytes per token [1]."


def setup(counted: Counted, cosines: Sequence[float] = (0.1, 0.8)) -> tuple[Context, Corpus]:
    corpus = Corpus(*([hit(cosine)] for cosine in cosines))
    tools = [counted.tool("first"), counted.tool("second")]
    return context(ScriptedChat(say), corpus, more_tools=tools), corpus


@pytest.mark.parametrize("approve", [True, False])
async def test_a_tool_that_changes_something_waits_for_a_yes(tmp_path: Path, approve: bool) -> None:
    counted = Counted()
    chat = ScriptedChat(lambda request: calls(("first", {"x": 1}), ("change", {"x": 2})))
    tools = [counted.tool("first"), counted.tool("change", side_effects=True)]
    ctx = context(chat, Corpus([]), more_tools=tools)
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        waits = await events(graph, "Change it.", ctx)
        assert isinstance(waits[-1], Done)
        assert [call.name for call in waits[-1].waiting] == ["change"]
        assert counted.called == []
        with pytest.raises(Conflict, match="waits for approval"):
            await events(graph, "And another thing?", ctx)
        with pytest.raises(Conflict, match="yes or no"):
            await resumed(graph, ctx)
        happened = await resumed(graph, ctx, approve)
        with pytest.raises(Conflict, match="has answered"):
            await resumed(graph, ctx, approve)
    done = happened[-1]
    assert isinstance(done, Done)
    assert counted.called == (["first", "change"] if approve else ["first"])
    assert ("change says 2" in done.answer.text) == approve
    assert [one.part for one in done.answer.degraded] == ([] if approve else ["change"])
    assert done.waiting == ()


async def test_what_was_approved_is_not_called_again_with_other_arguments(tmp_path: Path) -> None:
    called: list[object] = []

    async def fail(arguments: Mapping[str, object], _deadline: Deadline) -> ToolResult:
        called.append(arguments["x"])
        return ToolResult("x is out of range", failed=True)

    chat = ScriptedChat(lambda request: calls(("change", {"x": 2 + len(called)})))
    change = Tool("change", "Changes it.", {"type": "object"}, fail, side_effects=True)
    ctx = context(chat, Corpus([]), more_tools=[change])
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        await events(graph, "Change it.", ctx)
        await resumed(graph, ctx, approve=True)
    assert called == [2]


async def test_what_was_denied_is_told_and_nothing_is_looked_for_in_its_place(tmp_path: Path) -> None:
    chat = ScriptedChat(lambda request: calls(("change", {"x": 2})))
    ctx = context(
        chat, corpus := Corpus([hit(0.8)]), more_tools=[Counted().tool("change", side_effects=True)]
    )
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        await events(graph, "Change it.", ctx)
        happened = await resumed(graph, ctx, approve=False)
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.text == "Not done: change was not approved."
    assert (done.answer.abstained, done.answer.degraded, corpus.queries) == (True, (), [])


async def test_without_a_thread_nothing_that_changes_something_runs() -> None:
    counted = Counted()
    chat = ScriptedChat(lambda request: calls(("change", {"x": 2})) if request.tools else '{"query": "x"}')
    tools = [counted.tool("change", side_effects=True)]
    happened = await events(build_agent(), "Change it.", context(chat, Corpus([]), more_tools=tools))
    done = happened[-1]
    assert isinstance(done, Done)
    assert counted.called == []
    assert "ask within one" in done.answer.text


async def test_a_thread_that_nobody_began_cannot_go_on(tmp_path: Path) -> None:
    ctx, _ = setup(Counted())
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        with pytest.raises(NotFound):
            await resumed(build_agent(threads.saver), ctx)


async def test_a_question_after_a_crash_starts_anew(tmp_path: Path) -> None:
    counted = Counted()
    ctx, _ = setup(counted, [0.8])
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        with pytest.raises(Killed):
            await events(graph, "What is lost?", replace(ctx, stages=Lethal("grade")))
        happened = await events(graph, QUESTION, ctx)
        state = await graph.aget_state({"configurable": {"thread_id": THREAD}})
    assert nodes(happened)[0] == "understand"
    assert state.values["history"][0].content == QUESTION
    assert state.values["turns"] == []


@pytest.mark.parametrize("node", ["understand", "route", "plan", "act", "grade", "backtrack", "answer"])
async def test_a_client_that_leaves_after_a_node_can_come_back(tmp_path: Path, node: str) -> None:
    """Cancelled between a node's end and its checkpoint, the node has not half happened."""
    counted = Counted()
    ctx, _ = setup(counted)
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        async with aclosing(run(graph, QUESTION, ctx, THREAD)) as happenings:
            async for event in happenings:
                if isinstance(event, NodeDone) and event.step.node == node:
                    break
        happened = await resumed(graph, ctx)
    done = happened[-1]
    assert isinstance(done, Done)
    assert "131,072 bytes" in done.answer.text
    assert nodes(happened)[-1] == "finish"


async def test_a_run_of_the_rules_that_waits_is_graded_so(tmp_path: Path) -> None:
    change = Counted().tool("remember", side_effects=True)
    ctx = context(ScriptedChat([]), Corpus([]), more_tools=[change])
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        graph = build_agent(threads.saver)
        waits = await events(graph, "Remember that I like French.", replace(ctx, chat=ctx.planner))
    assert isinstance(waits[-1], Done)
    assert ([call.name for call in waits[-1].waiting], waits[-1].answer.grade) == (["remember"], "extractive")
