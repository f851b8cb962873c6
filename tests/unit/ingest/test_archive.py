"""A collection as one file: it moves between stores whole, or the caller is told."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.archive import check_archive, read_archive, write_archive
from ingest.collection import Collection
from ingest.manifest import Entry, Facts, Manifest
from rag.errors import BadInput
from rag.index import build_index_store
from rag.index.base import IndexStore, Leg, Point, Tokens
from rag.types import Chunk, Document, Page, SparseVector

FACTS = Facts("hashing-3", 3, "whole", "bm25", 2.5)
ID = "00000000-0000-0000-0000-000000000001"
TEXT = "Élan 𝛼\n"
CHUNK = Chunk(ID, "où.md", TEXT, 0, len(TEXT), ("A",), 1, None, {"year": 2024, "language": "fr"})
DOCUMENT = Document("où.md", TEXT, "où.md", "text/markdown", "fr", {"year": 2024}, (Page(1, 0, len(TEXT)),))
ENTRY = Entry(
    "où.md", "où.md", "text/markdown", "fr", {"year": 2024}, "o", "p", "s", "f", (ID,), 2, "2026-01-01"
)
TOKENS = Tokens("model@1/fp32", np.array([[0.6, 0.8], [1, 0], [0, -1]], dtype=np.float16))
LEGS = [
    Leg("dense", np.array([1, 2, 2], dtype=np.float32), 5),
    Leg("sparse", SparseVector((7, 2**32 - 1), (1.0, 1.0)), 5),
]


def store(kind: str, folder: Path) -> IndexStore:
    return (
        build_index_store("edge", root=folder)
        if kind == "edge"
        else build_index_store("qdrant", location=":memory:")
    )


async def filled(opened: IndexStore, folder: Path) -> Collection:
    collection = Collection(Manifest(folder / "from.sqlite"), await opened.create("c", 3))
    sparse = SparseVector((7, 2**32 - 1), (0.3, 1.0))
    await collection.index.upsert([Point(CHUNK, np.array([1, 2, 2], dtype=np.float32), sparse, TOKENS)])
    collection.manifest.put([(DOCUMENT, ENTRY)])
    collection.manifest.set_facts(FACTS)
    return collection


async def close(*collections: Collection) -> None:
    for collection in collections:
        collection.manifest.close()
        await collection.index.close()


@pytest.mark.parametrize(("one", "other"), [("edge", "qdrant"), ("qdrant", "edge"), ("edge", "edge")])
async def test_a_collection_moves_between_stores_whole(one: str, other: str, tmp_path: Path) -> None:
    here, there = store(one, tmp_path / "here"), store(other, tmp_path / "there")
    first = await filled(here, tmp_path)
    file = tmp_path / "c.ardoise.gz"
    written = await write_archive(first, "c", file)
    assert check_archive(file).facts == FACTS
    second = Collection(Manifest(tmp_path / "to.sqlite"), await there.create("d", 3))
    assert await read_archive(file, second) == written
    assert second.manifest.document("où.md") == DOCUMENT
    assert second.manifest.documents() == [ENTRY]
    assert second.manifest.facts() == FACTS
    assert await second.index.fetch([ID]) == [CHUNK]
    for mine, theirs in zip(await first.index.search(LEGS), await second.index.search(LEGS), strict=True):
        assert [hit.chunk_id for hit in mine] == [hit.chunk_id for hit in theirs] == [ID]
        assert mine[0].score == pytest.approx(theirs[0].score, rel=1e-5)
    [[point]] = [points async for points in second.index.scan_points()]
    assert point.tokens is not None
    assert point.tokens.encoder == TOKENS.encoder
    np.testing.assert_array_equal(point.tokens.vectors, TOKENS.vectors)
    await close(first, second)
    await here.close()
    await there.close()


def cut(data: bytes) -> bytes:
    return data[:-20]


def changed(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b"2024", b"2025"))


def without_end(data: bytes) -> bytes:
    return gzip.compress(b"\n".join(gzip.decompress(data).splitlines()[:-1]) + b"\n")


def of_tomorrow(data: bytes) -> bytes:
    return gzip.compress(b'{"ardoise": 9}\n{}\n')


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut, "cannot be read as a collection"),
        (changed, "checksum"),
        (without_end, "cannot be read as a collection"),
        (of_tomorrow, "its format: 9"),
        (lambda data: b"PK", "cannot be read as a collection"),
        (lambda data: gzip.compress(b""), "cannot be read|damaged"),
    ],
)
async def test_a_file_that_is_not_whole_is_refused(damage: Any, told: str, tmp_path: Path) -> None:
    here = store("edge", tmp_path / "here")
    collection = await filled(here, tmp_path)
    file = tmp_path / "c.ardoise.gz"
    await write_archive(collection, "c", file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(BadInput, match=told):
        check_archive(file)
    await close(collection)
    await here.close()


async def test_a_write_that_fails_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = store("edge", tmp_path / "here")
    collection = await filled(here, tmp_path)
    file = tmp_path / "c.ardoise.gz"
    file.write_bytes(b"before")

    def fail() -> list[Entry]:
        raise OSError("gone")

    monkeypatch.setattr(collection.manifest, "documents", fail)
    with pytest.raises(OSError, match="gone"):
        await write_archive(collection, "c", file)
    assert file.read_bytes() == b"before"
    assert not (tmp_path / "c.ardoise.gz.new").exists()
    await close(collection)
    await here.close()
