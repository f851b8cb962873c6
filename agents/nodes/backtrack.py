"""The way back from thin evidence: another tool, a wider search, or other words; from partial evidence a hop.

Each at most once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.bounds import Spent
from agents.nodes.asking import ask_or_plan
from agents.nodes.route import SEARCH
from agents.nodes.step import Note
from agents.nodes.understand import QUERY_SCHEMA, query_of
from agents.prompts import load
from agents.state import Context, Outcome, State, Way
from rag.llm.base import ChatRequest, Message, ToolCall


def way_back(
    results: Sequence[Outcome], tried: Sequence[Way], can_search: bool, leads: Sequence[object] = ()
) -> Way | None:
    """What has not been tried: the passages, then one without the filter that all had, then other words.

    Where what was found leads on, that is followed and nothing else is tried.
    """
    searches = [outcome.call for outcome in results if outcome.call.name == SEARCH]
    if not can_search:
        return None
    if leads:
        return "hop" if "hop" not in tried else None
    if not searches and "other_tool" not in tried:
        return "other_tool"
    if "widen" not in tried and searches and all(set(call.arguments) - {"query"} for call in searches):
        return "widen"
    return "rewrite" if "rewrite" not in tried else None


async def backtrack(state: State, context: Context, note: Note) -> dict[str, Any]:
    """The next search; ``plan`` drops one that was made before, and ``grade`` goes on to the next way.

    A hop is as many searches as the bounds leave.
    """
    leads = state["leads"]
    way = way_back(state["results"], state["tried"], SEARCH in context.tools, leads) or "rewrite"
    query = await _reworded(state, context, note) if way == "rewrite" else state["query"]
    note.detail.update(way=way, query=query)
    note.spent += Spent(rewrites=1)
    room = min(context.bounds.parallel, context.bounds.tool_calls - state["spent"].tool_calls)
    searches = leads[:room] or [{"query": query}]
    calls = [ToolCall(f"{way}{number}", SEARCH, search) for number, search in enumerate(searches)]
    return {"calls": calls, "tried": [*state["tried"], way]}


async def _reworded(state: State, context: Context, note: Note) -> str:
    messages = (Message("system", load("rewrite")), Message("user", state["query"]))
    request = ChatRequest(messages, context.deadline, schema=QUERY_SCHEMA, max_tokens=200)
    return query_of(await ask_or_plan(context, note, state["spent"], request)) or state["query"]
