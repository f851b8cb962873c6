"""Every store of answers keeps the same promises; Redis is tried where its server can be started."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from rag.answer.cache.base import AnswerStore, Kept, Scope
from rag.answer.cache.memory import MemoryStore
from rag.answer.cache.redis import RedisStore
from rag.errors import ConfigurationError, StorageError
from rag.types import Answer, Citation

SCOPE = Scope("book", "v1", "model")
CITED = Citation(1, "c1", "d1", "d1", 3, 9, None, "quoted", True)
ENTRIES = 3
KEPT_S = 100.0

Opening = Callable[[], AnswerStore]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server of our own on a Unix socket, or the one that ``REDIS_URL`` names."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("there is no redis-server here, and no REDIS_URL")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        command = [binary, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
            try:
                assert any("ready to accept connections" in line.lower() for line in process.stdout or ())
                yield f"unix://{path}"
            finally:
                process.terminate()


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[AnswerStore]:
    if request.param == "memory":
        yield MemoryStore(ENTRIES, KEPT_S)
        return
    url = request.getfixturevalue("redis_url")
    async with emptied(url) as opened:
        yield opened


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[RedisStore]:
    opened = RedisStore(url, ENTRIES, KEPT_S)
    await opened._redis.flushdb()
    yield opened
    await opened.close()


def kept(text: str, vector: list[float] | None = None) -> Kept:
    answer = Answer(f"{text} [1]", (CITED,), grade="extractive")
    return Kept(f"What is {text}?", answer, 5.0, None if vector is None else np.array(vector, np.float32))


async def test_what_was_kept_comes_back_as_it_was(store: AnswerStore) -> None:
    await store.put(SCOPE, "a", kept("été"))
    assert await store.get(SCOPE, "a") == kept("été")
    assert await store.get(SCOPE, "b") is None


@pytest.mark.parametrize("field", ["collection", "version", "model", "prompts", "settings", "tenant"])
async def test_each_part_of_the_scope_keeps_answers_apart(store: AnswerStore, field: str) -> None:
    await store.put(SCOPE, "a", kept("one"))
    other = replace(SCOPE, **{field: "other"})
    assert await store.get(other, "a") is None
    assert other.digest != SCOPE.digest


async def test_a_newer_answer_takes_the_place_of_an_older_one(store: AnswerStore) -> None:
    await store.put(SCOPE, "a", kept("one", [1.0, 0.0]))
    await store.put(SCOPE, "a", kept("two", [0.0, 1.0]))
    assert await store.get(SCOPE, "a") == kept("two")
    keys, vectors = await store.vectors(SCOPE)
    assert (list(keys), vectors.tolist()) == (["a"], [[0.0, 1.0]])


async def test_the_entry_used_longest_ago_goes_first(store: AnswerStore) -> None:
    for key in "abc":
        await store.put(SCOPE, key, kept(key, [1.0]))
    await store.get(SCOPE, "a")
    await store.put(replace(SCOPE, version="v2"), "d", kept("d", [1.0]))
    assert [key for key in "abc" if await store.get(SCOPE, key)] == ["a", "c"]
    assert set((await store.vectors(SCOPE))[0]) == {"a", "c"}


async def test_vectors_are_those_of_the_scope_and_of_entries_that_have_one(store: AnswerStore) -> None:
    await store.put(SCOPE, "a", kept("a", [0.6, 0.8]))
    await store.put(SCOPE, "b", kept("b"))
    await store.put(replace(SCOPE, tenant="t"), "c", kept("c", [1.0, 0.0]))
    keys, vectors = await store.vectors(SCOPE)
    assert list(keys) == ["a"]
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, np.array([[0.6, 0.8]], np.float32))
    assert len((await store.vectors(replace(SCOPE, model="m2")))[0]) == 0


async def test_a_collection_is_forgotten_in_all_its_versions_and_no_other_is(store: AnswerStore) -> None:
    other = replace(SCOPE, collection="book*")
    for scope in (SCOPE, replace(SCOPE, version="v2"), other):
        await store.put(scope, "a", kept("a", [1.0]))
    await store.forget("book")
    assert await store.get(SCOPE, "a") is None
    assert await store.get(replace(SCOPE, version="v2"), "a") is None
    assert len((await store.vectors(SCOPE))[0]) == 0
    assert await store.get(other, "a") == kept("a")


async def test_in_the_process_nothing_outlives_its_time() -> None:
    now = [0.0]
    store = MemoryStore(ENTRIES, KEPT_S, clock=lambda: now[0])
    await store.put(SCOPE, "a", kept("a", [1.0]))
    now[0] = KEPT_S - 1
    assert await store.get(SCOPE, "a")
    now[0] = KEPT_S
    assert len((await store.vectors(SCOPE))[0]) == 0
    assert await store.get(SCOPE, "a") is None


async def test_in_redis_every_answer_expires(redis_url: str) -> None:
    async with emptied(redis_url) as store:
        await store.put(SCOPE, "a", kept("a", [1.0]))
        names = [name async for name in store._redis.scan_iter(match="ardoise:answers:[0-9a-f]*")]
        assert len(names) == 2  # the answer, and the vectors of its scope
        for name in names:
            assert 0 < await store._redis.pttl(name) <= KEPT_S * 1000


async def test_in_redis_what_is_no_answer_is_told(redis_url: str) -> None:
    async with emptied(redis_url) as store:
        await store.put(SCOPE, "a", kept("a"))
        (name,) = [name async for name in store._redis.scan_iter(match="ardoise:answers:[0-9a-f]*")]
        await store._redis.set(name, b'["question", {"text": 7}, "now"]')
        with pytest.raises(StorageError, match="no answer"):
            await store.get(SCOPE, "a")


async def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    store = RedisStore(f"unix://:secret@{tmp_path}/none", ENTRIES, KEPT_S)
    with pytest.raises(StorageError) as caught:
        await store.get(SCOPE, "a")
    assert "secret" not in str(caught.value)
    await store.close()


def test_an_address_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        RedisStore("http://:secret@host", ENTRIES, KEPT_S)
    assert "secret" not in str(caught.value)
