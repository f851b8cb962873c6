"""Asking the chat model on the way to an answer: within its share of the time and of the tokens."""

from __future__ import annotations

from dataclasses import replace
from itertools import dropwhile

from agents.bounds import ENDING, Spent, ran_out, told
from agents.nodes.step import Note
from agents.state import Context
from rag.errors import SURVIVABLE
from rag.llm.base import ChatModel, ChatReply, ChatRequest
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
            request, prompt_tokens = await _fitted(request, context.chat)
        need = Usage(prompt_tokens * beside, request.max_tokens * beside) + context.bounds.answer
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


async def _fitted(request: ChatRequest, chat: ChatModel) -> tuple[ChatRequest, int]:
    """The request as the model's window holds it, and the tokens of its prompt.

    What was said before goes first, turn by turn from the oldest; then the reply gets what the prompt leaves.
    """
    window = await chat.window()
    prompt = (await chat.count_tokens(request.messages, request.tools)).tokens
    if window is None:
        return request, prompt
    while prompt + request.max_tokens > window and (history := request.messages[1:-1]):
        later = dropwhile(lambda message: message.role != "user", history[1:])
        request = replace(request, messages=(request.messages[0], *later, request.messages[-1]))
        prompt = (await chat.count_tokens(request.messages, request.tools)).tokens
    # A prompt that fills the window alone is for the server to refuse.
    return replace(request, max_tokens=min(request.max_tokens, max(1, window - prompt))), prompt


async def ask_or_plan(context: Context, note: Note, spent: Spent, request: ChatRequest) -> ChatReply:
    """The model's reply, or that of the planner, which goes by rule; the note says which one chose."""
    reply = await ask(context, note, spent, request)
    by_rule = reply is None
    note.detail.update(
        planner=context.planner.name if by_rule else context.chat.name, by="rules" if by_rule else "model"
    )
    return reply if reply is not None else await context.planner.complete(request)
