"""What the suites of the index contract share: the stores, and points in a few words."""

from __future__ import annotations

import math
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.index import build_index_store
from rag.index.base import IndexStore, Leg, Point, Scored
from rag.types import Chunk, SparseVector

OpenStore = Callable[[], IndexStore]
NAME = "contract-suite"


def opener(kind: str, folder: Path) -> OpenStore:
    """Opens the same store again and again, as processes that follow each other do."""
    if kind == "edge":
        return lambda: build_index_store("edge", root=folder)
    if kind == "memory":
        return lambda: build_index_store("qdrant", location=":memory:")
    if kind == "folder":
        return lambda: build_index_store("qdrant", location=str(folder))
    key = os.environ.get("QDRANT_API_KEY")
    return lambda: build_index_store("qdrant", location=os.environ["QDRANT_URL"], api_key=key)


# A server takes part once QDRANT_URL names one: nothing is skipped where there is none.
SERVER = [pytest.param("server", marks=pytest.mark.socket)] if "QDRANT_URL" in os.environ else []


async def sweep(store: IndexStore) -> None:
    """A server outlives the test: what the suite made there must go."""
    for name in await store.names():
        if name.startswith(NAME):
            await store.drop(name)
    await store.close()


def chunk(number: int, text: str = "text", **metadata: Any) -> Chunk:
    return Chunk(str(uuid.UUID(int=number)), f"doc-{number % 2}", text, 0, len(text), metadata=metadata)


def point(made: Chunk, dense: tuple[float, ...] = (1, 0, 0), **terms: float) -> Point:
    """A point; ``t7=0.5`` gives term 7 the weight 0.5."""
    vector = SparseVector(tuple(int(term[1:]) for term in terms), tuple(terms.values()))
    return Point(made, np.array(dense, dtype=np.float32), vector)


def dense(*components: float, limit: int = 10) -> Leg:
    return Leg("dense", np.array(components, dtype=np.float32), limit)


def sparse(*terms: int, limit: int = 10) -> Leg:
    return Leg("sparse", SparseVector(terms, (1.0,) * len(terms)), limit)


def ids(found: list[Scored]) -> list[str]:
    return [scored.chunk_id for scored in found]


def idf(documents: int, holding: int) -> float:
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))
