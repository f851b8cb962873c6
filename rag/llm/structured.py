"""Replies that were promised a form: checked against their schema, with one chance to mend them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from rag.errors import ModelCut
from rag.llm.base import ChatDelta, ChatModel, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.reading import read_json

_SHOWN = 200  # characters of what is wrong that are passed on


class StructuredChat:
    """Holds ``inner`` to the request's schema, and its tool calls to the tools' own.

    ``complete`` asks once more, saying what was wrong. A stream cannot be taken back, so ``stream`` only
    checks. What is still wrong then is ``ModelCut``.
    """

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        """The backend's own name."""
        return self._inner.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The reply, mended once if need be, with the tokens of both calls; raises as ``ChatModel`` says."""
        reply = await self._inner.complete(request)
        problem = flaw(reply, request)
        if problem is None:
            return reply
        mended = await self._inner.complete(
            replace(request, messages=(*request.messages, *_complaint(reply, problem)))
        )
        self._check(mended, request, "after one repair")
        return replace(mended, usage=reply.usage + mended.usage)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply as it is written; raises as ``ChatModel`` says."""
        async with aclosing(self._inner.stream(request)) as deltas:
            async for delta in deltas:
                if delta.reply is not None:
                    self._check(delta.reply, request, "as streamed")
                yield delta

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """As the backend counts."""
        return await self._inner.count_tokens(messages, tools)

    async def window(self) -> int | None:
        """As the backend says."""
        return await self._inner.window()

    async def close(self) -> None:
        """Closes the backend."""
        await self._inner.close()

    def _check(self, reply: ChatReply, request: ChatRequest, when: str) -> None:
        problem = flaw(reply, request)
        if problem is not None:
            raise ModelCut(f"{self.name}: the reply does not follow its schema {when}: {problem}")


def flaw(reply: ChatReply, request: ChatRequest) -> str | None:
    """What is wrong with a reply's form: its tool calls, or its text where a schema was asked for."""
    tools = {tool.name: tool.parameters for tool in request.tools}
    for call in reply.tool_calls:
        if call.name not in tools:
            return f"there is no tool {call.name[:80]!r}, only {', '.join(tools) or 'none'}"
        wrong = _violation(dict(call.arguments), tools[call.name])
        if wrong is not None:
            return f"arguments of {call.name}: {wrong}"
    if request.schema is None or reply.tool_calls:
        return None
    try:
        value = read_json(reply.text)
    except ValueError as error:
        return f"not JSON: {error}"
    return _violation(value, request.schema)


def _violation(value: object, schema: Mapping[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    worst = best_match(Draft202012Validator(schema).iter_errors(value))
    return None if worst is None else f"{worst.json_path}: {worst.message[:_SHOWN]}"


def _complaint(reply: ChatReply, problem: str) -> tuple[Message, ...]:
    """The reply and what is wrong with it; a call is answered by a tool message, as the protocols demand."""
    said = Message("assistant", reply.text, reply.tool_calls)
    if not reply.tool_calls:
        return said, Message(
            "user", f"That is not valid ({problem}). Write the corrected JSON and nothing else."
        )
    results = (
        Message(
            "tool", f"Not carried out, the call is not valid ({problem}). Call again.", (), call.id, call.name
        )
        for call in reply.tool_calls
    )
    return said, *results
