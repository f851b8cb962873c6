"""What belongs to collections on this machine's disk: who owns them, and what damage and a full disk do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import IndexCorrupt, IndexInUse, IndexMismatch, NotFound, StorageFull
from rag.index import disk
from rag.index.base import Point, Tokens
from rag.index.disk import read_marker
from rag.index.edge import EdgeStore
from rag.index.filters import Filter
from rag.index.payload import to_payload
from rag.index.tuning import Tuning
from rag.index.upgrade import FORMAT
from rag.types import Chunk, SparseVector

HOLD = """
import asyncio, sys
from pathlib import Path
from rag.index.edge import EdgeStore

async def main():
    held = await EdgeStore(Path(sys.argv[1]), command="ardoise serve", url="http://127.0.0.1:8000").open("c")
    print("open", flush=True)
    sys.stdin.read()
    await held.close()

asyncio.run(main())
"""

WRITE = """
import asyncio, itertools, sys, uuid
from pathlib import Path
import numpy as np
from rag.index.base import Point
from rag.index.disk import read_marker
from rag.index.edge import EdgeStore
from rag.index.filters import Filter
from rag.index.payload import to_payload
from rag.index.upgrade import FORMAT
from rag.types import Chunk, SparseVector

async def main():
    index = await EdgeStore(Path(sys.argv[1])).open("c")
    for number in itertools.count(1):
        chunk = Chunk(str(uuid.UUID(int=number)), "d", "text", 0, 4)
        await index.upsert([Point(chunk, np.ones(3, np.float32), SparseVector((number,), (1.0,)))])
        print(number, flush=True)

asyncio.run(main())
"""


def point(number: int) -> Point:
    chunk = Chunk(str(uuid.UUID(int=number)), "d", "text", 0, 4)
    return Point(chunk, np.ones(3, dtype=np.float32), SparseVector((1,), (1.0,)))


def tokened(number: int, dimension: int = 3) -> Point:
    tokens = Tokens("e", np.tile(np.eye(8, dtype=np.float16), (32, 1)))
    dense = np.random.default_rng(number).standard_normal(dimension).astype(np.float32)
    return replace(point(number), dense=dense, tokens=tokens)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EdgeStore]:
    """A store with the closed collection ``c`` of one chunk."""
    made = EdgeStore(tmp_path, command="pytest")
    index = await made.create("c", 3)
    await index.upsert([point(1)])
    await index.close()
    yield made
    await made.close()


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603


def overwrite(folder: Path, pattern: str, content: bytes) -> None:
    for file in folder.rglob(pattern):
        file.write_bytes(content)


async def test_another_process_is_told_who_owns_the_collection(store: EdgeStore, tmp_path: Path) -> None:
    with run(HOLD, tmp_path) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "open\n"
        for attempt in (store.open("c"), store.drop("c")):
            with pytest.raises(
                IndexInUse, match=rf"process {owner.pid} \(ardoise serve\).*http://127.0.0.1:8000"
            ) as told:
                await attempt
            assert told.value.url == "http://127.0.0.1:8000"
        owner.kill()
    index = await store.open("c")  # a dead owner owns nothing
    assert await index.count() == 1
    await index.close()


async def test_the_same_process_cannot_open_a_collection_twice(store: EdgeStore) -> None:
    index = await store.open("c")
    with pytest.raises(IndexInUse, match="open in this process"):
        await store.open("c")
    await index.close()
    again = await store.open("c")
    await again.close()


async def test_other_collections_stay_free(store: EdgeStore) -> None:
    first, second = await store.open("c"), await store.create("d", 3)
    assert await store.names() == ["c", "d"]
    await first.close()
    await second.close()


async def test_what_was_acknowledged_survives_a_killed_process(store: EdgeStore, tmp_path: Path) -> None:
    with run(WRITE, tmp_path) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    index = await store.open("c")
    there = {chunk.id async for page in index.scan() for chunk in page}
    assert {str(uuid.UUID(int=number)) for number in acknowledged} <= there
    await index.close()


@pytest.mark.parametrize(
    ("victim", "damage"),
    [
        ("collection.json", b"{"),
        ("collection.json", b'{"format": 1}'),
        ("edge_config.json", b""),
        ("segment.json", b"garbage"),
        ("status.dat", b""),  # the engine panics over this one
    ],
)
async def test_damaged_files_are_a_corrupt_index_and_can_be_dropped(
    store: EdgeStore, tmp_path: Path, victim: str, damage: bytes
) -> None:
    overwrite(tmp_path, victim, damage)
    with pytest.raises(IndexCorrupt, match=r"'c' cannot be read back.*delete the collection"):
        await store.open("c")
    await store.drop("c")
    assert await store.names() == []


async def test_missing_segments_are_a_corrupt_index_and_not_an_empty_one(
    store: EdgeStore, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "c" / "shard" / "segments")
    with pytest.raises(IndexCorrupt, match="segments are missing"):
        await store.open("c")


async def test_text_that_cannot_be_read_back_is_a_corrupt_index(store: EdgeStore, tmp_path: Path) -> None:
    overwrite(tmp_path, "payload_storage/page_0.dat", b"\xff" * 32 * 2**20)
    index = await store.open("c")
    with pytest.raises(IndexCorrupt):
        await index.fetch([point(1).chunk.id])
    await index.close()


async def test_another_format_version_is_refused(store: EdgeStore, tmp_path: Path) -> None:
    marker = tmp_path / "c" / "collection.json"
    marker.write_text(marker.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
    with pytest.raises(IndexMismatch, match=f"format {FORMAT + 1}, this version reads formats 1 to {FORMAT}"):
        await store.open("c")


async def test_a_collection_of_format_1_gets_the_payload_of_format_2(
    store: EdgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_format(chunk: Chunk) -> dict[str, Any]:
        return {key: value for key, value in to_payload(chunk).items() if key not in ("numbers", "dates")}

    index = await store.open("c")
    monkeypatch.setattr("rag.index.edge_engine.to_payload", first_format)
    old = replace(point(2).chunk, metadata={"year": 2024})
    await index.upsert([replace(point(2), chunk=old)])
    monkeypatch.undo()
    recent = Filter.of({"year": {"gte": 2024}})
    assert await index.count(recent) == 0
    await index.close()
    marker = tmp_path / "c" / "collection.json"
    marker.write_text(marker.read_text().replace(f'"format": {FORMAT}', '"format": 1'))
    for _ in range(2):  # once through the upgrade, once without
        index = await store.open("c")
        assert (await index.count(), await index.count(recent)) == (2, 1)
        await index.close()
        assert read_marker(tmp_path / "c") == (FORMAT, 3)


async def test_token_vectors_get_no_graph_and_the_dense_leg_no_sooner_than_without(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path, tuning=Tuning(hnsw_from=200, m=16, quantization="int8"))
    index = await store.create("c", 64)
    for graphs in ({}, {"vector_index-dense": 16, "vector_index-tokens-e": 0}):  # edges of a chunk, by name
        first = await index.count()
        await index.upsert([tokened(number, 64) for number in range(first, first + 150)])
        await index.close()
        found = (tmp_path / "c").rglob("hnsw_config.json")
        assert {file.parent.name: json.loads(file.read_text())["m"] for file in found} == graphs
        index = await store.open("c")
    quantized = (tmp_path / "c").rglob("quantized.data")
    assert {file.parent.name for file in quantized} == {"vector_storage-dense"}
    asked = [tokened(number).chunk.id for number in range(300)]
    assert len(await index.max_sim(np.eye(8, dtype=np.float32)[:2], "e", asked)) == len(asked)
    await index.close()
    await store.close()


async def test_token_vectors_survive_a_process_that_ends_before_it_closes(
    store: EdgeStore, tmp_path: Path
) -> None:
    index = await store.open("c")
    await index.upsert([tokened(2)])
    shutil.copytree(tmp_path / "c", tmp_path / "d")  # as a kill leaves it
    await index.close()
    again = await store.open("d")
    await again.upsert([tokened(3)])
    found = await again.max_sim(np.eye(8, dtype=np.float32), "e", [tokened(n).chunk.id for n in (2, 3)])
    assert [one.chunk_id for one in found] == [tokened(n).chunk.id for n in (2, 3)]
    await again.close()


async def test_a_collection_without_its_marker_is_not_there_and_is_made_anew(
    store: EdgeStore, tmp_path: Path
) -> None:
    (tmp_path / "c" / "collection.json").unlink()
    assert await store.names() == []
    with pytest.raises(NotFound, match="there are none yet"):
        await store.open("c")
    index = await store.create("c", 3)
    assert await index.count() == 0
    await index.close()


async def test_a_full_disk_stops_writing_before_the_engine_does(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await store.open("c")
    monkeypatch.setattr(disk, "RESERVE", 2**62)
    with pytest.raises(StorageFull, match="make room; what is stored already is intact"):
        await index.upsert([point(2)])
    with pytest.raises(StorageFull):
        await store.create("d", 3)
    monkeypatch.undo()
    assert await index.count() == 1
    assert await store.names() == ["c"]
    await index.upsert([point(2)])
    await index.close()


async def test_a_relative_folder_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = EdgeStore(Path(".ardoise") / "collections")
    assert await store.names() == []
    index = await store.create("c", 3)
    await index.upsert([point(1)])
    await index.close()
    assert os.listdir(".ardoise/collections/c") != []  # noqa: PTH208 (relative on purpose)
    await store.close()
