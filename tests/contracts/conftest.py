"""The stores that the suites of the index contract run against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rag.index.base import Index, IndexStore
from tests.contracts.index_suite import NAME, SERVER, OpenStore, opener, sweep


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
