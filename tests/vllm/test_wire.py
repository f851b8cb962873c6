"""What our vLLM backend makes of the real server's replies: text, tools, JSON, counts, and their ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from rag.answer.answerer import Answerer, AnswerLimits
from rag.errors import ModelRefused, PromptTooLong
from rag.llm.base import ChatReply, ChatRequest, Message, TokenCount, ToolCall, ToolSpec
from rag.llm.extractive import ExtractiveChat
from rag.llm.structured import flaw
from rag.llm.vllm import VllmChat
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Hit
from tests.fakes import HASHED, HashingEmbedder
from tests.servers.vllm import MODEL, WINDOW, Vllm

pytestmark = [pytest.mark.vllm, pytest.mark.socket, pytest.mark.timeout(600)]

DEADLINE_S = 240.0
MESSAGES = (Message("system", "Be brief."), Message("user", "What does a KV cache hold?"))
SEARCH = ToolSpec(
    "search_corpus",
    "Searches the collection.",
    {
        "type": "object",
        "properties": {"query": {"type": "string", "maxLength": 40}, "top_k": {"enum": [1, 5, 10]}},
        "required": ["query", "top_k"],
        "additionalProperties": False,
    },
)
SCHEMA = {
    "type": "object",
    "properties": {"cached": {"type": "boolean"}, "layers": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["cached", "layers"],
    "additionalProperties": False,
}
CONVERSATIONS = {
    "a question": (Message("user", "What does a KV cache hold?"),),
    "with instructions": MESSAGES,
    "in French": (*MESSAGES, Message("assistant", "Clés et valeurs."), Message("user", "« Où » ça, élève ?")),
    "with a tool's result": (
        *MESSAGES,
        Message("assistant", "", (ToolCall("abc123def", "search_corpus", {"query": "cache", "top_k": 1}),)),
        Message("tool", "Keys and values.", tool_call_id="abc123def", name="search_corpus"),
    ),
}
both_ways = pytest.mark.parametrize("how", ["complete", "stream"])


def request(messages: tuple[Message, ...] = MESSAGES, max_tokens: int = 12) -> ChatRequest:
    return ChatRequest(messages, Deadline.after(DEADLINE_S), max_tokens=max_tokens)


async def reply_to(chat: VllmChat, asked: ChatRequest, how: str) -> ChatReply:
    if how == "complete":
        return await chat.complete(asked)
    deltas = [delta async for delta in chat.stream(asked)]
    (reply,) = [delta.reply for delta in deltas if delta.reply is not None]
    assert "".join(delta.text for delta in deltas) == reply.text
    return reply


async def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true in time; it asks the server, which takes a moment each time."""
    try:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(condition):
                pass
    except TimeoutError:
        return False
    return True


@both_ways
async def test_text_comes_with_its_model_and_the_same_every_time(chat: VllmChat, how: str) -> None:
    first, second = await reply_to(chat, request(), how), await reply_to(chat, request(), how)
    assert first.text
    assert first.text == second.text  # temperature 0
    assert first.model == MODEL


@both_ways
async def test_a_required_call_follows_its_schema(chat: VllmChat, how: str) -> None:
    asked = replace(request(max_tokens=128), tools=(SEARCH,), tool_choice="required")
    reply = await reply_to(chat, asked, how)
    assert reply.finish == "tool_calls"
    assert {call.name for call in reply.tool_calls} == {SEARCH.name}
    assert flaw(reply, asked) is None


@both_ways
async def test_structured_output_follows_its_schema(chat: VllmChat, how: str) -> None:
    asked = replace(request(max_tokens=64), schema=SCHEMA)
    reply = await reply_to(chat, asked, how)
    assert reply.finish == "stop"
    assert flaw(reply, asked) is None


@both_ways
@pytest.mark.parametrize("messages", CONVERSATIONS.values(), ids=CONVERSATIONS)
async def test_the_prompt_tokens_that_we_count_are_those_of_the_servers_usage(
    chat: VllmChat, messages: tuple[Message, ...], how: str
) -> None:
    reply = await reply_to(chat, request(messages, max_tokens=2), how)
    assert await chat.count_tokens(messages) == TokenCount(reply.usage.prompt_tokens)
    assert reply.usage.prompt_tokens > 0


@both_ways
async def test_tools_are_counted_as_the_servers_usage_counts_them(chat: VllmChat, how: str) -> None:
    asked = replace(request(max_tokens=128), tools=(SEARCH,), tool_choice="required")
    reply = await reply_to(chat, asked, how)
    counted = await chat.count_tokens(asked.messages, asked.tools)
    assert counted == TokenCount(reply.usage.prompt_tokens)
    assert counted.tokens > (await chat.count_tokens(asked.messages)).tokens


@both_ways
async def test_a_reply_that_met_its_limit_says_length_and_used_that_many_tokens(
    chat: VllmChat, how: str
) -> None:
    reply = await reply_to(chat, request(max_tokens=4), how)
    assert (reply.finish, reply.usage.completion_tokens) == ("length", 4)


@both_ways
async def test_a_prompt_past_the_window_is_its_own_failure(chat: VllmChat, how: str) -> None:
    with pytest.raises(PromptTooLong, match=str(WINDOW)):
        await reply_to(chat, request((Message("user", "cache " * WINDOW),)), how)


@both_ways
async def test_an_unknown_model_is_told(server: Vllm, how: str) -> None:
    stranger = VllmChat("no-such-model", server.url)
    with pytest.raises(ModelRefused, match="404"):
        await reply_to(stranger, request(), how)
    await stranger.close()


async def test_leaving_a_stream_ends_the_work_on_the_server(server: Vllm, chat: VllmChat) -> None:
    def running() -> float:
        return server.metric("vllm:num_requests_running")

    finished = server.metric("vllm:request_success_total")
    long = request((Message("user", "Write a long story about a slate."),), max_tokens=1500)
    async with aclosing(chat.stream(long)) as deltas:
        await anext(deltas)
        assert await within(30, lambda: running() == 1)
    assert await within(30, lambda: running() == 0)
    # It did not come to its end by itself: whatever does is counted, by its finish reason.
    assert server.metric("vllm:request_success_total") == finished


def _long_hits() -> list[Hit]:
    text = "The KV cache holds keys and values. " + "Paging cuts it into blocks. " * WINDOW
    return [Hit(Chunk("c1", "d1", text, 0, len(text), metadata={"language": "en"}), 1.0)]


async def test_a_budget_past_the_window_is_fitted_to_it(chat: VllmChat) -> None:
    assert await chat.window() == WINDOW
    answerer = Answerer(
        ExtractiveChat(HashingEmbedder(), HASHED), AnswerLimits(10 * WINDOW, answer_tokens=64)
    )
    answer = await answerer.answer(
        "What does the KV cache hold?", _long_hits(), chat, "en", Deadline.after(DEADLINE_S)
    )
    assert answer.grade in ("full", "cut")
    (rung,) = answer.trace[0].detail["rungs"]
    assert 0.8 * (WINDOW - 64) < rung["prompt_tokens"]["counted"] <= WINDOW - 64


async def test_past_a_window_that_is_not_known_the_ladder_answers_and_says_why(
    chat: VllmChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown() -> None:
        return None

    monkeypatch.setattr(chat, "window", unknown)
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), AnswerLimits(prompt_tokens=10 * WINDOW))
    answer = await answerer.answer(
        "What does the KV cache hold?", _long_hits(), chat, "en", Deadline.after(DEADLINE_S)
    )
    assert answer.grade == "extractive"
    assert [one.part for one in answer.degraded] == [chat.name]
    assert "maximum context length" in answer.degraded[0].why
