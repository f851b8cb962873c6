"""Collections on disk, with the Qdrant engine in this process (Qdrant Edge)."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import qdrant_edge as engine

from rag.embedding.base import Vectors
from rag.errors import NotFound, StorageError
from rag.index import edge_engine
from rag.index.base import Leg, Point, Scored
from rag.index.disk import (
    corrupt,
    engine_errors,
    read_marker,
    read_token_lengths,
    require_space,
    write_marker,
)
from rag.index.filters import Filter
from rag.index.lock import CollectionLock, Owner
from rag.index.names import check_name
from rag.index.payload import check_ids, from_payload, point_ids
from rag.index.tokens import MOST_SCANNED, new_encoders, portions
from rag.index.tuning import DEFAULT, Tuning
from rag.index.upgrade import FORMAT, upgrade
from rag.index.vectors import check_legs, check_points, new_ranges, ranked
from rag.resilience.workers import Workers
from rag.types import Chunk, SparseVector

T = TypeVar("T")
_BATCH = 256
"""Points written at once: the engine holds the interpreter's lock meanwhile, and a question waits."""
_FLUSH_EVERY = 10_000
"""Points written between two flushes, which let the engine cut its write-ahead log short."""
_FLUSH_BYTES = 512 * 2**20
"""The same in bytes, by ``_size``, which token vectors reach sooner."""


class EdgeStore:
    """A folder of collections, each a folder of its own, which one process at a time has open."""

    def __init__(
        self,
        root: Path,
        *,
        command: str = "ardoise",
        url: str | None = None,
        tuning: Tuning = DEFAULT,
    ) -> None:
        """Nothing is opened yet.

        Args:
            root: the folder; made when the first collection is.
            command: what this process is, told to another one that finds a collection in use.
            url: this process's address, if it is a server that the other one could ask.
            tuning: of the dense leg. Closing a collection that was written to builds its graph, which holds
                the interpreter's lock for minutes.
        """
        self._root = root
        self._owner = Owner(os.getpid(), command, url)
        self._tuning = tuning
        self._workers = Workers(threads=1, name="index-store")

    async def create(self, collection: str, dimension: int) -> EdgeIndex:
        """Makes an empty collection; clears away what an interrupted call left there."""
        folder = self._folder(collection)
        return await self._workers.run(lambda: self._locked(folder, lambda: self._make(folder, dimension)))

    async def open(self, collection: str) -> EdgeIndex:
        """Opens a collection, after an upgrade if it is in an older format."""
        folder = self._folder(collection)
        index = await self._workers.run(lambda: self._locked(folder, lambda: self._load(folder)))
        try:
            version, dimension = await self._workers.run(lambda: read_marker(folder))
            if version < FORMAT:
                await upgrade(index, version)
                await self._workers.run(lambda: write_marker(folder, dimension))
        except BaseException:
            await index.close()
            raise
        return index

    async def names(self) -> list[str]:
        """The collections there are, sorted."""
        return await self._workers.run(self._names)

    async def drop(self, collection: str) -> None:
        """Deletes a collection and its files, readable or not; ``IndexInUse`` while somebody has it open."""
        folder = self._folder(collection)
        await self._workers.run(lambda: self._drop(folder))

    async def close(self) -> None:
        """Waits for what is being opened."""
        self._workers.close()

    def _folder(self, collection: str) -> Path:
        return self._root / check_name(collection)

    def _names(self) -> list[str]:
        return sorted(marker.parent.name for marker in self._root.glob("[!.]*/collection.json"))

    def _lock(self, folder: Path) -> CollectionLock:
        return CollectionLock(self._root / ".locks" / f"{folder.name}.json", folder.name, self._owner)

    def _locked(self, folder: Path, start: Callable[[], tuple[engine.EdgeShard, int]]) -> EdgeIndex:
        """An index over ``start()`` (shard, dimension), which holds the lock until it is closed."""
        lock = self._lock(folder)
        try:
            with engine_errors(folder):
                shard, dimension = start()
                tokens = read_token_lengths(folder)
        except BaseException:
            lock.release()
            raise
        return EdgeIndex(folder, shard, dimension, tokens, lock, self._tuning)

    def _make(self, folder: Path, dimension: int) -> tuple[engine.EdgeShard, int]:
        if (folder / "collection.json").exists():
            raise StorageError(f"collection {folder.name!r} exists already: open it, or choose another name")
        require_space(self._root, 0)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "shard").mkdir(parents=True)
        shard = edge_engine.new_shard(str(folder / "shard"), dimension, self._tuning)
        write_marker(folder, dimension)
        return shard, dimension

    def _load(self, folder: Path) -> tuple[engine.EdgeShard, int]:
        self._require(folder)
        _, dimension = read_marker(folder)
        # Without its segments the engine would start an empty collection and say nothing.
        if not any((folder / "shard" / "segments").glob("*")):
            raise corrupt(folder, "its segments are missing")
        tokens = read_token_lengths(folder)
        return edge_engine.load_shard(str(folder / "shard"), dimension, tokens, self._tuning), dimension

    def _drop(self, folder: Path) -> None:
        self._require(folder)
        lock = self._lock(folder)
        try:
            with engine_errors(folder):
                (folder / "collection.json").unlink(missing_ok=True)
                shutil.rmtree(folder)
        finally:
            lock.release()

    def _require(self, folder: Path) -> None:
        names = self._names()
        if folder.name not in names:
            there_are = f"there are {', '.join(names)}" if names else "there are none yet"
            raise NotFound(f"there is no collection {folder.name!r}: {there_are}")


class EdgeIndex:
    """One open collection. The engine computes one call at a time, so one thread serves them all."""

    def __init__(
        self,
        folder: Path,
        shard: engine.EdgeShard,
        dimension: int,
        tokens: dict[str, int],
        lock: CollectionLock,
        tuning: Tuning,
    ) -> None:
        self._folder = folder
        self._tuning = tuning
        self._shard = shard
        self._dimension = dimension
        self._tokens = tokens
        self._unsettled = False
        self._lock = lock
        self._workers = Workers(threads=1, name=f"index-{folder.name}")
        self._written = 0
        self._unflushed = self._unflushed_bytes = 0
        self._closed = False
        self._range_indexes: set[str] = set()

    @property
    def name(self) -> str:
        """The engine: it has no other place than this process."""
        return "qdrant-edge"

    async def upsert(self, points: Sequence[Point]) -> None:
        """Inserts or replaces; what is acknowledged is in the engine's write-ahead log.

        Raises:
            IndexMismatch: a vector of another length than the collection's; nothing is written.
            StorageFull: too little space left; the batches written before are in.
        """
        check_ids(point.chunk for point in points)
        check_points(points, self._dimension, self._folder.name)
        for path in new_ranges(points, self._range_indexes):
            await self._write(partial(edge_engine.index_range, path), 0, 0)
            self._range_indexes.add(path)
        for encoder, length in new_encoders(points, self._tokens, self._folder.name).items():
            await self._make_room(encoder, length)
        for batch in portions(points, _BATCH):
            await self._write(partial(edge_engine.upsert, batch), len(batch), _size(batch))

    async def replace_sparse(self, vectors: Mapping[str, SparseVector]) -> None:
        """New sparse vectors for those of the chunks that are there."""
        for batch in _batches(point_ids(vectors)):
            there = [str(record.id) for record in await self._retrieve(batch, payload=False)]
            if there:
                await self._write(partial(edge_engine.replace_sparse, there, vectors), len(there), 0)

    async def delete(self, chunk_ids: Sequence[str]) -> None:
        """Removes those of the chunks that are there."""
        for batch in _batches(point_ids(chunk_ids)):
            await self._write(partial(edge_engine.delete, batch), len(batch), 0)

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        """One batch query for all legs, ids and scores only; equal scores are in the order of their ids."""
        check_legs(legs, self._dimension, self._folder.name)
        request = edge_engine.queries(legs, filter, self._tuning)
        found = await self._run(partial(self._shard.query_batch, request))
        return [ranked((str(point.id), point.score) for point in points) for points in found]

    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        """One query over the token vectors of these chunks alone."""
        ids = point_ids(chunk_ids)
        if encoder not in self._tokens or not ids:
            return []
        request = edge_engine.token_query(query, encoder, ids)
        found = await self._run(partial(self._shard.query, request))
        return ranked((str(point.id), point.score / len(query)) for point in found)

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """The chunks that are there, in the order asked for."""
        found = _chunks(await self._retrieve(chunk_ids, payload=True))
        chunks = {chunk.id: chunk for chunk in found}
        return [chunks[chunk_id] for chunk_id in chunk_ids if chunk_id in chunks]

    async def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        """All chunks by id, ``batch`` at a time."""
        async for records in self._records(batch, vectors=False):
            yield _chunks(records)

    async def scan_points(self, batch: int = 256) -> AsyncIterator[list[Point]]:
        """All points by id, ``batch`` at a time."""
        most = min(batch, MOST_SCANNED) if self._tokens else batch
        async for records in self._records(most, vectors=True):
            yield [edge_engine.from_record(record) for record in records]

    async def count(self, filter: Filter | None = None) -> int:
        """The exact number of chunks that pass."""
        request = engine.CountRequest(exact=True, filter=edge_engine.where(filter))
        return await self._run(partial(self._shard.count, request))

    async def close(self) -> None:
        """Tidies up after writes (room of deleted points, graph of a large collection), flushes, lets go."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._run(self._shut)
        finally:
            self._workers.close()
            self._lock.release()

    def _shut(self) -> None:
        if self._written:
            if self._unsettled:
                self._settle()
            self._shard.optimize()
            self._shard.flush()
        self._shard.close()

    def _settle(self) -> None:
        """Loads the shard anew: token vectors new to it would get a graph of their own."""
        self._shard.flush()
        self._shard.close()
        self._shard = edge_engine.load_shard(
            str(self._folder / "shard"), self._dimension, self._tokens, self._tuning
        )

    async def _make_room(self, encoder: str, length: int) -> None:
        await self._write(partial(edge_engine.make_tokens, encoder, length), 0, 0)
        self._tokens[encoder] = length
        self._unsettled = True

    async def _records(self, batch: int, *, vectors: bool) -> AsyncIterator[list[engine.Record]]:
        offset: engine.PointId | None = None
        while True:
            request = engine.ScrollRequest(offset=offset, limit=batch, with_payload=True, with_vector=vectors)
            records, offset = await self._run(partial(self._shard.scroll, request))
            if records:
                yield records
            if offset is None:
                return

    async def _retrieve(self, chunk_ids: Sequence[str], *, payload: bool) -> list[engine.Record]:
        ids: list[engine.PointId] = list(point_ids(chunk_ids))
        return await self._run(lambda: self._shard.retrieve(ids, payload, False))

    async def _write(self, operation: Callable[[], engine.UpdateOperation], points: int, size: int) -> None:
        def call() -> None:
            require_space(self._folder, size)
            self._shard.update(operation())
            self._written += points
            self._unflushed += points
            self._unflushed_bytes += size
            if self._unflushed >= _FLUSH_EVERY or self._unflushed_bytes >= _FLUSH_BYTES:
                self._unflushed = self._unflushed_bytes = 0
                self._shard.flush()

        await self._run(call)

    async def _run(self, call: Callable[[], T]) -> T:
        def guarded() -> T:
            with engine_errors(self._folder):
                return call()

        return await self._workers.run(guarded)


def _chunks(records: Sequence[engine.Record]) -> list[Chunk]:
    return [from_payload(str(record.id), record.payload or {}) for record in records]


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]


def _size(points: Sequence[Point]) -> int:
    """Upper bound of the bytes that the points take: vectors, text and fields, in log and segment."""
    return sum(
        2 * (4 * len(point.dense) + 8 * len(point.sparse.indices) + 6 * len(point.chunk.text) + 4096)
        + 8 * (0 if point.tokens is None else point.tokens.vectors.size)
        for point in points
    )
