"""Asking the chat model on the way to an answer: within its share of the time and of the tokens."""

from __future__ import annotations

from dataclasses import replace

from agents.bounds import ENDING, Spent, ran_out, told
from agents.nodes.step import Note
from agents.state import Context
from rag.errors import SURVIVABLE
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.extractive import EXTRACTIVE
from rag.resilience.policy import failure_label
from rag.types import Degradation, Usage

SHARE = 0.3
"""Share of the time left that a model may take to plan; the rest belongs to tools and the answer."""


async def ask(
    context: Context, note: Note, spent: Spent, request: ChatRequest, calls: int = 0, beside: int = 1
) -> ChatReply | None:
    """The model's reply; ``None`` where none is configured, it cannot answer, or it would cost too much.

    What stood in the way is noted as a degradation. Whoever asks has a rule for that case. ``calls`` are
    the tool calls that will follow from the reply, ``beside`` how many may ask the same at this moment.

    Raises:
        ModelRefused: the request, the key or the model's name is wrong.
    """
    if context.chat.name == EXTRACTIVE:
        return None
    until = context.deadline.share(SHARE)
    try:
        async with until.limit(f"counting for {context.chat.name}"):
            prompt = await context.chat.count_tokens(request.messages, request.tools)
        need = Usage(prompt.tokens * beside, request.max_tokens * beside) + context.bounds.answer
        more = Spent(steps=ENDING, tool_calls=(calls + 1) * beside - 1 if calls else 0, tokens=need)
        if bound := ran_out(context.bounds, spent + note.spent, context.deadline, more):
            note.degraded.append(told(bound))
            return None
        reply = await context.chat.complete(replace(request, deadline=until))
    except SURVIVABLE as error:
        note.degraded.append(Degradation(context.chat.name, str(error), failure_label(error)))
        return None
    note.spent += Spent(tokens=reply.usage)
    return reply


async def ask_or_plan(context: Context, note: Note, spent: Spent, request: ChatRequest) -> ChatReply:
    """The model's reply, or that of the planner, which goes by rule; the note says which one chose."""
    reply = await ask(context, note, spent, request)
    by_rule = reply is None
    note.detail.update(
        planner=context.planner.name if by_rule else context.chat.name, by="rules" if by_rule else "model"
    )
    return reply if reply is not None else await context.planner.complete(request)
