"""What is kept of a conversation and of a user: within its bounds, and nobody else's."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.graph import build_agent
from agents.memory.history import MAX_SUMMARY, by_rule, overflow
from agents.memory.sqlite import sqlite_threads
from agents.memory.store import MAX_ITEMS, SqliteStore
from agents.state import MAX_HISTORY
from rag.errors import BadInput, ModelUnavailable, StorageError
from rag.llm.base import ChatRequest, Message
from rag.llm.scripted import ScriptedChat
from rag.llm.tokens import estimated_tokens
from tests.agents import SEARCH, Corpus, context, events, hit
from tests.fakes import HashingEmbedder

MESSAGES = st.lists(st.text(max_size=300), max_size=30).map(
    lambda texts: [
        Message("user" if number % 2 == 0 else "assistant", text) for number, text in enumerate(texts)
    ]
)


@given(MESSAGES, st.integers(1, 400), st.integers(2, 12))
def test_a_history_is_cut_in_two_and_nothing_is_lost(history: list[Message], budget: int, most: int) -> None:
    old, recent = overflow(history, budget, most)
    assert old + recent == history
    assert len(recent) <= most
    if len(recent) > 2:
        assert estimated_tokens(recent) <= budget
    if len(history) > 1 and len(history) % 2 == 0:
        assert recent[0].role == "user"


@given(st.text(max_size=3000), MESSAGES)
def test_a_summary_by_rule_stays_short(summary: str, old: list[Message]) -> None:
    assert len(by_rule(summary, old)) <= MAX_SUMMARY


def test_a_summary_by_rule_keeps_the_latest() -> None:
    lines = by_rule("", [Message("user", f"question {number} " + "x" * 100) for number in range(50)])
    assert "question 49" in lines
    assert "question 0 " not in lines


async def conversation(chat: ScriptedChat, path: Path, turns: int) -> ChatRequest:
    """The planning request of the last of ``turns`` questions, with little room for history."""
    async with sqlite_threads(path) as threads:
        graph = build_agent(threads.saver)
        for number in range(turns):
            ctx = replace(context(chat, Corpus([hit(0.8)])), history_tokens=60)
            await events(graph, f"What is question number {number}?", ctx)
    return [request for request in chat.requests if request.tools][-1]


async def test_what_no_longer_fits_is_summarised_by_the_model(tmp_path: Path) -> None:
    def say(request: ChatRequest) -> object:
        if request.tools:
            return SEARCH
        return "A summary." if "Summarise" in request.messages[0].content else "131,072 bytes [1]."

    last = await conversation(ScriptedChat(say), tmp_path / "t.sqlite", 6)  # type: ignore[arg-type]
    assert last.messages[1].content.endswith("A summary.")
    assert last.messages[1].role == "user"
    assert 1 < len(last.messages) < MAX_HISTORY
    assert last.messages[-1].content.endswith("What is question number 5?")


async def test_offline_what_no_longer_fits_is_summarised_by_rule(tmp_path: Path) -> None:
    def say(request: ChatRequest) -> object:
        if "Summarise" in request.messages[0].content:
            return ModelUnavailable("down")
        return SEARCH if request.tools else "131,072 bytes [1]."

    last = await conversation(ScriptedChat(say), tmp_path / "t.sqlite", 6)  # type: ignore[arg-type]
    assert "user: What is question number 0?" in last.messages[1].content


async def test_a_user_s_memories_are_found_by_meaning_listed_and_deleted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "memories.sqlite", HashingEmbedder())
    mine, theirs = ("memories", "ann"), ("memories", "anna")
    await store.aput(mine, "1", {"text": "She prefers answers in French"})
    await store.aput(mine, "2", {"text": "Her cards are two RTX 4090"})
    await store.aput(theirs, "3", {"text": "He prefers answers in German"})
    [best] = await store.asearch(mine, query="which cards", limit=1)
    assert best.key == "2"
    assert best.score is not None
    assert {item.key for item in await store.asearch(mine)} == {"1", "2"}
    assert await store.alist_namespaces(prefix=("memories",)) == [mine, theirs]
    await store.adelete(mine, "2")
    assert await store.aget(mine, "2") is None
    assert {item.key for item in await store.asearch(("memories",))} == {"1", "3"}
    await store.close()


async def test_memories_outlive_the_process_and_a_change_of_embedder(tmp_path: Path) -> None:
    class Wider(HashingEmbedder):
        name = "wider-80"
        dimension = 80

    space = ("memories", "ann")
    store = SqliteStore(tmp_path / "memories.sqlite", HashingEmbedder())
    await store.aput(space, "1", {"text": "paged attention"})
    created = (await store.asearch(space))[0].created_at
    await store.close()
    store = SqliteStore(tmp_path / "memories.sqlite", Wider())
    await store.aput(space, "2", {"text": "ring attention"})
    assert [item.key for item in await store.asearch(space, query="paged attention")] == ["1", "2"]
    await store.aput(space, "1", {"text": "paged attention, again"})
    again = await store.aget(space, "1")
    assert again is not None
    assert again.created_at == created < again.updated_at
    await store.close()


async def test_a_user_can_fill_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ITEMS > 2
    monkeypatch.setattr("agents.memory.store.MAX_ITEMS", 2)
    store = SqliteStore(tmp_path / "memories.sqlite", HashingEmbedder())
    for key in "ab":
        await store.aput(("memories", "ann"), key, {"text": key})
    with pytest.raises(BadInput, match="ardoise memory delete"):
        await store.aput(("memories", "ann"), "c", {"text": "c"})
    await store.aput(("memories", "ann"), "a", {"text": "changed"})
    await store.aput(("memories", "bob"), "c", {"text": "c"})
    await store.close()


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "memories.sqlite").write_text("no database at all, and long enough to be one" * 30)
    with pytest.raises(StorageError, match=r"memories\.sqlite"):
        SqliteStore(tmp_path / "memories.sqlite", HashingEmbedder())


async def test_a_long_thread_stops_growing_on_disk(tmp_path: Path) -> None:
    """Once the turns that can be gone back to are full and the summary is, nothing grows with the turns."""
    path, keep, sizes = tmp_path / "threads.sqlite", 2, {}
    chat = ScriptedChat(lambda request: SEARCH if request.tools else "131,072 bytes per token [1].")
    ctx = replace(context(chat, Corpus([hit(0.8)])), history_tokens=60, keep_turns=keep)
    async with sqlite_threads(path) as threads:
        graph = build_agent(threads.saver)
        for number in range(10, 50):
            await events(graph, f"What is question number {number}, and {'why ' * 30}?", ctx)
            state = await graph.aget_state({"configurable": {"thread_id": "t"}})
            await threads.keep("t", state.values["turns"])
            rows = await threads.saver.conn.execute_fetchall(
                "SELECT sum(length(checkpoint)) FROM checkpoints"
            )
            sizes[number] = next(iter(rows))[0]
    assert sizes[49] <= 1.05 * sizes[29]
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM checkpoints").fetchone()[0] == keep + 1
    assert database.execute("SELECT count(*) FROM writes").fetchone()[0] <= 40 * (keep + 1)
    database.close()
