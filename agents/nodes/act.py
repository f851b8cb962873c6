"""Carries out one tool call; several of them run side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.bounds import Spent
from agents.events import ToolUse
from agents.nodes.asking import ask
from agents.nodes.guard import strangers
from agents.nodes.step import Note
from agents.prompts import load
from agents.state import CallState, Context, Outcome
from agents.tools.base import ToolResult
from agents.tools.calling import carry_out
from rag.errors import DeadlineExceeded
from rag.llm.base import ChatRequest, Message, ToolCall
from rag.types import Degradation

SHARE = 0.7
"""Share of the time left that a tool may take; the rest belongs to the answer."""


async def act(state: CallState, context: Context, note: Note) -> dict[str, Any]:
    """One call, repaired once by the model if it fails; it stops no other.

    Raises:
        DeadlineExceeded: no time is left for an answer either.
    """
    call = state["call"]
    result = await _result(call, state["own_words"], context, note)
    why = result.text
    if result.failed and not result.final and (repaired := await _repaired(state, why, context, note)):
        note.detail.update(repaired=dict(call.arguments), because=why)
        call, result = repaired, await _result(repaired, state["own_words"], context, note)
    note.detail.update(tool=call.name, arguments=dict(call.arguments), result=result.text)
    note.detail.update(hits=len(result.hits), failed=result.failed)
    return {"results": [Outcome(call, result)]}


async def _result(call: ToolCall, own_words: str, context: Context, note: Note) -> ToolResult:
    tool = context.tools.get(call.name)
    if tool and (unknown := strangers(call, tool, own_words)):
        why = f"{call.name} was not called: {', '.join(unknown)} is no address that the user wrote"
        note.detail.update(refused=unknown)
        return ToolResult(why, failed=True, final=True)
    note.emit(ToolUse(call.name, dict(call.arguments)))
    note.spent += Spent(tool_calls=1)
    try:
        return await carry_out(call, context.tools, context.deadline.share(SHARE))
    except DeadlineExceeded as error:
        if context.deadline.remaining <= 0:
            raise
        note.degraded.append(Degradation(call.name, str(error)))
        return ToolResult(f"{call.name}: {error}", failed=True)


async def _repaired(state: CallState, why: str, context: Context, note: Note) -> ToolCall | None:
    """The same tool with other arguments, as the model gives them once it has read what was wrong.

    Whoever acts beside this call may ask for a repair too: each leaves the others their part of the bounds.
    What changes something was approved with its arguments, and is not called with others.
    """
    call = state["call"]
    tool = context.tools.get(call.name)
    if tool is None or tool.side_effects:
        return None
    asked = f"{call.name} was called with {dict(call.arguments)!r}. {why}\nThe question: {state['query']}"
    messages = (Message("system", load("repair")), Message("user", asked))
    request = ChatRequest(
        messages, context.deadline, tools=(tool.spec,), tool_choice="required", max_tokens=300
    )
    reply = await ask(context, note, state["spent"], request, calls=1, beside=state["beside"])
    made = [made for made in reply.tool_calls if made.name == call.name] if reply else []
    if not made or dict(made[0].arguments) == dict(call.arguments):
        return None
    return replace(call, arguments=made[0].arguments)
