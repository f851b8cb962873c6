"""What every chat backend owes its callers, checked on all of them over a real socket where they use one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.errors import DeadlineExceeded
from rag.llm.base import Evidence, Message, Passage
from rag.llm.structured import StructuredChat
from rag.resilience.deadline import Deadline
from tests.contracts.chat_suite import (
    QUERY_SCHEMA,
    QUESTION,
    SEARCH,
    Build,
    both_ways,
    every,
    reply_of,
    request_of,
    streamed,
)
from tests.servers.provider import Provider

pytestmark = pytest.mark.socket

EVIDENCE = Evidence(QUESTION, (Passage(1, "The KV cache does grow with every token.", "KV cache", "en"),))


@every
async def test_a_complete_reply_has_text_a_finish_reason_and_a_model(build: Build, backend: str) -> None:
    reply = await build(backend).complete(replace(request_of(), evidence=EVIDENCE))
    assert reply.text
    assert reply.finish == "stop"
    assert reply.model
    assert not reply.tool_calls


@every
async def test_streamed_pieces_join_to_the_whole_reply_which_comes_last_and_once(
    build: Build, backend: str
) -> None:
    pieces, replies = await streamed(build(backend), replace(request_of(), evidence=EVIDENCE))
    assert len(replies) == 1
    assert "".join(pieces) == replies[0].text != ""


@every
@both_ways
async def test_a_required_tool_call_arrives_with_its_arguments_as_an_object(
    build: Build, backend: str, how: str
) -> None:
    request = replace(request_of(), tools=(SEARCH,), tool_choice="required")
    chat = build(backend)
    reply = await reply_of(chat, request, how)
    (call,) = reply.tool_calls
    assert reply.finish == "tool_calls"
    assert call.id
    assert call.name == "search_corpus"
    assert isinstance(call.arguments["query"], str)


@every
async def test_a_schema_is_answered_with_json_of_that_schema(build: Build, backend: str) -> None:
    reply = await build(backend).complete(replace(request_of(), schema=QUERY_SCHEMA))
    assert set(json.loads(reply.text)) == {"query"}


@every
@both_ways
async def test_a_deadline_that_has_passed_is_exceeded(build: Build, backend: str, how: str) -> None:
    request = replace(request_of(), deadline=Deadline(0.0, lambda: 1.0), evidence=EVIDENCE)
    with pytest.raises(DeadlineExceeded):
        await reply_of(build(backend), request, how)


@every
async def test_more_text_takes_more_tokens(build: Build, backend: str) -> None:
    chat = build(backend)
    short, long = [await chat.count_tokens([Message("user", "cache " * n)]) for n in (10, 100)]
    assert 0 < short.tokens < long.tokens


@every
async def test_a_window_is_told_or_unknown(build: Build, provider: Provider, backend: str) -> None:
    told = provider.window if backend == "vllm" else None
    assert await build(backend).window() == told
    assert await StructuredChat(build(backend)).window() == told


@every
async def test_tools_take_tokens_as_well(build: Build, backend: str) -> None:
    chat, messages = build(backend), [Message("user", QUESTION)]
    without = await chat.count_tokens(messages)
    one, two = [await chat.count_tokens(messages, [SEARCH] * n) for n in (1, 2)]
    assert without.tokens + 10 < one.tokens < two.tokens


WORDS = len(QUESTION.split())


@pytest.mark.parametrize(
    ("backend", "tokens"), [("mistral", WORDS + 7), ("vllm", WORDS + 7), ("scripted", 18), ("extractive", 0)]
)
@both_ways
async def test_usage_is_what_the_backend_counted(build: Build, backend: str, tokens: int, how: str) -> None:
    chat, request = build(backend), replace(request_of(), evidence=EVIDENCE)
    reply = await reply_of(chat, request, how)
    assert reply.usage.prompt_tokens + reply.usage.completion_tokens == tokens
