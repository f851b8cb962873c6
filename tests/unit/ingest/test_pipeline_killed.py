"""A process that ends at any write leaves what the next run mends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest import pipeline
from ingest.collection import Collection
from ingest.manifest import Manifest
from rag.index.base import Point
from tests.fakes_index import FakeIndex
from tests.unit.ingest.running import counts, named, rebuilt, run


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["upsert", "put", "delete"])
@pytest.mark.parametrize("revert", [False, True])
async def test_the_next_run_mends_it(
    collection: Collection,
    index: FakeIndex,
    docs: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    revert: bool,
) -> None:
    await run(collection, docs)
    old, times = (docs / "b.txt").read_text(), (docs / "b.txt").stat()
    (docs / "b.txt").write_text("Changed. " * 30)
    (docs / "d.txt").write_text("New.")

    with monkeypatch.context() as patch:
        kill_at(patch, moment, index)
        with pytest.raises(Killed):
            await run(collection, docs)
    if revert:
        (docs / "b.txt").write_text(old)
        os.utime(docs / "b.txt", ns=(times.st_atime_ns, times.st_mtime_ns))
        (docs / "d.txt").unlink()
    await run(collection, docs, prune=True)

    fresh = await rebuilt(docs)
    assert {key: point.chunk for key, point in index.points.items()} == {
        key: point.chunk for key, point in fresh.points.items()
    }
    assert sorted(index.points) == named(collection)


def kill_at(patch: pytest.MonkeyPatch, moment: str, index: FakeIndex) -> None:
    async def upsert_half(points: Sequence[Point]) -> None:
        await FakeIndex.upsert(index, points[: len(points) // 2])
        raise Killed

    async def delete(chunk_ids: Sequence[str]) -> None:
        raise Killed

    def put(*_: object) -> None:
        raise Killed

    match moment:
        case "upsert":
            patch.setattr(index, "upsert", upsert_half)
        case "delete":
            patch.setattr(index, "delete", delete)
        case _:
            patch.setattr(Manifest, "put", put)


async def test_a_bulk_run_goes_on_where_it_was(
    collection: Collection, index: FakeIndex, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 2)
    with monkeypatch.context() as patch:
        written: list[int] = []

        async def second_fails(points: Sequence[Point]) -> None:
            if written:
                raise Killed
            written.append(len(points))
            await FakeIndex.upsert(index, points)

        patch.setattr(index, "upsert", second_fails)
        with pytest.raises(Killed):
            await run(collection, docs)
    assert counts(await run(collection, docs)) == (1, 0, 2, 0)


async def test_chunks_that_the_index_lost_are_made_again(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    before = set(index.points)
    lost = next(iter(collection.manifest.entries(["docs/a.txt"]).values())).chunk_ids
    await index.delete(lost[:1])
    (docs / "a.txt").unlink()
    assert counts(await run(collection, docs)) == (0, 1, 2, 0)
    assert set(index.points) == before
