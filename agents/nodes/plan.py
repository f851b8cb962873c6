"""What of the calls asked for is carried out: known tools, nothing twice, and as much as the bounds leave."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agents.bounds import ENDING, Spent, ran_out, told
from agents.nodes.route import SEARCH
from agents.nodes.step import Note
from agents.state import Context, Outcome, State
from rag.llm.base import ToolCall


async def plan(state: State, context: Context, note: Note) -> dict[str, Any]:
    """The calls of this round; a question for which no usable call was asked for is looked up as it is."""
    fresh = _fresh(state["calls"], state["results"])
    if not fresh and not state["results"] and SEARCH in context.tools:
        fresh = [ToolCall("default", SEARCH, {"query": state["query"]})]
    kept: list[ToolCall] = []
    for call in fresh[: context.bounds.parallel]:
        more = Spent(steps=ENDING + 2, tool_calls=len(kept) + 1)
        if bound := ran_out(context.bounds, state["spent"], context.deadline, more):
            note.degraded.append(told(bound))
            break
        kept.append(replace(call, id=f"{call.id}.{len(state['results']) + len(kept)}"))
    waiting = [call for call in kept if context.tools[call.name].side_effects]
    note.detail.update(calls=[call.name for call in kept], left_out=len(fresh) - len(kept))
    if waiting:
        note.detail.update(needs_approval=[call.name for call in waiting])
    return {"calls": kept, "waiting": waiting}


def _fresh(calls: Sequence[ToolCall], done: Sequence[Outcome]) -> list[ToolCall]:
    """Each call once, and none that was carried out before."""
    seen = {_key(outcome.call) for outcome in done}
    return [call for call in {_key(call): call for call in calls}.values() if _key(call) not in seen]


def _key(call: ToolCall) -> str:
    return f"{call.name} {json.dumps(dict(call.arguments), sort_keys=True, default=str)}"
