"""What the suites of the chat model contract share: what is asked, and who asks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.errors import DeadlineExceeded, ModelError
from rag.llm.base import ChatModel, ChatReply, ChatRequest, Message, ToolSpec
from rag.resilience.deadline import Deadline

QUERY_SCHEMA = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
    "additionalProperties": False,
}
SEARCH = ToolSpec("search_corpus", "Searches the collection.", QUERY_SCHEMA)
QUESTION = "Why does the KV cache grow?"

Build = Callable[..., ChatModel]

every = pytest.mark.parametrize("backend", ["mistral", "vllm", "extractive", "scripted"])
wired = pytest.mark.parametrize("backend", ["mistral", "vllm"])
both_ways = pytest.mark.parametrize("how", ["complete", "stream"])


def request_of(seconds: float = 20.0) -> ChatRequest:
    return ChatRequest((Message("user", QUESTION),), Deadline.after(seconds))


async def streamed(chat: ChatModel, request: ChatRequest) -> tuple[list[str], list[ChatReply]]:
    deltas = [delta async for delta in chat.stream(request)]
    return [d.text for d in deltas if d.text], [d.reply for d in deltas if d.reply is not None]


async def reply_of(chat: ChatModel, request: ChatRequest, how: str) -> ChatReply:
    """The whole reply, by ``complete`` or by ``stream``."""
    return await chat.complete(request) if how == "complete" else (await streamed(chat, request))[1][0]


async def failure_of(chat: ChatModel, how: str, seconds: float = 20.0) -> BaseException:
    """What ``complete`` or ``stream`` raises."""
    with pytest.raises((ModelError, DeadlineExceeded)) as caught:
        await reply_of(chat, request_of(seconds), how)
    return caught.value
