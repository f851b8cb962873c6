"""A service gives an answer again while nothing has changed, and never one that no longer holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.requests import AskRequest
from app.settings import Settings
from app.system import System
from rag.answer.cache import build_answer_cache
from rag.answer.cache.answers import AnswerCache
from rag.errors import ModelUnavailable
from rag.llm.base import ChatModel, ChatReply, ChatRequest, ToolCall
from rag.llm.scripted import ScriptedChat
from tests.system import small_settings, small_system, write_pages

QUESTION = "How many bytes per token does the KV cache of Mistral 7B take?"
SAID = "It takes 131,072 bytes per token [1]."
SEARCH = ToolCall("1", "search_corpus", {"query": QUESTION})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path / "home")


class Model(ScriptedChat):
    """Plans one search (``also`` another call), then says the same each time; counts its answers."""

    def __init__(self, also: tuple[ToolCall, ...] = (), said: str = SAID) -> None:
        self.answers = 0
        self.failing = False

        def reply(request: ChatRequest) -> Any:
            if self.failing:
                return ModelUnavailable("down")
            if request.tools:
                return ChatReply("", "tool_calls", "scripted", (SEARCH, *also))
            self.answers += 1
            return said

        super().__init__(reply)


@asynccontextmanager
async def system_of(
    settings: Settings, pages: Path, chat: ChatModel, cache: AnswerCache | None = None
) -> AsyncIterator[System]:
    async with small_system(settings, chat, cache=cache or build_answer_cache("memory")) as system:
        await system.library.ingest([pages], prune=False, progress=lambda step: None)
        yield system


def ask(question: str = QUESTION, **given: Any) -> AskRequest:
    return AskRequest(question=question, **given)


def nodes(answered: dict[str, Any]) -> list[str]:
    return [step["node"] for step in answered["trace"]]


async def test_the_second_time_no_model_is_asked_and_the_answer_is_the_same(
    settings: Settings, tmp_path: Path
) -> None:
    chat = Model()
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        first = await system.ask(ask())
        asked = len(chat.requests)
        second = await system.ask(ask(QUESTION.upper()))
        assert len(chat.requests) == asked
    assert nodes(second) == ["cache_hit"]
    assert second["trace"][0]["match"] == "exact"
    for part in ("answer", "citations", "grade", "abstained", "degraded"):
        assert second[part] == first[part]
    assert second["grade"] == "full"
    assert second["usage"] == {"prompt_tokens": 0, "completion_tokens": 0}


@pytest.mark.parametrize(
    "other",
    [{"cached": False}, {"user": "somebody"}, {"agent": False}, {"thread": "t"}],
)
async def test_another_request_is_answered_anew(
    settings: Settings, tmp_path: Path, other: dict[str, Any]
) -> None:
    async with system_of(settings, write_pages(tmp_path), Model()) as system:
        await system.ask(ask())
        assert "cache_hit" not in nodes(await system.ask(ask(**other)))


async def test_any_change_of_the_collection_leaves_the_answers_behind(
    settings: Settings, tmp_path: Path
) -> None:
    pages, chat = write_pages(tmp_path), Model()
    async with system_of(settings, pages, chat) as system:
        await system.ask(ask())
        await system.library.ingest([pages], prune=False, progress=lambda step: None)
        await system.ask(ask())
        assert chat.answers == 2  # the second run of ingestion erased it, though it changed nothing
        (pages / "retrieval" / "new.md").write_text("# New\n\nA page that is new.\n", encoding="utf-8")
        await system.library.ingest([pages], prune=False, progress=lambda step: None)
        await system.ask(ask())
        assert chat.answers == 3


async def test_a_deleted_documents_quotes_are_gone_also_while_the_model_is_down(
    settings: Settings, tmp_path: Path
) -> None:
    chat = Model()
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        (quoted,) = (await system.ask(ask()))["citations"]
        await system.library.delete_documents([quoted["document_id"]])
        chat.failing = True
        again = await system.ask(ask())
    assert "131,072" not in str(again["citations"])
    assert again["grade"] == "extractive"


async def test_a_change_while_an_answer_is_written_keeps_it_out(settings: Settings, tmp_path: Path) -> None:
    cache = build_answer_cache("memory")
    async with system_of(settings, write_pages(tmp_path), Model(), cache) as system:
        events = system.ask_events(ask())
        await anext(events)
        await system.library.delete_documents(["book/retrieval/rrf.md"])
        async for _ in events:
            pass
        assert not cache._store._kept  # type: ignore[attr-defined]


async def test_abstentions_are_not_kept(settings: Settings, tmp_path: Path) -> None:
    chat = Model(said="Nothing in this collection answers the question.")
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        await system.ask(ask())
        assert "cache_hit" not in nodes(await system.ask(ask()))
        assert chat.answers == 2


async def test_what_a_users_own_tool_said_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    chat = Model(also=(ToolCall("2", "recall", {"query": "cards"}),))
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        await system.ask(ask(user="me"))
        assert "cache_hit" not in nodes(await system.ask(ask(user="me")))


async def test_when_the_model_is_down_a_thread_gets_the_answer_given_before(
    settings: Settings, tmp_path: Path
) -> None:
    chat = Model()
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        first = await system.ask(ask(agent=False))
        chat.failing = True
        again = await system.ask(ask(agent=False, thread="t"))
    assert again["grade"] == "cached"
    assert again["answer"] == first["answer"]
    assert again["citations"] == first["citations"]
    assert "down" in again["degraded"][-1]["why"]


async def test_an_answer_that_is_not_fresh_serves_when_the_model_is_down(
    settings: Settings, tmp_path: Path
) -> None:
    chat = Model()
    cache = build_answer_cache("memory", fresh_s=1e-9)
    async with system_of(settings, write_pages(tmp_path), chat, cache) as system:
        await system.ask(ask())
        assert "cache_hit" not in nodes(await system.ask(ask()))
        chat.failing = True
        assert (await system.ask(ask()))["grade"] == "cached"


async def test_concurrent_equal_questions_are_answered_once(settings: Settings, tmp_path: Path) -> None:
    chat = Model()
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        answered = await asyncio.gather(*(system.ask(ask()) for _ in range(10)))
    assert chat.answers == 1
    assert {one["answer"] for one in answered} == {SAID}
    assert sum(nodes(one) == ["cache_hit"] for one in answered) == 9


async def test_a_caller_who_hangs_up_leaves_the_question_to_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    chat = Model()
    async with system_of(settings, write_pages(tmp_path), chat) as system:
        leader = system.ask_events(ask())
        await anext(leader)
        waiter = asyncio.create_task(system.ask(ask()))
        await asyncio.sleep(0)
        await leader.aclose()
        assert (await waiter)["answer"] == SAID
    assert chat.answers == 1
