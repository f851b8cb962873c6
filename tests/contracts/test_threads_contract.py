"""Every place for threads: the same conversation, pruning, going back and claims, whatever the database.

SQLite always; PostgreSQL where it is installed, or ``DATABASE_URL`` names a server that tests may write to.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.types import ERROR

from agents.events import Done
from agents.graph import build_agent
from agents.memory import Threads, build_threads
from agents.run import run
from rag.errors import Conflict, StorageError, UnknownChoice
from rag.llm.scripted import ScriptedChat
from tests.agents import SEARCH, Corpus, context, hit
from tests.servers.postgres import programs, running_postgres

Opener = Callable[[], AbstractAsyncContextManager[Threads]]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here, and there is no DATABASE_URL")
    with running_postgres(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.socket)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    kind: str = request.param
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    return lambda: build_threads(kind, path=tmp_path / "threads.sqlite", url=url)


@pytest.fixture
async def threads(opener: Opener) -> AsyncIterator[Threads]:
    async with opener() as opened:
        yield opened


@pytest.fixture
async def name(threads: Threads) -> AsyncIterator[str]:
    """A thread of this test alone, deleted after it: a server's database outlives the test."""
    thread = f"test/{uuid.uuid4().hex}"
    yield thread
    await threads.delete(thread)


async def ask(threads: Threads, question: str, name: str) -> Done:
    chat = ScriptedChat(lambda request: SEARCH if request.tools else f"It is so: {question} [1].")
    graph = build_agent(threads.saver)
    ctx = replace(context(chat, Corpus([hit(0.8)])), keep_turns=3)
    events = [event async for event in run(graph, question, ctx, name)]
    assert isinstance(events[-1], Done)
    state = await graph.aget_state({"configurable": {"thread_id": name}})
    await threads.keep(name, state.values["turns"])
    return events[-1]


async def checkpoints(threads: Threads, name: str) -> list[str]:
    """Ids of what is kept, newest first."""
    config: Any = {"configurable": {"thread_id": name}}
    return [one.config["configurable"]["checkpoint_id"] async for one in threads.saver.alist(config)]


async def said(threads: Threads, name: str) -> list[str]:
    state = await build_agent(threads.saver).aget_state({"configurable": {"thread_id": name}})
    return [message.content for message in state.values["history"] if message.role == "user"]


async def test_a_thread_keeps_one_checkpoint_a_turn_and_only_the_last_turns(
    threads: Threads, name: str
) -> None:
    kept = []
    for number in range(6):
        await ask(threads, f"Question {number}?", name)
        kept.append(len(await checkpoints(threads, name)))
    assert kept == [1, 2, 3, 4, 4, 4]
    assert await said(threads, name) == [f"Question {number}?" for number in range(6)]


async def test_another_process_goes_on_with_the_conversation(
    opener: Opener, threads: Threads, name: str
) -> None:
    await ask(threads, "First?", name)
    async with opener() as other:
        await ask(other, "Second?", name)
        assert name in await other.names()
    assert await said(threads, name) == ["First?", "Second?"]


async def test_a_thread_taken_back_goes_on_from_there(threads: Threads, name: str) -> None:
    await ask(threads, "First?", name)
    back = (await checkpoints(threads, name))[0]
    await ask(threads, "Wrong turn?", name)
    await threads.rewind(name, back)
    assert await said(threads, name) == ["First?"]
    await ask(threads, "Second?", name)
    assert await said(threads, name) == ["First?", "Second?"]


async def test_a_deleted_thread_is_gone_and_no_other(threads: Threads, name: str) -> None:
    other = name + "-other"
    await ask(threads, "First?", name)
    await ask(threads, "First?", other)
    await threads.delete(name)
    assert name not in await threads.names()
    assert other in await threads.names()
    await threads.delete(other)


async def test_a_thread_is_worked_on_by_one_at_a_time(opener: Opener, threads: Threads, name: str) -> None:
    async with threads.claim(name):
        with pytest.raises(Conflict, match="answering another question"):
            async with threads.claim(name):
                pytest.fail("two at once")
        async with threads.claim(name + "-other"):
            pass
    async with threads.claim(name):
        pass


async def test_of_a_task_that_was_cancelled_no_half_of_its_writes_is_kept(
    threads: Threads, name: str
) -> None:
    await ask(threads, "First?", name)
    config: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
    config["configurable"]["checkpoint_id"] = (await checkpoints(threads, name))[0]
    half = [("query", "half"), (ERROR, asyncio.CancelledError())]
    await threads.saver.aput_writes(config, half, "task")
    kept = await threads.saver.aget_tuple(config)
    assert kept is not None
    assert [channel for _, channel, _ in kept.pending_writes or ()] == [ERROR]


async def test_a_claim_ends_with_an_error_in_its_body(threads: Threads, name: str) -> None:
    with pytest.raises(KeyError):
        async with threads.claim(name):
            raise KeyError(name)
    async with threads.claim(name):
        pass


async def test_an_unknown_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="redis"):
        build_threads("redis", path=tmp_path)


@pytest.mark.socket
async def test_a_server_that_is_not_there_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.memory.postgres.PATIENCE_S", 0.2)
    url = "postgresql://user:hunter2@127.0.0.1:1/none"
    with pytest.raises(StorageError) as told:
        async with build_threads("postgres", path=tmp_path, url=url):
            pytest.fail("it opened")
    assert "hunter2" not in str(told.value)


async def test_a_thread_that_is_deleted_can_be_written_anew_as_it_was(threads: Threads, name: str) -> None:
    for question in ("First?", "Second?"):
        await ask(threads, question, name)
    config: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
    graph = build_agent(threads.saver)
    before, turns = await graph.aget_state(config), await checkpoints(threads, name)
    kept = [one async for one in threads.saver.alist(config)]
    await threads.delete(name)
    await threads.scrub()
    for one in reversed(kept):
        versions = one.checkpoint["channel_versions"]
        await threads.saver.aput(one.parent_config or config, one.checkpoint, one.metadata, versions)
    assert await checkpoints(threads, name) == turns
    assert (await graph.aget_state(config)).values == before.values
    await ask(threads, "Third?", name)
    assert await said(threads, name) == ["First?", "Second?", "Third?"]
