"""What a chat backend with a wire owes its callers: what travels, what comes back split, and what fails."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from rag.answer.answerer import Answerer, AnswerLimits
from rag.errors import (
    ContentFiltered,
    DeadlineExceeded,
    ModelCut,
    ModelRefused,
    ModelUnavailable,
    PromptTooLong,
)
from rag.llm import build_chat_model
from rag.llm.base import Message, TokenCount, ToolCall
from rag.llm.extractive import ExtractiveChat
from rag.llm.tokens import estimate
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Hit
from tests.contracts.chat_suite import (
    QUERY_SCHEMA,
    QUESTION,
    SEARCH,
    Build,
    both_ways,
    failure_of,
    reply_of,
    request_of,
    streamed,
    wired,
)
from tests.fakes import HASHED, HashingEmbedder
from tests.servers.provider import CALL, KEY, TEXT, Provider, prompt_tokens

pytestmark = pytest.mark.socket


@wired
async def test_characters_split_between_packets_arrive_whole(build: Build, backend: str) -> None:
    pieces, _ = await streamed(build(backend), request_of())
    assert "".join(pieces) == TEXT
    assert len(pieces) > 3


@wired
@both_ways
async def test_a_tool_call_has_the_arguments_that_the_server_wrote(
    build: Build, backend: str, how: str
) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    chat = build(backend)
    reply = await reply_of(chat, request, how)
    assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL),)


async def test_vllm_call_deltas_without_arguments_are_assembled(build: Build) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    _, (reply,) = await streamed(build("vllm", "vllm-calls"), request)
    assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL),)


@pytest.mark.parametrize(("backend", "word"), [("mistral", "any"), ("vllm", "required")])
async def test_a_forced_call_is_asked_for_in_the_backends_own_word(
    build: Build, provider: Provider, backend: str, word: str
) -> None:
    await build(backend).complete(replace(request_of(), tools=(SEARCH,), tool_choice="required"))
    assert provider.requests[-1]["tool_choice"] == word
    assert provider.requests[-1]["tools"][0]["function"]["strict"] is True


@wired
async def test_the_schema_travels_in_the_request(build: Build, provider: Provider, backend: str) -> None:
    await build(backend).complete(replace(request_of(), schema=QUERY_SCHEMA))
    assert provider.requests[-1]["response_format"]["json_schema"]["schema"] == QUERY_SCHEMA


@wired
async def test_a_conversation_with_tool_results_travels_whole(
    build: Build, provider: Provider, backend: str
) -> None:
    messages = (
        Message("system", "Be brief."),
        Message("user", QUESTION),
        Message("assistant", "", (ToolCall("abc123def", "search_corpus", CALL),)),
        Message("tool", "nothing", tool_call_id="abc123def", name="search_corpus"),
    )
    await build(backend).complete(replace(request_of(), messages=messages))
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
    build: Build, backend: str, how: str, model: str, status: str, says: str
) -> None:
    error = await failure_of(build(backend, model), how)
    assert isinstance(error, ModelRefused)
    assert status in str(error)
    assert says in str(error)
    assert backend in str(error)


@wired
@both_ways
async def test_a_wrong_key_is_refused_and_stands_nowhere_in_the_error(
    build: Build, backend: str, how: str
) -> None:
    error = await failure_of(build(backend, key="sk-wrong-42"), how)
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
async def test_what_passes_is_unavailable(build: Build, backend: str, how: str, model: str) -> None:
    assert isinstance(await failure_of(build(backend, model), how), ModelUnavailable)


@wired
@pytest.mark.parametrize(
    ("model", "low", "high"), [("fault-429", 7, 7), ("fault-429-date", 50, 60), ("fault-html-429", 7, 7)]
)
async def test_retry_after_is_read_in_both_its_forms(
    build: Build, backend: str, model: str, low: float, high: float
) -> None:
    error = await failure_of(build(backend, model), "complete")
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after_s is not None
    assert low <= error.retry_after_s <= high


@wired
async def test_no_request_is_sent_twice(build: Build, provider: Provider, backend: str) -> None:
    before = len(provider.requests)
    await failure_of(build(backend, "fault-500"), "complete")
    assert len(provider.requests) == before + 1


@wired
async def test_a_stream_without_a_finish_reason_is_cut(build: Build, backend: str) -> None:
    assert isinstance(await failure_of(build(backend, "fault-cut"), "stream"), ModelCut)


@wired
@pytest.mark.parametrize(
    "model",
    ["fault-midstream-error", "fault-error-first", "fault-malformed", "fault-bytes", "fault-drop"],
)
async def test_a_stream_that_breaks_is_unavailable(build: Build, backend: str, model: str) -> None:
    assert isinstance(await failure_of(build(backend, model), "stream"), ModelUnavailable)


@wired
@both_ways
async def test_a_call_that_is_broken_off_is_cut(build: Build, backend: str, how: str) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    chat = build(backend, "fault-broken-call")
    with pytest.raises(ModelCut, match="search_corpus"):
        await reply_of(chat, request, how)


@wired
@both_ways
async def test_a_reply_that_met_its_token_limit_says_length(build: Build, backend: str, how: str) -> None:
    chat = build(backend, "fault-length")
    reply = await reply_of(chat, request_of(), how)
    assert reply.finish == "length"


@wired
@pytest.mark.parametrize(
    ("model", "how"), [("fault-slow", "complete"), ("fault-slow", "stream"), ("fault-stall", "stream")]
)
async def test_silence_ends_at_the_deadline(build: Build, backend: str, model: str, how: str) -> None:
    chat = build(backend, model)
    error = await asyncio.wait_for(failure_of(chat, how, seconds=0.3), 5)
    assert isinstance(error, DeadlineExceeded)
    assert backend in str(error)


@wired
async def test_closing_the_stream_frees_the_connection(
    build: Build, provider: Provider, backend: str
) -> None:
    async with aclosing(build(backend, "fault-stall").stream(request_of())) as stream:
        await anext(stream)
        assert not provider.idle.is_set()
    assert await asyncio.to_thread(provider.idle.wait, 5)


@wired
async def test_nobody_listening_is_unavailable(backend: str) -> None:
    chat = build_chat_model(
        backend, embedder=HashingEmbedder(), model="model", api_key=KEY, server_url="http://127.0.0.1:1"
    )
    assert isinstance(await failure_of(chat, "complete"), ModelUnavailable)
    assert isinstance(await failure_of(chat, "stream"), ModelUnavailable)
    await chat.close()


@wired
async def test_two_calls_whose_deltas_are_mixed_arrive_as_two(build: Build, backend: str) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    _, (reply,) = await streamed(build(backend, "two-calls"), request)
    second = ToolCall("xyz456uvw", "search_corpus", {"query": "second"})
    assert reply.tool_calls == (ToolCall("abc123def", "search_corpus", CALL), second)


@wired
@both_ways
@pytest.mark.parametrize(("model", "says"), [("fault-empty", "empty"), ("fault-endless", "without end")])
async def test_nothing_and_the_same_without_end_are_no_replies(
    build: Build, backend: str, how: str, model: str, says: str
) -> None:
    error = await failure_of(build(backend, model), how)
    assert isinstance(error, ModelCut)
    assert error.by_content
    assert says in str(error)


@wired
@both_ways
@pytest.mark.parametrize(("model", "says"), [("fault-filter", "withheld"), ("fault-filter-400", "HTTP 400")])
async def test_a_content_filter_is_its_own_failure(
    build: Build, backend: str, how: str, model: str, says: str
) -> None:
    error = await failure_of(build(backend, model), how)
    assert isinstance(error, ContentFiltered)
    assert backend in str(error)
    assert says in str(error)


@wired
@both_ways
async def test_a_reply_that_ends_in_an_error_is_cut_and_the_backend_failed(
    build: Build, backend: str, how: str
) -> None:
    error = await failure_of(build(backend, "fault-error"), how)
    assert type(error) is ModelCut
    assert not error.by_content


@wired
@both_ways
async def test_a_prompt_that_is_too_long_is_its_own_failure(build: Build, backend: str, how: str) -> None:
    assert isinstance(await failure_of(build(backend, "fault-too-long"), how), PromptTooLong)


@wired
@pytest.mark.parametrize("model", ["fault-slow", "fault-stall"])
async def test_silence_ends_after_the_idle_time_of_the_request(
    build: Build, backend: str, model: str
) -> None:
    with pytest.raises(ModelUnavailable, match="silent for") as caught:
        await streamed(build(backend, model), replace(request_of(), idle_s=0.1))
    assert caught.value.reason == "silent"


async def test_mistral_is_told_which_requests_share_a_prefix(build: Build, provider: Provider) -> None:
    keys = []
    for system in ("A", "A", "B"):
        messages = (Message("system", system), Message("user", QUESTION))
        await build("mistral").complete(replace(request_of(), messages=messages))
        keys.append(provider.requests[-1]["prompt_cache_key"])
    assert keys[0] == keys[1] != keys[2]


async def test_vllm_tokens_are_counted_by_the_server(build: Build) -> None:
    # The test server counts words.
    messages = [Message("system", "a b"), Message("user", "c d e")]
    assert await build("vllm").count_tokens(messages) == TokenCount(2 + 3)


@both_ways
async def test_vllm_prompts_with_tools_are_counted_as_the_servers_usage_says(build: Build, how: str) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    chat = build("vllm")
    reply = await reply_of(chat, request, how)
    counted = await chat.count_tokens(request.messages, request.tools)
    assert counted == TokenCount(reply.usage.prompt_tokens)
    assert counted.tokens > (await chat.count_tokens(request.messages)).tokens


async def test_vllm_tokens_are_an_estimate_and_say_so_where_no_server_counts_them(build: Build) -> None:
    messages = [Message("user", "c d e")]
    chat = build("vllm", "no-tokenize")
    assert await chat.count_tokens(messages) == estimate(messages)
    assert await chat.count_tokens(messages, [SEARCH]) == estimate(messages, [SEARCH])


async def test_vllm_tells_its_window_and_is_asked_for_it_once(
    build: Build, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "window", 2048)
    before, chat = provider.listed, build("vllm")
    assert [await chat.window() for _ in range(3)] == [2048] * 3
    assert provider.listed == before + 1


async def test_a_prompt_budget_past_the_servers_window_is_fitted_and_answered(
    build: Build, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "window", 1500)
    text = "The KV cache grows with every token. " * 2000
    hits = [Hit(Chunk("c1", "d1", text, 0, len(text)), 1.0)]
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), AnswerLimits(6000, 1024))
    answer = await answerer.answer(QUESTION, hits, build("vllm"), "en", Deadline.after(20))
    assert answer.grade == "full"
    sent = provider.requests[-1]
    assert sent["max_tokens"] == 1500 // 2
    assert 0.8 * 750 < prompt_tokens(sent) <= 750


@pytest.mark.parametrize(
    ("listing", "asked"), [("", 1), ("no such page", 1), ("fault-html", 2), ("fault-500", 2)]
)
async def test_a_window_that_is_not_told_is_unknown_and_asked_for_again_only_of_a_server_in_trouble(
    build: Build, provider: Provider, monkeypatch: pytest.MonkeyPatch, listing: str, asked: int
) -> None:
    monkeypatch.setattr(provider, "listing", listing)
    before, chat = provider.listed, build("vllm", "no-tokenize")
    assert [await chat.window() for _ in range(2)] == [None, None]
    assert provider.listed == before + asked


@pytest.mark.parametrize("listing", ["fault-slow", "fault-drip"])
async def test_a_server_that_hangs_or_drips_is_given_a_second_to_tell_its_window(
    build: Build, provider: Provider, monkeypatch: pytest.MonkeyPatch, listing: str
) -> None:
    monkeypatch.setattr(provider, "listing", listing)
    chat = build("vllm")
    async with asyncio.timeout(3):
        assert await chat.window() is None
    monkeypatch.setattr(provider, "listing", "")
    assert await chat.window() == provider.window


async def test_vllm_behind_a_proxy_that_answers_html_says_so_when_tokens_are_counted(build: Build) -> None:
    with pytest.raises(ModelUnavailable, match="no JSON"):
        await build("vllm", "fault-html").count_tokens([Message("user", "?")])


@pytest.mark.parametrize("model", ["fault-hung", "fault-drip"])
async def test_vllm_that_hangs_or_drips_is_given_a_second_to_count_tokens(build: Build, model: str) -> None:
    async with asyncio.timeout(3):
        with pytest.raises(ModelUnavailable, match="/tokenize did not answer within 1 s"):
            await build("vllm", model).count_tokens([Message("user", "?")])
