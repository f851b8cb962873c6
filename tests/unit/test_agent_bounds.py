"""Bounds: whatever a model says, a run ends within them, and an answer cut short says which one it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agents.bounds import FEWEST_STEPS, Bounds, Spent, ran_out
from agents.events import Done, Token, ToolUse
from agents.graph import build_agent
from agents.nodes.asking import ask
from agents.nodes.step import Note
from rag.llm.base import ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.scripted import ScriptedChat
from rag.llm.tokens import estimated_tokens
from rag.resilience.deadline import Deadline
from rag.types import Usage
from tests.agents import QUESTION, SEARCH, Corpus, calls, context, events, hit
from tests.clocks import ManualClock


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        (Bounds(steps=FEWEST_STEPS), "steps (8)"),
        (Bounds(tool_calls=1), "tool calls (1)"),
        (Bounds(rewrites=0), "rewrites (0)"),
    ],
)
async def test_a_run_that_a_bound_cuts_short_answers_and_names_the_bound(bounds: Bounds, named: str) -> None:
    chat = ScriptedChat(lambda request: SEARCH if request.tools else "It takes 131,072 bytes per token [1].")
    happened = await events(build_agent(), QUESTION, context(chat, Corpus([hit(0.1)]), bounds))
    done = happened[-1]
    assert isinstance(done, Done)
    assert "131,072 bytes" in done.answer.text
    [said] = done.answer.degraded
    assert (said.part, named in said.why) == ("agent", True)


@pytest.mark.parametrize("bounds", [Bounds(tokens=7000), Bounds(money=0.0, prompt_price=1.0)])
async def test_without_tokens_or_money_the_rules_plan_and_answer(bounds: Bounds) -> None:
    def say(request: ChatRequest) -> ChatReply:
        return replace(SEARCH if request.tools else calls(), usage=Usage(90, 10))

    chat = ScriptedChat(say)
    happened = await events(build_agent(), QUESTION, context(chat, Corpus([hit(0.8)]), bounds))
    done = happened[-1]
    assert isinstance(done, Done)
    assert chat.requests == []
    assert done.answer.grade == "extractive"
    assert "131,072 bytes" in "".join(event.text for event in happened if isinstance(event, Token))
    assert {item.part for item in done.answer.degraded} == {"agent"}


async def test_near_the_deadline_nothing_new_is_begun() -> None:
    clock = ManualClock()
    ctx = context(ScriptedChat([]), Corpus([hit(0.1)]), Bounds(reserve_s=5))
    ctx = replace(ctx, chat=ctx.planner, deadline=Deadline.after(4.0, clock))
    happened = await events(build_agent(), QUESTION, ctx)
    done = happened[-1]
    assert isinstance(done, Done)
    assert any("deadline" in item.why for item in done.answer.degraded)


async def test_the_tools_of_a_planning_call_are_counted_before_it_is_made() -> None:
    tool = ToolSpec("look", "Looks it up. " * 100, {"type": "object", "properties": {}})
    messages = (Message("user", "How big is it?"),)
    bare, whole = estimated_tokens(messages), estimated_tokens(messages, [tool])
    for tools, tokens, asked in (((), bare, 1), ((tool,), whole - 1, 0), ((tool,), whole, 1)):
        chat = ScriptedChat([ChatReply("It is.", "stop", "m")])
        bounds = Bounds(tokens=tokens + 100, answer=Usage(0, 0))
        ctx = context(chat, Corpus([]), bounds)
        request = ChatRequest(messages, ctx.deadline, tools=tools, max_tokens=100)
        await ask(ctx, Note(), Spent(), request)
        assert len(chat.requests) == asked


async def test_calls_that_fail_side_by_side_leave_each_other_their_part_of_the_bounds() -> None:
    failing = calls(*(("calculator", {"expression": f"{number}/0"}) for number in (1, 2)))
    repaired = calls(("calculator", {"expression": "4/2"}))

    def say(request: ChatRequest) -> ChatReply | str:
        if "was called with" in request.messages[-1].content:
            return repaired
        return failing if request.tools else "131,072 bytes [1]."

    for bound, used in ((3, 2), (4, 4)):
        ctx = context(ScriptedChat(say), Corpus([]), Bounds(tool_calls=bound))
        happened = await events(build_agent(), QUESTION, ctx)
        made = [event for event in happened if isinstance(event, ToolUse) and event.name == "calculator"]
        assert len(made) == used


async def test_a_planning_call_is_fitted_to_the_models_window() -> None:
    turns = [Message("user" if n % 2 == 0 else "assistant", f"It is {n}. " * 50) for n in range(8)]
    system, question = Message("system", "Choose."), Message("user", "How big is it?")
    tool = ToolSpec("look", "Looks it up. " * 20, {"type": "object", "properties": {}})
    smallest = estimated_tokens((system, question), [tool])
    for kept, window in ((8, 9999), (2, smallest + estimated_tokens(turns[6:]) + 100), (0, smallest + 60)):
        chat = ScriptedChat([ChatReply("It is.", "stop", "m")], window)
        ctx = context(chat, Corpus([]), Bounds())
        request = ChatRequest((system, *turns, question), ctx.deadline, (tool,), max_tokens=100)
        await ask(ctx, Note(), Spent(), request)
        (sent,) = chat.requests
        assert sent.messages == (system, *turns[8 - kept :], question)
        assert sent.max_tokens == (100 if kept else 60)


async def test_a_backend_that_never_counts_tokens_takes_a_step_no_longer_than_its_share() -> None:
    chat = ScriptedChat([])

    async def silent(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    chat.count_tokens = silent  # type: ignore[method-assign]
    ctx = replace(context(chat, Corpus([])), deadline=Deadline.after(1.0))
    note = Note()
    async with asyncio.timeout(0.8):
        assert await ask(ctx, note, Spent(), ChatRequest((), ctx.deadline)) is None
    assert "counting" in note.degraded[0].why
    assert chat.requests == []


@pytest.mark.parametrize(
    ("spent", "named"),
    [
        (Spent(steps=17), "steps"),
        (Spent(tool_calls=9), "tool calls"),
        (Spent(rewrites=3), "rewrites"),
        (Spent(tokens=Usage(40_000, 1)), "tokens"),
        (Spent(tokens=Usage(0, 600)), "money"),
        (Spent(16, 8, 2, Usage(100, 100)), None),
    ],
)
def test_one_function_knows_every_bound(spent: Spent, named: str | None) -> None:
    bounds = Bounds(money=0.001, prompt_price=0.0, completion_price=2.0)
    bound = ran_out(bounds, spent, Deadline.after(60))
    assert (bound or "").startswith(named or "\0") or bound is named


def test_a_deadline_is_a_bound() -> None:
    clock: Callable[[], float] = ManualClock()
    assert ran_out(Bounds(reserve_s=5), Spent(), Deadline.after(5.1, clock)) is None
    assert ran_out(Bounds(reserve_s=5), Spent(), Deadline.after(5.0, clock)) is not None
