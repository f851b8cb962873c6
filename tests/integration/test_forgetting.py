"""Deleting a document takes its quotes out of the threads and memories on disk; the threads go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.memory.redaction import REMOVED
from agents.tools.memory import NAMESPACE
from app.forgetting import forget_documents
from app.requests import AskRequest
from app.settings import Settings
from app.system import System
from rag.llm.base import ChatRequest
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from tests.clocks import ManualClock
from tests.system import small_settings, small_system, write_pages

GONE = "book/inference/kv-cache.md"
ABOUT_GONE = "How many bytes per token does the KV cache of Mistral 7B take?"
ABOUT_KEPT = "What does reciprocal rank fusion add up?"
QUOTE = "takes 131,072 bytes per token"
NOTE = "The KV cache of Mistral 7B takes 131,072 bytes per token."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path / "home")


@pytest.fixture
async def system(settings: Settings, tmp_path: Path) -> AsyncIterator[System]:
    async with small_system(settings) as opened:
        await opened.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda _: None)
        yield opened


def on_disk(settings: Settings, name: str) -> bytes:
    """Every byte of a database: its file, its log and its journal."""
    return b"".join(path.read_bytes() for path in sorted(settings.home.glob(f"{name}*")))


async def ask(system: System, question: str, thread: str) -> str:
    return str((await system.ask(AskRequest(question=question, thread=thread, agent=False)))["answer"])


async def test_nothing_of_a_deleted_document_is_left_in_the_threads_and_they_go_on(
    settings: Settings, system: System
) -> None:
    assert QUOTE in await ask(system, ABOUT_GONE, "t")
    kept = await ask(system, ABOUT_KEPT, "t")
    await ask(system, ABOUT_KEPT, "other")
    assert QUOTE.encode() in on_disk(settings, "threads.sqlite")
    before = await system.conversations.show("default/t")

    deleted = await system.library.delete_documents([GONE])

    assert deleted["forgotten"] == {"threads": ["t"], "busy": [], "memories": 0}
    assert QUOTE.encode() not in on_disk(settings, "threads.sqlite")
    after = await system.conversations.show("default/t")
    assert [turn["checkpoint"] for turn in after["turns"]] == [turn["checkpoint"] for turn in before["turns"]]
    assert [turn["answer"] for turn in after["turns"]] == [REMOVED, kept]
    assert await ask(system, ABOUT_KEPT, "t")
    assert len((await system.conversations.show("default/t"))["turns"]) == 3


async def test_a_document_that_is_pruned_with_its_file_is_taken_out_too(
    settings: Settings, system: System, tmp_path: Path
) -> None:
    await ask(system, ABOUT_GONE, "t")
    (tmp_path / GONE).unlink()
    await system.library.ingest([tmp_path / "book"], prune=True, progress=lambda _: None)
    assert QUOTE.encode() not in on_disk(settings, "threads.sqlite")
    assert (await system.conversations.show("default/t"))["turns"][0]["answer"] == REMOVED


async def test_a_question_under_way_that_has_seen_the_document_is_dropped(
    settings: Settings, tmp_path: Path
) -> None:
    async with small_system(settings) as first:
        await first.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda _: None)
        await ask(first, ABOUT_KEPT, "t")

    def dies(request: ChatRequest) -> str:
        raise RuntimeError("the process died")

    async with small_system(settings, ScriptedChat(dies)) as second:
        with pytest.raises(RuntimeError):
            await ask(second, ABOUT_GONE, "t")
        assert (await second.conversations.show("default/t"))["state"] == "cut"
        await second.library.delete_documents([GONE])
        shown = await second.conversations.show("default/t")
    assert (shown["state"], len(shown["turns"])) == ("answered", 1)
    assert QUOTE.encode() not in on_disk(settings, "threads.sqlite")


async def test_memories_that_quote_the_document_go_and_others_stay(
    settings: Settings, system: System
) -> None:
    store = await system.conversations.store()
    await store.aput((NAMESPACE, "ann"), "1", {"text": NOTE})
    await store.aput((NAMESPACE, "bob"), "1", {"text": "The user prefers French."})
    deleted = await system.library.delete_documents([GONE])
    assert deleted["forgotten"]["memories"] == 1
    assert await system.conversations.memories("ann") == []
    assert len(await system.conversations.memories("bob")) == 1
    assert QUOTE.encode() not in on_disk(settings, "memories.sqlite")


async def test_a_thread_at_work_is_waited_for_until_the_deadline_and_then_named(system: System) -> None:
    await ask(system, ABOUT_GONE, "t")
    clock, texts = ManualClock(), {GONE: (await system.library.document(GONE))["text"]}
    threads = await system.conversations.threads()
    async with threads.claim("default/t"):
        deadline = Deadline.after(10, clock)
        forgotten = await forget_documents(system.conversations, "default", texts, deadline, clock.sleep)
    assert forgotten["busy"] == ["t"]
    assert 9 < sum(clock.slept) <= 10


async def test_a_deleted_collection_takes_its_threads_along(settings: Settings, system: System) -> None:
    await ask(system, ABOUT_GONE, "t")
    await system.library.drop("default")
    assert await system.conversations.overview("default") == []
    assert QUOTE.encode() not in on_disk(settings, "threads.sqlite")


async def test_without_threads_and_memories_nothing_is_opened(settings: Settings, system: System) -> None:
    await system.library.delete_documents([GONE])
    assert not on_disk(settings, "threads.sqlite")
    assert not on_disk(settings, "memories.sqlite")
