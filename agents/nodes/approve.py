"""Tools that change something wait here until a person has agreed."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from agents.nodes.step import Note
from agents.state import Context, Outcome, State
from agents.tools.base import ToolResult

_DENIED = {
    "en": "Not done: {} was not approved.",
    "fr": "Pas fait : {} n'a pas été approuvé.",
}
_NO_THREAD = {
    "en": "Not done: {} needs approval, and so a thread: ask within one.",
    "fr": "Pas fait : {} demande une approbation, et donc un fil : posez la question dans un fil.",
}


async def approve(state: State, context: Context, note: Note) -> dict[str, Any]:
    """Stops the run until its thread is resumed with yes or no; without a thread the answer is no."""
    waiting = state["waiting"]
    approved = context.resumable and interrupt([call.id for call in waiting]) is True
    note.detail.update(approved=approved, calls=[call.name for call in waiting])
    if approved:
        return {"waiting": []}
    why = _DENIED if context.resumable else _NO_THREAD
    told = why.get(state["language"], why["en"])
    denied = [Outcome(call, ToolResult(told.format(call.name), failed=True), denied=True) for call in waiting]
    return {
        "calls": [call for call in state["calls"] if call not in waiting],
        "waiting": [],
        "results": denied,
    }
