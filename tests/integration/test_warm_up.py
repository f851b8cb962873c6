"""What takes seconds to load is loaded before the first question's deadline runs, and holds nothing up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.settings import Settings
from rag.errors import IndexInUse
from rag.llm import tokens
from rag.llm.base import Message, TokenCount, ToolSpec
from rag.llm.scripted import ScriptedChat
from rag.llm.tokens import mistral_tokens
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
