"""What takes seconds to load is loaded before the first question's deadline runs, and holds nothing up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.settings import Settings
from rag.embedding.base import Vectors
from rag.errors import IndexInUse, Overloaded
from rag.llm import tokens
from rag.llm.base import Message, TokenCount, ToolSpec
from rag.llm.extractive import ExtractiveChat
from rag.llm.formulas import FORMULAS
from rag.llm.formulas.likeness import Likeness
from rag.llm.scripted import ScriptedChat
from rag.llm.tokens import mistral_tokens
from tests.fakes import HashingEmbedder
from tests.system import small_settings, small_system, write_pages


class Counted(ScriptedChat):
    """Remembers what it was asked to count."""

    def __init__(self) -> None:
        super().__init__([])
        self.counted: list[str] = []

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        self.counted += [message.content for message in messages]
        return TokenCount(1)


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = small_settings(tmp_path / "home")
    async with small_system(made) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
    return made


async def test_the_service_counts_tokens_once_before_it_takes_questions(settings: Settings) -> None:
    chat = Counted()
    async with small_system(settings, chat) as system:
        await system.warm_up()
        assert chat.counted == ["warm up"]
        assert chat.requests == []


async def test_a_collection_in_use_is_told_before_a_model_is_loaded(settings: Settings) -> None:
    chat = Counted()
    async with small_system(settings, owner="first") as first:
        await first.prepare()
        async with small_system(settings, chat, owner="second") as second:
            with pytest.raises(IndexInUse):
                await second.prepare()
    assert chat.counted == []


async def test_a_tokenizer_loads_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    loading, going_on = threading.Event(), threading.Event()

    def slow(_model: str) -> tuple[object, bool]:
        loading.set()
        assert going_on.wait(5), "the event loop stood still while the tokenizer was loaded"
        raise ImportError

    monkeypatch.setattr(tokens, "_tokenizer", slow)
    counting = asyncio.create_task(mistral_tokens("m", [Message("user", "?")]))
    assert await asyncio.to_thread(loading.wait, 5)
    going_on.set()
    assert (await counting).estimated


class Waiting(HashingEmbedder):
    """Embeds passages when it is let, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        self.begun.set()
        await self.let.wait()
        return await super().embed_documents(texts)


async def test_a_question_meanwhile_waits_for_the_wordings_and_makes_none_itself() -> None:
    embedder = Waiting()
    likeness = Likeness(embedder, FORMULAS[:3])
    warming = asyncio.create_task(likeness.prepare("en"))
    asking = asyncio.create_task(likeness.to(FORMULAS[0].wordings[0]))
    await embedder.begun.wait()
    embedder.let.set()
    await warming
    alike = await asking
    assert max(alike, key=alike.__getitem__) == FORMULAS[0].name
    assert embedder.asked == 1


async def test_what_fails_behind_the_service_is_logged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(_: ExtractiveChat) -> None:
        raise Overloaded("the queue is full", 1.0)

    monkeypatch.setattr(ExtractiveChat, "warm_up", full)
    async with small_system(settings) as system:
        await system.warm_up_formulas()
    assert "the queue is full" in caplog.text
    caplog.clear()
    async with small_system(settings, ScriptedChat([])) as system:
        await system.warm_up_formulas()  # a model plans: nothing is tried
    assert caplog.text == ""
