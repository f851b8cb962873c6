"""The two graphs, nodes first and edges as a table: the agent, and the plain chain to compare it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from agents.nodes.act import act
from agents.nodes.answer import answer
from agents.nodes.approve import approve
from agents.nodes.backtrack import backtrack
from agents.nodes.finish import finish
from agents.nodes.grade import grade
from agents.nodes.guard import own_words
from agents.nodes.look_up import look_up
from agents.nodes.plan import plan
from agents.nodes.route import route
from agents.nodes.step import step
from agents.nodes.understand import understand
from agents.nodes.verify import verify
from agents.state import CallState, Context, InputState, State

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

CompiledGraph: TypeAlias = CompiledStateGraph[State, Context, InputState, State]
Router = Callable[[State], Any]


def after_route(state: State) -> Literal["plan", "answer"]:
    """What needs no tool is answered at once."""
    return "answer" if state["said"] else "plan"


def after_plan(state: State) -> Literal["approve", "grade"] | list[Send]:
    """Calls that change something wait for approval, and those beside them with them."""
    return "approve" if state["waiting"] else side_by_side(state)


def side_by_side(state: State) -> Literal["grade"] | list[Send]:
    """One ``act`` a call, all at once; none where no call is left."""
    calls = state["calls"]
    shared = {"query": state["query"], "own_words": own_words(state), "spent": state["spent"]}
    shared["beside"] = len(calls)
    return [Send("act", {"call": call, **shared}) for call in calls] or "grade"


def after_grade(state: State) -> Literal["backtrack", "answer"]:
    """Thin or partial evidence leads back; what is enough, or all that the bounds allow, is answered from."""
    return "backtrack" if state["verdict"] in ("thin", "partial") else "answer"


def build_agent(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """Understand, route, plan, act, grade, then back or on to the answer: bounded by ``agents.bounds``."""
    graph = _with_ending(StateGraph(State, context_schema=Context, input_schema=InputState))
    graph.add_node("understand", step("understand", understand, first=True))
    graph.add_node("route", step("route", route))
    graph.add_node("plan", step("plan", plan))
    graph.add_node("approve", step("approve", approve))
    graph.add_node("grade", step("grade", grade))
    graph.add_node("backtrack", step("backtrack", backtrack))

    edges = [(START, "understand"), ("understand", "route"), ("act", "grade"), ("backtrack", "plan")]
    routers: Sequence[tuple[str, Router, list[str]]] = [
        ("route", after_route, ["plan", "answer"]),
        ("plan", after_plan, ["approve", "act", "grade"]),
        ("approve", side_by_side, ["act", "grade"]),
        ("grade", after_grade, ["backtrack", "answer"]),
    ]
    for before, after in edges:
        graph.add_edge(before, after)
    for before, router, ways in routers:
        graph.add_conditional_edges(before, router, ways)
    return graph.compile(checkpointer=checkpointer, name="agent")


def build_chain(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """Retrieve with the question as it is, then answer."""
    graph = _with_ending(StateGraph(State, context_schema=Context, input_schema=InputState))
    graph.add_node("look_up", step("look_up", look_up, first=True))

    graph.add_edge(START, "look_up")
    graph.add_conditional_edges("look_up", side_by_side, ["act"])
    graph.add_edge("act", "answer")
    return graph.compile(checkpointer=checkpointer, name="chain")


def _with_ending(
    graph: StateGraph[State, Context, InputState, State],
) -> StateGraph[State, Context, InputState, State]:
    """The nodes that both graphs have: act, and answer, verify, finish at the end."""
    # A tool call is no step: it has a bound of its own.
    graph.add_node("act", step("act", act, counted=False), input_schema=CallState)
    graph.add_node("answer", step("answer", answer))
    graph.add_node("verify", step("verify", verify))
    graph.add_node("finish", step("finish", finish))
    graph.add_edge("answer", "verify")
    graph.add_edge("verify", "finish")
    graph.add_edge("finish", END)
    return graph
