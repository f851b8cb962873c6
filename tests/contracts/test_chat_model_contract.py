"""What every chat backend owes its callers, checked on all of them over a real socket where they use one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from rag.errors import (
    ConfigurationError,
    DeadlineExceeded,
    ModelCut,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    PromptTooLong,
)
from rag.llm import build_chat_model
from rag.llm.base import (
    ChatModel,
    ChatReply,
    ChatRequest,
    Evidence,
    Message,
    Passage,
    TokenCount,
    ToolCall,
    ToolSpec,
)
from rag.llm.scripted import Broken, ScriptedChat
from rag.llm.tokens import estimate
from rag.resilience.deadline import Deadline
from rag.types import Usage
from tests.fakes import HashingEmbedder
from tests.servers.provider import CALL, KEY, TEXT, Provider, running_provider

pytestmark = pytest.mark.socket

SEARCH = ToolSpec(
    "search_corpus",
    "Searches the collection.",
    {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
QUERY_SCHEMA = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
    "additionalProperties": False,
}
QUESTION = "Why does the KV cache grow?"
EVIDENCE = Evidence(QUESTION, (Passage(1, "The KV cache does grow with every token.", "KV cache", "en"),))
WIRED = ("mistral", "vllm")

Build = Callable[..., ChatModel]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
async def build(provider: Provider) -> AsyncIterator[Build]:
    """Builds a backend by name; ``model`` chooses what the provider does."""
    built: list[ChatModel] = []

    def make(backend: str, model: str = "model", key: str = KEY) -> ChatModel:
        chat: ChatModel
        if backend == "scripted":
            chat = ScriptedChat(_script)
        else:
            chat = build_chat_model(
                backend, embedder=HashingEmbedder(), model=model, api_key=key, server_url=provider.url
            )
        built.append(chat)
        return chat

    yield make
    for chat in built:
        await chat.close()


def _script(request: ChatRequest) -> ChatReply:
    if request.tools:
        return ChatReply("", "tool_calls", "scripted", (ToolCall("1", "search_corpus", CALL),), Usage(11, 7))
    text = json.dumps({"query": "cache"}) if request.schema else TEXT
    return ChatReply(text, "stop", "scripted", usage=Usage(11, 7))


def _request(seconds: float = 20.0) -> ChatRequest:
    return ChatRequest((Message("user", QUESTION),), Deadline.after(seconds))


async def _streamed(chat: ChatModel, request: ChatRequest) -> tuple[list[str], list[ChatReply]]:
    deltas = [delta async for delta in chat.stream(request)]
    return [d.text for d in deltas if d.text], [d.reply for d in deltas if d.reply is not None]


async def _reply(chat: ChatModel, request: ChatRequest, how: str) -> ChatReply:
    """The whole reply, by ``complete`` or by ``stream``."""
    return await chat.complete(request) if how == "complete" else (await _streamed(chat, request))[1][0]


async def _failure(chat: ChatModel, how: str, seconds: float = 20.0) -> BaseException:
    """What ``complete`` or ``stream`` raises."""
    with pytest.raises((ModelError, DeadlineExceeded)) as caught:
        await _reply(chat, _request(seconds), how)
    return caught.value


every = pytest.mark.parametrize("backend", ["mistral", "vllm", "extractive", "scripted"])
wired = pytest.mark.parametrize("backend", WIRED)
both_ways = pytest.mark.parametrize("how", ["complete", "stream"])


class TestEveryBackend:
    @every
    async def test_a_complete_reply_has_text_a_finish_reason_and_a_model(
        self, build: Build, backend: str
    ) -> None:
        reply = await build(backend).complete(replace(_request(), evidence=EVIDENCE))
        assert reply.text
        assert reply.finish == "stop"
        assert reply.model
        assert not reply.tool_calls

    @every
    async def test_streamed_pieces_join_to_the_whole_reply_which_comes_last_and_once(
        self, build: Build, backend: str
    ) -> None:
        pieces, replies = await _streamed(build(backend), replace(_request(), evidence=EVIDENCE))
        assert len(replies) == 1
        assert "".join(pieces) == replies[0].text != ""

    @every
    @both_ways
    async def test_a_required_tool_call_arrives_with_its_arguments_as_an_object(
        self, build: Build, backend: str, how: str
    ) -> None:
        request = replace(_request(), tools=(SEARCH,), tool_choice="required")
        chat = build(backend)
        reply = await _reply(chat, request, how)
        (call,) = reply.tool_calls
        assert reply.finish == "tool_calls"
        assert call.id
        assert call.name == "search_corpus"
        assert isinstance(call.arguments["query"], str)

    @every
    async def test_a_schema_is_answered_with_json_of_that_schema(self, build: Build, backend: str) -> None:
        reply = await build(backend).complete(replace(_request(), schema=QUERY_SCHEMA))
        assert set(json.loads(reply.text)) == {"query"}

    @every
    @both_ways
    async def test_a_deadline_that_has_passed_is_exceeded(self, build: Build, backend: str, how: str) -> None:
        request = replace(_request(), deadline=Deadline(0.0, lambda: 1.0), evidence=EVIDENCE)
        with pytest.raises(DeadlineExceeded):
            await _reply(build(backend), request, how)

    @every
    async def test_more_text_takes_more_tokens(self, build: Build, backend: str) -> None:
        chat = build(backend)
        short, long = [await chat.count_tokens([Message("user", "cache " * n)]) for n in (10, 100)]
        assert 0 < short.tokens < long.tokens

    @pytest.mark.parametrize(
        ("backend", "tokens"), [("mistral", 18), ("vllm", 18), ("scripted", 18), ("extractive", 0)]
    )
    @both_ways
    async def test_usage_is_what_the_backend_counted(
        self, build: Build, backend: str, tokens: int, how: str
    ) -> None:
        chat, request = build(backend), replace(_request(), evidence=EVIDENCE)
        reply = await _reply(chat, request, how)
        assert reply.usage.prompt_tokens + reply.usage.completion_tokens == tokens


class TestBackendsWithAWire:
    @wired
    async def test_characters_split_between_packets_arrive_whole(self, build: Build, backend: str) -> None:
        pieces, _ = await _streamed(build(backend), _request())
        assert "".join(pieces) == TEXT
        assert len(pieces) > 3

    @wired
    @both_ways
    async def test_a_tool_call_has_the_arguments_that_the_server_wrote(
        self, build: Build, backend: str, how: str
    ) -> None:
        request = replace(_request(), tools=(SEARCH,), tool_choice="required")
        chat = build(backend)
        reply = await _reply(chat, request, how)
        assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL),)

    async def test_vllm_call_deltas_without_arguments_are_assembled(self, build: Build) -> None:
        request = replace(_request(), tools=(SEARCH,), tool_choice="required")
        _, (reply,) = await _streamed(build("vllm", "vllm-calls"), request)
        assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL),)

    @pytest.mark.parametrize(("backend", "word"), [("mistral", "any"), ("vllm", "required")])
    async def test_a_forced_call_is_asked_for_in_the_backends_own_word(
        self, build: Build, provider: Provider, backend: str, word: str
    ) -> None:
        await build(backend).complete(replace(_request(), tools=(SEARCH,), tool_choice="required"))
        assert provider.requests[-1]["tool_choice"] == word
        assert provider.requests[-1]["tools"][0]["function"]["strict"] is True

    @wired
    async def test_the_schema_travels_in_the_request(
        self, build: Build, provider: Provider, backend: str
    ) -> None:
        await build(backend).complete(replace(_request(), schema=QUERY_SCHEMA))
        assert provider.requests[-1]["response_format"]["json_schema"]["schema"] == QUERY_SCHEMA

    @wired
    async def test_a_conversation_with_tool_results_travels_whole(
        self, build: Build, provider: Provider, backend: str
    ) -> None:
        messages = (
            Message("system", "Be brief."),
            Message("user", QUESTION),
            Message("assistant", "", (ToolCall("abc123def", "search_corpus", CALL),)),
            Message("tool", "nothing", tool_call_id="abc123def", name="search_corpus"),
        )
        await build(backend).complete(replace(_request(), messages=messages))
        sent = provider.requests[-1]["messages"]
        assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
        assert json.loads(sent[2]["tool_calls"][0]["function"]["arguments"]) == CALL
        assert sent[3]["tool_call_id"] == "abc123def"

    @wired
    @both_ways
    @pytest.mark.parametrize(
        ("model", "status", "says"),
        [
            ("no-such-model", "404", "Invalid model: no-such-model"),
            ("fault-400", "400", "temperature must not be negative"),
            ("fault-401", "401", "API key"),
            ("fault-422", "422", "too large"),
        ],
    )
    async def test_a_mistake_in_the_request_is_told_with_status_and_message(
        self, build: Build, backend: str, how: str, model: str, status: str, says: str
    ) -> None:
        error = await _failure(build(backend, model), how)
        assert isinstance(error, ModelRefused)
        assert status in str(error)
        assert says in str(error)
        assert backend in str(error)

    @wired
    @both_ways
    async def test_a_wrong_key_is_refused_and_stands_nowhere_in_the_error(
        self, build: Build, backend: str, how: str
    ) -> None:
        error = await _failure(build(backend, key="sk-wrong-42"), how)
        assert isinstance(error, ModelRefused)
        assert "***" in str(error)  # the provider had put the key into its message
        assert "sk-wrong-42" not in str(error)
        assert error.__cause__ is None
        assert error.__suppress_context__

    @wired
    @both_ways
    @pytest.mark.parametrize(
        "model", ["fault-429", "fault-500", "fault-html", "fault-html-403", "fault-redirect"]
    )
    async def test_what_passes_is_unavailable(self, build: Build, backend: str, how: str, model: str) -> None:
        assert isinstance(await _failure(build(backend, model), how), ModelUnavailable)

    @wired
    @pytest.mark.parametrize(("model", "low", "high"), [("fault-429", 7, 7), ("fault-429-date", 50, 60)])
    async def test_retry_after_is_read_in_both_its_forms(
        self, build: Build, backend: str, model: str, low: float, high: float
    ) -> None:
        error = await _failure(build(backend, model), "complete")
        assert isinstance(error, ModelUnavailable)
        assert error.retry_after_s is not None
        assert low <= error.retry_after_s <= high

    @wired
    async def test_no_request_is_sent_twice(self, build: Build, provider: Provider, backend: str) -> None:
        before = len(provider.requests)
        await _failure(build(backend, "fault-500"), "complete")
        assert len(provider.requests) == before + 1

    @wired
    async def test_a_stream_without_a_finish_reason_is_cut(self, build: Build, backend: str) -> None:
        assert isinstance(await _failure(build(backend, "fault-cut"), "stream"), ModelCut)

    @wired
    @pytest.mark.parametrize(
        "model",
        ["fault-midstream-error", "fault-error-first", "fault-malformed", "fault-bytes", "fault-drop"],
    )
    async def test_a_stream_that_breaks_is_unavailable(self, build: Build, backend: str, model: str) -> None:
        assert isinstance(await _failure(build(backend, model), "stream"), ModelUnavailable)

    @wired
    @both_ways
    async def test_a_call_that_is_broken_off_is_cut(self, build: Build, backend: str, how: str) -> None:
        request = replace(_request(), tools=(SEARCH,), tool_choice="required")
        chat = build(backend, "fault-broken-call")
        with pytest.raises(ModelCut, match="search_corpus"):
            await _reply(chat, request, how)

    @wired
    @both_ways
    async def test_a_reply_that_met_its_token_limit_says_length(
        self, build: Build, backend: str, how: str
    ) -> None:
        chat = build(backend, "fault-length")
        reply = await _reply(chat, _request(), how)
        assert reply.finish == "length"

    @wired
    @pytest.mark.parametrize(
        ("model", "how"), [("fault-slow", "complete"), ("fault-slow", "stream"), ("fault-stall", "stream")]
    )
    async def test_silence_ends_at_the_deadline(
        self, build: Build, backend: str, model: str, how: str
    ) -> None:
        chat = build(backend, model)
        error = await asyncio.wait_for(_failure(chat, how, seconds=0.3), 5)
        assert isinstance(error, DeadlineExceeded)
        assert backend in str(error)

    @wired
    async def test_closing_the_stream_frees_the_connection(
        self, build: Build, provider: Provider, backend: str
    ) -> None:
        async with aclosing(build(backend, "fault-stall").stream(_request())) as stream:
            await anext(stream)
            assert not provider.idle.is_set()
        assert await asyncio.to_thread(provider.idle.wait, 5)

    @wired
    async def test_nobody_listening_is_unavailable(self, backend: str) -> None:
        chat = build_chat_model(
            backend, embedder=HashingEmbedder(), model="model", api_key=KEY, server_url="http://127.0.0.1:1"
        )
        assert isinstance(await _failure(chat, "complete"), ModelUnavailable)
        assert isinstance(await _failure(chat, "stream"), ModelUnavailable)
        await chat.close()

    @wired
    async def test_two_calls_whose_deltas_are_mixed_arrive_as_two(self, build: Build, backend: str) -> None:
        request = replace(_request(), tools=(SEARCH,), tool_choice="required")
        _, (reply,) = await _streamed(build(backend, "two-calls"), request)
        second = ToolCall("xyz456uvw", "search_corpus", {"query": "second"})
        assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL), second)

    @wired
    @both_ways
    @pytest.mark.parametrize(("model", "says"), [("fault-empty", "empty"), ("fault-endless", "without end")])
    async def test_nothing_and_the_same_without_end_are_no_replies(
        self, build: Build, backend: str, how: str, model: str, says: str
    ) -> None:
        error = await _failure(build(backend, model), how)
        assert isinstance(error, ModelCut)
        assert says in str(error)

    @wired
    @both_ways
    async def test_a_prompt_that_is_too_long_is_its_own_failure(
        self, build: Build, backend: str, how: str
    ) -> None:
        assert isinstance(await _failure(build(backend, "fault-too-long"), how), PromptTooLong)

    @wired
    @pytest.mark.parametrize("model", ["fault-slow", "fault-stall"])
    async def test_silence_ends_after_the_idle_time_of_the_request(
        self, build: Build, backend: str, model: str
    ) -> None:
        with pytest.raises(ModelUnavailable, match="silent for") as caught:
            await _streamed(build(backend, model), replace(_request(), idle_s=0.1))
        assert caught.value.reason == "silent"

    async def test_mistral_is_told_which_requests_share_a_prefix(
        self, build: Build, provider: Provider
    ) -> None:
        keys = []
        for system in ("A", "A", "B"):
            messages = (Message("system", system), Message("user", QUESTION))
            await build("mistral").complete(replace(_request(), messages=messages))
            keys.append(provider.requests[-1]["prompt_cache_key"])
        assert keys[0] == keys[1] != keys[2]

    async def test_vllm_tokens_are_counted_by_the_server(self, build: Build) -> None:
        # The test server counts words.
        messages = [Message("system", "a b"), Message("user", "c d e")]
        assert await build("vllm").count_tokens(messages) == TokenCount(2 + 3)

    async def test_vllm_tokens_are_an_estimate_and_say_so_where_no_server_counts_them(
        self, build: Build
    ) -> None:
        messages = [Message("user", "c d e")]
        assert await build("vllm", "no-tokenize").count_tokens(messages) == estimate(messages)

    async def test_vllm_behind_a_proxy_that_answers_html_says_so_when_tokens_are_counted(
        self, build: Build
    ) -> None:
        with pytest.raises(ModelUnavailable, match="no JSON"):
            await build("vllm", "fault-html").count_tokens([Message("user", "?")])


class TestScripted:
    async def test_it_remembers_what_it_was_asked(self) -> None:
        chat, request = ScriptedChat(["one", "two"]), _request()
        assert [(await chat.complete(request)).text, (await chat.complete(request)).text] == ["one", "two"]
        assert chat.requests == [request, request]

    async def test_it_refuses_past_the_end_of_its_script(self) -> None:
        assert isinstance(await _failure(ScriptedChat([]), "complete"), ModelRefused)

    async def test_it_can_break_after_some_words(self) -> None:
        stream = ScriptedChat([Broken("half a sen", ModelCut("cut"))]).stream(_request())
        assert (await anext(stream)).text + (await anext(stream)).text == "half a sen"
        with pytest.raises(ModelCut):
            await anext(stream)


class TestSettings:
    @pytest.mark.parametrize(
        ("kind", "settings", "says"),
        [
            ("mistral", {"model": "m"}, "MISTRAL_API_KEY"),
            ("mistral", {"model": "m", "api_key": "  "}, "MISTRAL_API_KEY"),
            ("mistral", {"api_key": "k"}, "ARDOISE_LLM_MODEL"),
            ("vllm", {"model": "m"}, "URL"),
            ("vllm", {"server_url": "http://x"}, "ARDOISE_LLM_MODEL"),
            ("vllm", {"model": "m", "server_url": "x:8000"}, "x:8000"),
        ],
    )
    def test_settings_that_cannot_work_are_refused_by_name(
        self, kind: str, settings: dict[str, str], says: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=says):
            build_chat_model(kind, embedder=HashingEmbedder(), **settings)
