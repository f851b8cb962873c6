"""JSON that keeps to no protocol is no crash: the backend is unavailable, or what can be read is read."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from rag.errors import ModelCut, ModelUnavailable
from rag.llm.base import Message
from rag.llm.tokens import estimate
from tests.contracts.chat_suite import Build, both_ways, failure_of, reply_of, request_of, wired
from tests.servers.provider import KEY, TEXT, Provider

pytestmark = pytest.mark.socket


@wired
@both_ways
@pytest.mark.parametrize("what", ["null", "content", "deep"])
async def test_a_reply_of_another_shape_is_unavailable(
    build: Build, backend: str, how: str, what: str
) -> None:
    error = await failure_of(build(backend, f"fault-shape-{what}"), how)
    assert isinstance(error, ModelUnavailable)
    assert error.reason == "broken"
    assert backend in str(error)


@wired
@both_ways
async def test_the_key_in_a_reply_is_in_no_error(build: Build, backend: str, how: str) -> None:
    error = await failure_of(build(backend, "fault-shape-key"), how)
    assert isinstance(error, ModelCut)
    assert KEY not in str(error)
    assert "***" in str(error)


@wired
@both_ways
async def test_a_usage_that_cannot_be_is_held_to_what_can(build: Build, backend: str, how: str) -> None:
    reply = await reply_of(build(backend, "fault-shape-usage"), request_of(), how)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (0, 10**9)


@both_ways
async def test_half_a_character_in_the_text_is_replaced(build: Build, how: str) -> None:
    reply = await reply_of(build("vllm", "fault-shape-surrogate"), request_of(), how)
    assert reply.text == "\N{REPLACEMENT CHARACTER}" + TEXT


@both_ways
async def test_half_a_character_in_the_text_is_no_reply_where_the_client_refuses_it(
    build: Build, how: str
) -> None:
    error = await failure_of(build("mistral", "fault-shape-surrogate"), how)
    assert isinstance(error, ModelUnavailable)


@wired
async def test_what_the_reader_of_a_stream_raises_is_its_own(build: Build, backend: str) -> None:
    async def read() -> None:
        async with aclosing(build(backend).stream(request_of())) as stream:
            async for _ in stream:
                raise TypeError("the reader's own")

    with pytest.raises(TypeError, match="the reader's own"):
        await read()


@pytest.mark.parametrize("told", ["many", 1.5, [4]])
async def test_a_count_that_is_no_whole_number_is_an_estimate(
    build: Build, provider: Provider, monkeypatch: pytest.MonkeyPatch, told: object
) -> None:
    monkeypatch.setattr(provider, "counted", told)
    messages = [Message("user", "c d e")]
    assert await build("vllm").count_tokens(messages) == estimate(messages)
