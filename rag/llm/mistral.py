"""Mistral's API through the ``mistralai`` SDK."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import MissingKey
from rag.llm.assembly import Assembly
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.failures import Source
from rag.llm.sdk_errors import mistral_errors
from rag.llm.tokens import mistral_tokens
from rag.llm.wire import check_settings, connection_limits, paced, patience, wire_request

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from mistralai.client import Mistral
    from mistralai.client.models import AssistantMessage, DeltaMessage

MISTRAL_URL = "https://api.mistral.ai"


class MistralChat:
    """A model behind Mistral's API, or behind a server that speaks its protocol at ``server_url``.

    The SDK's own retries are off: whoever holds the deadline decides on retries.

    Raises:
        ConfigurationError: no key, no model name, or no HTTP URL.
    """

    def __init__(self, model: str, api_key: str, server_url: str = MISTRAL_URL) -> None:
        check_settings("mistral", model, server_url)
        if not api_key.strip():
            raise MissingKey("the mistral backend needs an API key: set MISTRAL_API_KEY")
        self._model = model
        self._source = Source("mistral", model, api_key.strip())
        self._http, self._client = mistral_clients(api_key.strip(), server_url)

    @property
    def name(self) -> str:
        """``mistral:`` and the model."""
        return f"mistral:{self._model}"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply at once; raises as ``ChatModel`` says."""
        async with request.deadline.limit(str(self._source)):
            with mistral_errors(self._source):
                response = await self._client.chat.complete_async(**self._arguments(request))
                choice = next(iter(response.choices), None)
                if choice is None or choice.message is None:
                    raise self._source.unavailable("a reply without a message")
                assembly = Assembly(self._source)
                assembly.add(model=response.model, usage=response.usage)
                _take(assembly, choice.message, choice.finish_reason)
                return assembly.reply(request.tool_choice == "required")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply as it is written; raises as ``ChatModel`` says."""
        assembly = Assembly(self._source)
        with mistral_errors(self._source):
            async with patience(request, self._source):
                events = await self._client.chat.stream_async(**self._arguments(request))
            try:
                async for event in paced(events.generator, request, self._source):
                    assembly.add(model=event.data.model, usage=event.data.usage)
                    for choice in event.data.choices:
                        if text := _take(assembly, choice.delta, choice.finish_reason):
                            yield ChatDelta(text)
            finally:
                await events.response.aclose()
            reply = assembly.reply(request.tool_choice == "required")
        yield ChatDelta(reply=reply)

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """Tokens by Mistral's own tokenizer; see ``mistral_tokens`` for how exact."""
        return await mistral_tokens(self._model, messages, tools)

    async def window(self) -> None:
        """Not asked for: the windows of Mistral's models are far longer than a prompt here."""

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        wire = wire_request(request, self._model, required="any")
        # One second more than the deadline: the deadline is what cuts, and says so.
        timeout_ms = int((request.deadline.remaining + 1) * 1000)
        return {
            **wire,
            "prompt_cache_key": _cache_key(request.messages),
            "timeout_ms": timeout_ms,
            "retries": None,
        }


def mistral_clients(api_key: str, server_url: str) -> tuple[AsyncClient, Mistral]:
    """The SDK, and the connections that it uses, which are for the caller to close."""
    import httpx2
    from mistralai.client import Mistral

    # The SDK makes a synchronous client as well, which nobody uses; this one costs no TLS context of its own.
    tls = httpx2.create_ssl_context()
    idle = httpx2.Client(verify=tls)
    # A redirect would carry what is sent to another host: it is an error, not a detour.
    http = httpx2.AsyncClient(verify=tls, follow_redirects=False, limits=connection_limits())
    return http, Mistral(api_key=api_key, server_url=server_url.rstrip("/"), client=idle, async_client=http)


def _cache_key(messages: Sequence[Message]) -> str:
    """The same for all requests that begin with the same system prompt, whose prefix they then share."""
    stable = messages[0].content if messages and messages[0].role == "system" else ""
    return hashlib.sha256(stable.encode()).hexdigest()[:32]


def _take(assembly: Assembly, message: AssistantMessage | DeltaMessage, finish: str | None) -> str:
    """Adds the message's text and calls to the assembly; returns the text to be shown."""
    text = assembly.add(_text(message.content), finish)
    for call in message.tool_calls or ():
        assembly.add_call(call.index or 0, call.id, call.function.name, call.function.arguments)
    return text


def _text(content: Any) -> str:
    """The text of a message: reasoning models send typed pieces, of which only text is the answer."""
    if isinstance(content, str):
        return content
    return "".join(piece.text for piece in content or () if getattr(piece, "type", "") == "text")
