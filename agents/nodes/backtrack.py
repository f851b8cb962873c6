"""The way back from thin evidence: another tool, a wider search, or other words. Each at most once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from agents.bounds import Spent
from agents.nodes.asking import ask_or_plan
from agents.nodes.route import SEARCH
from agents.nodes.step import Note
from agents.nodes.understand import QUERY_SCHEMA, query_of
from agents.prompts import load
from agents.state import Context, Outcome, State
from rag.llm.base import ChatRequest, Message, ToolCall

Way = Literal["other_tool", "widen", "rewrite"]


def way_back(results: Sequence[Outcome], can_search: bool) -> Way | None:
    """What has not been tried: the passages, then a search without its filter, then one in other words."""
    searches = [outcome.call for outcome in results if outcome.call.name == SEARCH]
    tried = {call.id.partition(".")[0] for call in searches}
    if not can_search:
        return None
    if not searches:
        return "other_tool"
    if "widen" not in tried and any(set(call.arguments) - {"query"} for call in searches):
        return "widen"
    return "rewrite" if "rewrite" not in tried else None


async def backtrack(state: State, context: Context, note: Note) -> dict[str, Any]:
    """The next search."""
    way = way_back(state["results"], SEARCH in context.tools) or "rewrite"
    query = await _reworded(state, context, note) if way == "rewrite" else state["query"]
    note.detail.update(way=way, query=query)
    note.spent += Spent(rewrites=1)
    return {"calls": [ToolCall(way, SEARCH, {"query": query})]}


async def _reworded(state: State, context: Context, note: Note) -> str:
    messages = (Message("system", load("rewrite")), Message("user", state["query"]))
    request = ChatRequest(messages, context.deadline, schema=QUERY_SCHEMA, max_tokens=200)
    return query_of(await ask_or_plan(context, note, state["spent"], request)) or state["query"]
