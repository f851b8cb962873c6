"""Replies that were promised a form keep it on every backend, or are mended once, or are no replies."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest

from rag.errors import ModelCut
from rag.llm import build_chat_model
from rag.llm.base import ChatModel, ChatReply, ChatRequest, Message, ToolCall, ToolSpec
from rag.llm.scripted import ScriptedChat
from rag.llm.structured import StructuredChat
from rag.resilience.deadline import Deadline
from rag.types import Usage
from tests.fakes import HashingEmbedder
from tests.servers.provider import CALL, KEY, Provider, prompt_tokens

pytestmark = pytest.mark.socket

SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
SEARCH = ToolSpec("search_corpus", "Searches.", SCHEMA)
SCRIPTED = Usage(11, 7)
Build = Callable[[str, str], ChatModel]


@pytest.fixture
async def build(provider: Provider) -> AsyncIterator[Build]:
    built: list[ChatModel] = []

    def make(backend: str, model: str) -> ChatModel:
        inner: ChatModel = (
            ScriptedChat(lambda request: _script(model, request))
            if backend == "scripted"
            else build_chat_model(
                backend, embedder=HashingEmbedder(), model=model, api_key=KEY, server_url=provider.url
            )
        )
        built.append(StructuredChat(inner))
        return built[-1]

    yield make
    for chat in built:
        await chat.close()


def _script(model: str, request: ChatRequest) -> ChatReply:
    right = model == "mends" and "not valid" in request.messages[-1].content
    if request.tools:
        call = ToolCall("abc123def", "search_corpus", CALL if right else {})
        return ChatReply("", "tool_calls", "m", (call,), SCRIPTED)
    return ChatReply(json.dumps({"query": "cache"} if right else {"question": 1}), "stop", "m", (), SCRIPTED)


def _request(form: str) -> ChatRequest:
    messages, deadline = (Message("user", "Why?"),), Deadline.after(20)
    if form == "schema":
        return ChatRequest(messages, deadline, schema=SCHEMA)
    return ChatRequest(messages, deadline, tools=(SEARCH,), tool_choice="required")


every = pytest.mark.parametrize("backend", ["mistral", "vllm", "scripted"])
each_form = pytest.mark.parametrize("form", ["schema", "tool"])


@every
@each_form
async def test_a_broken_form_is_mended_once_and_both_calls_are_counted(
    build: Build, provider: Provider, backend: str, form: str
) -> None:
    before = len(provider.requests)
    reply = await build(backend, "mends").complete(_request(form))
    if form == "schema":
        assert json.loads(reply.text) == {"query": "cache"}
    else:
        assert reply.tool_calls[0].arguments == CALL
    sent = [prompt_tokens(request) for request in provider.requests[before:]]
    assert reply.usage.prompt_tokens == sum(sent or [SCRIPTED.prompt_tokens] * 2)


@every
@each_form
async def test_what_is_still_broken_after_one_repair_is_no_reply(
    build: Build, backend: str, form: str
) -> None:
    with pytest.raises(ModelCut, match="'query' is a required property"):
        await build(backend, "fault-schema").complete(_request(form))


@every
@each_form
async def test_a_stream_is_checked_and_not_repaired(build: Build, backend: str, form: str) -> None:
    with pytest.raises(ModelCut, match="as streamed"):
        async for _ in build(backend, "mends").stream(_request(form)):
            pass


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (ChatReply("no json", "stop", "m"), "not JSON"),
        (ChatReply("[" * 100_000, "stop", "m"), "not JSON: nested too deeply"),
        (ChatReply("", "tool_calls", "m", (ToolCall("1", "rm", {}),)), "no tool 'rm'"),
    ],
)
async def test_the_model_is_told_what_was_wrong(reply: ChatReply, says: str) -> None:
    inner = ScriptedChat([reply, '{"query": "cache"}'])
    assert await StructuredChat(inner).complete(_request("schema")) is not reply
    assert says in inner.requests[1].messages[-1].content
