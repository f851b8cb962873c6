"""The stores that the suites of the index contract run against, and the backends of the chat model's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from rag.index.base import Index, IndexStore
from rag.llm import build_chat_model
from rag.llm.base import ChatModel, ChatReply, ChatRequest, ToolCall
from rag.llm.scripted import ScriptedChat
from rag.types import Usage
from tests.contracts.chat_suite import Build
from tests.contracts.index_suite import NAME, SERVER, OpenStore, opener, sweep
from tests.fakes import HashingEmbedder
from tests.servers.provider import CALL, KEY, TEXT, Provider, running_provider


@pytest.fixture(params=["edge", "memory", *SERVER])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    return opener(request.param, tmp_path)


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[IndexStore]:
    opened = open_store()
    yield opened
    await sweep(opened)


@pytest.fixture
async def index(store: IndexStore) -> AsyncIterator[Index]:
    made = await store.create(NAME, 3)
    yield made
    await made.close()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
async def build(provider: Provider) -> AsyncIterator[Build]:
    """Builds a backend by name; ``model`` chooses what the provider does."""
    built: list[ChatModel] = []

    def make(backend: str, model: str = "model", key: str = KEY) -> ChatModel:
        chat: ChatModel
        if backend == "scripted":
            chat = ScriptedChat(_script)
        else:
            chat = build_chat_model(
                backend, embedder=HashingEmbedder(), model=model, api_key=key, server_url=provider.url
            )
        built.append(chat)
        return chat

    yield make
    for chat in built:
        await chat.close()


def _script(request: ChatRequest) -> ChatReply:
    if request.tools:
        return ChatReply("", "tool_calls", "scripted", (ToolCall("1", "search_corpus", CALL),), Usage(11, 7))
    text = json.dumps({"query": "cache"}) if request.schema else TEXT
    return ChatReply(text, "stop", "scripted", usage=Usage(11, 7))
