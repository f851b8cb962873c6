"""Whatever a model answers, whatever its user says, wherever it is killed: a run ends within its bounds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START

from agents.bounds import ENDING, FEWEST_STEPS, ROUND, Bounds
from agents.events import Done, Event
from agents.graph import build_agent
from agents.memory.base import serializer
from agents.state import Context, Way
from agents.tools import ToolResult
from agents.tools.base import Tool
from rag.errors import Conflict, ModelUnavailable, ToolError
from rag.llm.base import ChatReply, ToolCall
from rag.llm.scripted import Broken, ScriptedChat
from rag.resilience.deadline import Deadline
from rag.types import Usage
from tests.agents import TEXT, Corpus, Killed, Lethal, context, events, hit, resumed

USAGE = st.builds(Usage, st.integers(0, 200), st.integers(0, 200))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
ARGUMENTS = st.one_of(
    st.just({}),
    st.dictionaries(st.text(max_size=8), JSON, max_size=3),
    st.fixed_dictionaries({"query": st.text(max_size=12)}),
    st.fixed_dictionaries(
        {"query": st.just("x"), "filters": st.dictionaries(st.text(max_size=4), JSON, max_size=2)}
    ),
    st.fixed_dictionaries({"expression": st.sampled_from(["1/0", "2*3", "((", ""])}),
    st.fixed_dictionaries({"answer": JSON}),
)
NAMES = st.sampled_from(
    [
        "search_corpus",
        "calculator",
        "nothing",
        "answer_directly",
        "out_of_scope",
        "broken",
        "change",
        "compare",
    ]
)
CALLS = st.lists(st.builds(ToolCall, st.text(max_size=3), NAMES, ARGUMENTS), max_size=9).map(tuple)
REPLIES = st.one_of(
    st.builds(lambda made, used: ChatReply("", "tool_calls", "random", made, used), CALLS, USAGE),
    st.builds(lambda text, used: ChatReply(text, "stop", "random", (), used), st.text(max_size=40), USAGE),
    st.builds(
        lambda value, used: ChatReply(json.dumps(value), "stop", "random", (), used),
        st.fixed_dictionaries({"query": JSON}) | JSON,
        USAGE,
    ),
    st.just(ModelUnavailable("down")),
    st.text(max_size=9).map(lambda text: Broken(text, ModelUnavailable("cut"))),
)
CHANGES = st.builds(
    lambda made: ChatReply("", "tool_calls", "random", (ToolCall("", "change", {}), *made)), CALLS
)
BOUNDS = st.builds(
    Bounds,
    steps=st.integers(FEWEST_STEPS, 24),
    tool_calls=st.integers(0, 9),
    parallel=st.integers(1, 5),
    rewrites=st.integers(0, 4),
    tokens=st.integers(0, 9000),
    money=st.none() | st.floats(0, 0.01),
    prompt_price=st.just(1.0),
    completion_price=st.just(2.0),
    answer=st.just(Usage(600, 400)),
)
COSINES = st.lists(st.floats(0, 1), min_size=1, max_size=4)
HOW_BIG, THREAD = "How big is it?", "t"
SEVERAL = (
    "Our chat service keeps long conversations: how large does the cache of keys and values grow,"
    " which part of it does paging save, and how many requests fit beside the weights of a model?"
)
NODES = sorted(set(build_agent().nodes) - {START})


async def _broken(arguments: Any, deadline: Deadline) -> ToolResult:
    raise ToolError("it is broken")


class Changing:
    """A tool that changes something, and a user who is asked whether it may."""

    def __init__(self) -> None:
        self.approved: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()

    def tools(self) -> list[Tool]:
        return [
            Tool("broken", "fails", {"type": "object"}, _broken),
            Tool("change", "changes", {"type": "object"}, self._change, side_effects=True),
        ]

    async def _change(self, arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
        self.changed[repr(dict(arguments))] += 1
        return ToolResult("changed")

    async def answer(self, graph: Any, ctx: Context, yes: bool) -> list[Event]:
        """Goes on where the thread was left: with what the user says, if that is what it waits for."""
        left = await graph.aget_state({"configurable": {"thread_id": THREAD}})
        if not left.interrupts:
            return await (resumed(graph, ctx) if left.values else events(graph, HOW_BIG, ctx, THREAD))
        with pytest.raises(Conflict):
            await events(graph, HOW_BIG, ctx, THREAD)
        if yes:
            self.approved.update(repr(dict(call.arguments)) for call in left.values["waiting"])
        return await resumed(graph, ctx, yes)


def waits(happened: list[Event]) -> bool:
    return isinstance(happened[-1], Done) and bool(happened[-1].waiting)


def check_bounds(happened: list[Event], bounds: Bounds) -> None:
    done = happened[-1]
    assert isinstance(done, Done)
    trace = [step.node for step in done.answer.trace]
    acted = [step for step in done.answer.trace if step.node == "act"]
    steps, back = len(trace) - len(acted), trace.count("backtrack")
    assert back <= min(bounds.rewrites, len(get_args(Way)))
    # One round without a way back, and one with each.
    assert steps <= min(bounds.steps, FEWEST_STEPS + ROUND * back)
    assert sum(1 + ("repaired" in step.detail) for step in acted) <= bounds.tool_calls
    # What a reply may take is kept free before it is asked for, and no reply here takes more than that.
    assert done.answer.usage.prompt_tokens + done.answer.usage.completion_tokens <= bounds.tokens
    assert trace[-ENDING:] == ["answer", "verify", "finish"]
    assert done.answer.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bounds=BOUNDS, replies=st.data(), cosine=COSINES)
async def test_whatever_a_model_answers_a_run_ends_within_its_bounds(
    bounds: Bounds, replies: st.DataObject, cosine: list[float]
) -> None:
    chat, user = ScriptedChat(lambda request: replies.draw(REPLIES)), Changing()
    corpus = Corpus(*([hit(one)] if one > 0.2 else [] for one in cosine))
    check_bounds(await events(build_agent(), HOW_BIG, context(chat, corpus, bounds, user.tools())), bounds)
    assert not user.changed, "without a thread nobody can have approved it"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bounds=BOUNDS, linked=st.lists(st.sampled_from(["kv.md", "b.md", "../c.md", "http://x.y"])))
async def test_wherever_links_lead_a_run_by_rules_ends_within_its_bounds(
    bounds: Bounds, linked: list[str]
) -> None:
    links = " ".join(f"[cache]({path})" for path in linked)
    ctx = context(
        ScriptedChat([]), Corpus([hit(0.8, f"{TEXT} The cache of a long context: {links}.")]), bounds
    )

    async def known(ids: Collection[str]) -> Collection[str]:
        return ids

    ran = await events(build_agent(), SEVERAL, replace(ctx, chat=ctx.planner, known=known))
    check_bounds(ran, bounds)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bounds=BOUNDS, drawn=st.data(), cosine=COSINES)
async def test_whatever_a_model_and_its_user_do_a_killed_and_resumed_thread_ends_within_its_bounds(
    bounds: Bounds, drawn: st.DataObject, cosine: list[float]
) -> None:
    chat, user = ScriptedChat(lambda request: drawn.draw(CHANGES if request.tools else REPLIES)), Changing()
    corpus = Corpus(*([hit(one)] if one > 0.2 else [] for one in cosine))
    graph, ctx = build_agent(InMemorySaver(serde=serializer())), context(chat, corpus, bounds, user.tools())
    happened: list[Event] = []
    for killed_at in drawn.draw(st.lists(st.sampled_from(NODES), max_size=4)):
        try:
            happened = await user.answer(
                graph, replace(ctx, stages=Lethal(killed_at)), drawn.draw(st.booleans())
            )
        except Killed:
            continue
        if not waits(happened):
            break
    while not happened or waits(happened):
        happened = await user.answer(graph, ctx, drawn.draw(st.booleans()))
    check_bounds(happened, bounds)
    assert user.changed <= user.approved
