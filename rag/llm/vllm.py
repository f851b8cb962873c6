"""A vLLM server through the OpenAI protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rag.errors import ModelUnavailable
from rag.llm.assembly import Assembly
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.failures import Source
from rag.llm.sdk_errors import openai_errors
from rag.llm.tokens import estimate
from rag.llm.wire import (
    check_settings,
    connection_limits,
    paced,
    patience,
    wire_messages,
    wire_request,
    wire_tools,
)

if TYPE_CHECKING:
    from httpx2 import Response
    from openai.types.chat import ChatCompletionMessage
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

_ASIDE_TIMEOUT_S = 1.0  # for what a server that is well does in milliseconds: count tokens, name its models


class VllmChat:
    """A model served by vLLM at ``server_url`` (the server's root, without ``/v1``).

    mistralai's parser refuses vLLM's first tool-call delta, hence the OpenAI client; its retries are off.

    Raises:
        ConfigurationError: no model name, or no HTTP URL.
    """

    def __init__(self, model: str, server_url: str, api_key: str = "") -> None:
        import httpx2
        from openai import AsyncOpenAI

        check_settings("vllm", model, server_url)
        self._model = model
        self._root = server_url.rstrip("/")
        self._source = Source("vllm", model, api_key)
        self._window: int | None = None
        self._asked_for_window = False
        self._http = httpx2.AsyncClient(follow_redirects=False, limits=connection_limits())
        # Empty strings keep the client from reading OPENAI_ORG_ID and its like from the environment.
        self._client = AsyncOpenAI(
            api_key=api_key or "none",
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            base_url=f"{self._root}/v1",
            max_retries=0,
            http_client=self._http,
        )

    @property
    def name(self) -> str:
        """``vllm:`` and the model."""
        return f"vllm:{self._model}"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply at once; raises as ``ChatModel`` says."""
        async with request.deadline.limit(str(self._source)):
            with openai_errors(self._source):
                response = await self._client.chat.completions.create(**self._arguments(request))
                # The client hands out the body as it is when it is no JSON, and nothing where a field lacks.
                if isinstance(response, str) or not response.choices:
                    raise self._source.unavailable("a reply that is no chat completion")
                choice = response.choices[0]
                assembly = Assembly(self._source)
                assembly.add(model=response.model, usage=response.usage)
                _take(assembly, choice.message, choice.finish_reason)
                return assembly.reply(request.tool_choice == "required")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply as it is written; raises as ``ChatModel`` says."""
        assembly = Assembly(self._source)
        with openai_errors(self._source):
            async with patience(request, self._source):
                chunks = await self._client.chat.completions.create(
                    **self._arguments(request), stream=True, stream_options={"include_usage": True}
                )
            try:
                if "html" in chunks.response.headers.get("content-type", ""):
                    raise self._source.unavailable("an HTML page instead of a stream")
                async for chunk in paced(aiter(chunks), request, self._source):
                    assembly.add(model=chunk.model, usage=chunk.usage)
                    for choice in chunk.choices:
                        if text := _take(assembly, choice.delta, choice.finish_reason):
                            yield ChatDelta(text)
            finally:
                await chunks.close()
            reply = assembly.reply(request.tool_choice == "required")
        yield ChatDelta(reply=reply)

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """Tokens by the server's ``/tokenize``, chat template included; an estimate without that route.

        Raises:
            ModelUnavailable: the server does not answer.
        """
        prompt = {"model": self._model, "messages": wire_messages(messages), **_offered(tools)}
        async with self._aside("POST", "/tokenize", prompt) as response:
            found = response.json() if response.status_code == 200 else None
        count = found.get("count") if isinstance(found, dict) else None
        return TokenCount(count) if isinstance(count, int) else estimate(messages, tools)

    async def window(self) -> int | None:
        """``max_model_len`` of ``/v1/models``, asked for once; again where the server did not answer."""
        if not self._asked_for_window:
            try:
                async with self._aside("GET", "/v1/models") as response:
                    self._window = _window_of(self._model, response.json())
            except ModelUnavailable:
                return None
            self._asked_for_window = response.status_code < 500
        return self._window

    @asynccontextmanager
    async def _aside(self, method: str, path: str, body: object = None) -> AsyncGenerator[Response]:
        """The answer to a question beside the chat, whole within its second, however slowly it drips in."""
        headers = {"Authorization": f"Bearer {self._source.secret or 'none'}"}
        with openai_errors(self._source):
            try:
                async with asyncio.timeout(_ASIDE_TIMEOUT_S):
                    response = await self._http.request(
                        method, f"{self._root}{path}", json=body, headers=headers
                    )
            except TimeoutError:
                why = f"{path} did not answer within {_ASIDE_TIMEOUT_S:g} s"
                raise self._source.unavailable(why, "silent") from None
            yield response

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        # One second more than the deadline: the deadline is what cuts, and says so.
        return {
            **wire_request(request, self._model, required="required"),
            "timeout": request.deadline.remaining + 1,
        }


def _offered(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """The field of the tools, left out without any, as a request leaves it out."""
    return {"tools": wire_tools(tools)} if tools else {}


def _window_of(model: str, models: object) -> int | None:
    """The window of a model in a list of models, which other servers than vLLM do not tell."""
    cards = models.get("data") if isinstance(models, dict) else None
    for card in cards if isinstance(cards, list) else ():
        if isinstance(card, dict) and card.get("id") == model:
            window = card.get("max_model_len")
            return window if isinstance(window, int) and window > 1 else None
    return None


def _take(assembly: Assembly, message: ChatCompletionMessage | ChoiceDelta, finish: str | None) -> str:
    """Adds the message's text and calls to the assembly; returns the text to be shown."""
    text = assembly.add(message.content or "", finish)
    for number, call in enumerate(message.tool_calls or ()):
        function = getattr(call, "function", None)
        if function is not None:
            assembly.add_call(getattr(call, "index", number), call.id, function.name, function.arguments)
    return text
