"""Requests in the chat-completions form that Mistral's API and vLLM share."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from rag.errors import ConfigurationError
from rag.llm.base import ChatRequest, Message, ToolSpec
from rag.llm.failures import Source

if TYPE_CHECKING:
    from httpx2 import Limits

T = TypeVar("T")

# ChatML and Llama 3, Mistral, Llama 2, Gemma.
_CONTROL = re.compile(
    r"<\|[^|<>\s]{1,40}\|>|</?s>|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|\[/?(?:INST|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|SYSTEM_PROMPT|THINK|IMG"
    r"|PREFIX|MIDDLE|SUFFIX)\]"
)


def wire_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as JSON objects; empty optional fields are left out, as servers are strict about them.

    Neighbours of one role become one message: the templates of Mistral's models demand that roles alternate.
    """
    wire: list[dict[str, Any]] = []
    for message in messages:
        one = _message(message)
        if wire and _plain(wire[-1]) and _plain(one) and wire[-1]["role"] == one["role"]:
            wire[-1]["content"] += f"\n\n{one['content']}"
        else:
            wire.append(one)
    return wire


def _plain(wire: Mapping[str, Any]) -> bool:
    return wire.keys() == {"role", "content"}


def spelled(text: str) -> str:
    """``text`` with a blank inside whatever a tokenizer would take for one of its control tokens.

    A server that puts the chat template into one string, as Hugging Face's templates do, reads ``<|im_end|>``
    in a passage as the end of the passage's message.
    """
    return _CONTROL.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)


def _message(message: Message) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role, "content": spelled(message.content)}
    if message.tool_calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    if message.name is not None:
        wire["name"] = message.name
    return wire


def wire_tools(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Tools as JSON objects; ``strict`` because vLLM holds a call to its schema only then."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": True,
            },
        }
        for tool in tools
    ]


def wire_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A response format that forces JSON of ``schema``."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": dict(schema), "strict": True},
    }


def wire_request(request: ChatRequest, model: str, required: str) -> dict[str, Any]:
    """The fields that both protocols name alike; ``required`` is the backend's word for forcing a tool."""
    wire: dict[str, Any] = {
        "model": model,
        "messages": wire_messages(request.messages),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
    }
    if request.tools:
        wire["tools"] = wire_tools(request.tools)
        wire["tool_choice"] = required if request.tool_choice == "required" else request.tool_choice
    if request.schema is not None:
        wire["response_format"] = wire_schema(request.schema)
    return wire


@asynccontextmanager
async def patience(request: ChatRequest, source: Source) -> AsyncIterator[None]:
    """Bounds one wait for a stream: by the request's deadline, and by the silence that it allows.

    Raises:
        DeadlineExceeded: the deadline passed.
        ModelUnavailable: the backend was silent for ``request.idle_s`` seconds.
    """
    async with request.deadline.limit(str(source)):
        scope = asyncio.timeout(request.idle_s)
        try:
            async with scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            raise source.unavailable(f"silent for {request.idle_s:g} s", "silent") from None


async def paced(events: AsyncIterator[T], request: ChatRequest, source: Source) -> AsyncIterator[T]:
    """The events, each awaited with ``patience``; the time that the consumer takes is not interrupted."""
    while True:
        async with patience(request, source):
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
        yield event


def connection_limits() -> Limits:
    """As many connections as callers want: the policy bounds calls, and says so when they wait.

    The client's own bound of 100 would let the 101st stream wait unseen, and look like a silent backend.
    """
    import httpx2

    return httpx2.Limits(max_connections=None, max_keepalive_connections=100)


def check_settings(backend: str, model: str, server_url: str) -> None:
    """Refuses what cannot work before a request is made.

    Raises:
        ConfigurationError: no model name, or an address that is not an HTTP URL with a host.
    """
    if not model.strip():
        raise ConfigurationError(f"the {backend} backend needs a model's name: set ARDOISE_LLM_MODEL")
    if not _is_root_url(server_url):
        raise ConfigurationError(
            f"the {backend} backend needs a server's root URL (http://HOST:PORT or https://…), not"
            f" {_without_user(server_url)!r}"
        )


def _is_root_url(address: str) -> bool:
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:  # a port that is no number or past 65535, or a bracket that is not closed
        return False
    known = url.scheme in ("http", "https") and bool(url.hostname) and port != 0
    return known and address.isprintable() and " " not in address


def _without_user(address: str) -> str:
    """An address of any form without the user and password before its last ``@``."""
    return re.sub(r"^(\w+://)?.*@", r"\1***@", address, flags=re.DOTALL)
