"""Collections on a Qdrant server or cluster, through its client; or the client's local mode, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from qdrant_client import AsyncQdrantClient, models

from rag.embedding.base import Vectors
from rag.errors import IndexInUse, IndexMismatch, NotFound, StorageError
from rag.index.base import Leg, Point, Scored
from rag.index.filters import Filter
from rag.index.names import check_name
from rag.index.payload import FILTER_KEY, check_ids, from_payload, point_ids
from rag.index.qdrant_failures import check_server, failures
from rag.index.qdrant_requests import (
    FORMAT_KEY,
    collection_config,
    from_record,
    query_request,
    sparse_vector,
    to_struct,
    token_config,
    token_request,
    token_storage,
    where,
)
from rag.index.tokens import MOST_SCANNED, encoders, new_encoders, portions, vector_name
from rag.index.tuning import DEFAULT, Tuning
from rag.index.upgrade import FORMAT, check_version, upgrade
from rag.index.vectors import check_legs, check_points, new_ranges, ranked
from rag.types import Chunk, SparseVector

T = TypeVar("T")
_BATCH = 128
"""Points a request: a few hundred kilobytes, well below a server's limit on bodies."""


class QdrantStore:
    """Collections behind one address.

    ``location`` is a server's URL, a folder (the client's local mode: one process, slow), or ``:memory:``.
    The API key is sent to the server and never shown.
    """

    def __init__(
        self,
        location: str,
        api_key: str | None = None,
        timeout_s: int = 10,
        tuning: Tuning = DEFAULT,
    ) -> None:
        """Makes the client; the first request connects, and looks at the server's version.

        Args:
            location: see above.
            api_key: sent to the server.
            timeout_s: seconds that any one request may take.
            tuning: of the dense leg of collections that are made here, and of every search.

        Raises:
            IndexInUse: ``location`` is a folder that another client has open.
        """
        self._location = _shown(location)
        self._local = "://" not in location
        self._tuning = tuning
        self._checked = self._local
        if location == ":memory:":
            self._client = AsyncQdrantClient(location)
        elif self._local:
            try:
                self._client = AsyncQdrantClient(path=location)
            except RuntimeError as error:
                raise IndexInUse(f"the folder {location} is in use by another process: stop it") from error
        else:
            self._client = AsyncQdrantClient(
                url=location, api_key=api_key, timeout=timeout_s, check_compatibility=False
            )

    async def create(self, collection: str, dimension: int) -> QdrantIndex:
        """Makes an empty collection with both legs and the index on filter fields."""
        if await self._exists(collection):
            raise StorageError(f"collection {collection!r} exists already: open it, or choose another name")
        with failures(self._location):
            await self._client.create_collection(
                collection, **collection_config(dimension, self._tuning), metadata={FORMAT_KEY: FORMAT}
            )
            if not self._local:  # local mode has no payload indexes and warns
                await self._client.create_payload_index(
                    collection, FILTER_KEY, models.PayloadSchemaType.KEYWORD, wait=True
                )
        return self._index(collection, dimension, {})

    async def open(self, collection: str) -> QdrantIndex:
        """Opens a collection, after an upgrade if it is in an older format."""
        await self._require(collection)
        with failures(self._location):
            config = (await self._client.get_collection(collection)).config
        vectors = config.params.vectors if isinstance(config.params.vectors, dict) else {}
        dense = vectors.get("dense")
        if dense is None or "sparse" not in (config.params.sparse_vectors or {}):
            raise IndexMismatch(
                f"collection {collection!r} at {self._location} has no vectors named 'dense' and 'sparse':"
                " it was made by another program; choose another name"
            )
        version = int((config.metadata or {}).get(FORMAT_KEY, 1))
        check_version(collection, version)
        tokens = {encoder: vectors[name].size for name, encoder in encoders(vectors).items()}
        index = self._index(collection, dense.size, tokens)
        if version < FORMAT:
            await upgrade(index, version)
            with failures(self._location):
                await self._client.update_collection(collection, metadata={FORMAT_KEY: FORMAT})
        return index

    async def names(self) -> list[str]:
        """All collections of the server, sorted."""
        await self._check()
        with failures(self._location):
            return sorted(found.name for found in (await self._client.get_collections()).collections)

    async def drop(self, collection: str) -> None:
        """Deletes a collection."""
        await self._require(collection)
        with failures(self._location):
            await self._client.delete_collection(collection)

    async def close(self) -> None:
        """Closes the connections."""
        with failures(self._location):
            await self._client.close()

    def _index(self, collection: str, dimension: int, tokens: dict[str, int]) -> QdrantIndex:
        return QdrantIndex(
            self._client, self._location, collection, dimension, tokens, self._tuning, local=self._local
        )

    async def _check(self) -> None:
        """Looks at the server's version, once."""
        if not self._checked:
            with failures(self._location):
                version = (await self._client.info()).version
            check_server(self._location, version)
            self._checked = True

    async def _exists(self, collection: str) -> bool:
        check_name(collection)
        await self._check()
        with failures(self._location):
            return await self._client.collection_exists(collection)

    async def _require(self, collection: str) -> None:
        if not await self._exists(collection):
            names = await self.names()
            there_are = f"there are {', '.join(names)}" if names else "there are none yet"
            raise NotFound(f"there is no collection {collection!r} at {self._location}: {there_are}")


class QdrantIndex:
    """One collection of a server. A write returns once the server has applied it."""

    def __init__(
        self,
        client: AsyncQdrantClient,
        location: str,
        collection: str,
        dimension: int,
        tokens: dict[str, int],
        tuning: Tuning,
        *,
        local: bool,
    ) -> None:
        self._client = client
        self._location = location
        self._collection = collection
        self._dimension = dimension
        self._tokens = tokens
        self._tuning = tuning
        self._local = local
        self._range_indexes: set[str] = set()

    @property
    def name(self) -> str:
        """The engine and its address, without credentials."""
        return f"qdrant {self._location}"

    async def upsert(self, points: Sequence[Point]) -> None:
        """Inserts or replaces, in requests of a bounded size; ``IndexMismatch`` before anything is sent."""
        check_ids(point.chunk for point in points)
        check_points(points, self._dimension, self._collection)
        if not self._local:
            await self._index_ranges(points)
        await self._make_room(new_encoders(points, self._tokens, self._collection))
        for batch in portions(points, _BATCH):
            with failures(self._location):
                await self._client.upsert(self._collection, [to_struct(one) for one in batch], wait=True)

    async def replace_sparse(self, vectors: Mapping[str, SparseVector]) -> None:
        """New sparse vectors for those of the chunks that are there."""
        for batch in _batches(point_ids(vectors)):
            with failures(self._location):
                found = await self._client.retrieve(self._collection, batch, with_payload=False)
                there = [str(record.id) for record in found]
                if there:
                    await self._client.update_vectors(
                        self._collection,
                        [
                            models.PointVectors(
                                id=chunk_id, vector={"sparse": sparse_vector(vectors[chunk_id])}
                            )
                            for chunk_id in there
                        ],
                        wait=True,
                    )

    async def delete(self, chunk_ids: Sequence[str]) -> None:
        """Removes those of the chunks that are there."""
        for batch in _batches(point_ids(chunk_ids)):
            with failures(self._location):
                await self._client.delete(
                    self._collection, models.PointIdsList(points=list(batch)), wait=True
                )

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        """One batch request for all legs, ids and scores only; equal scores are in the order of their ids."""
        check_legs(legs, self._dimension, self._collection)
        # Local mode cannot search for an empty vector; nothing is what it would find.
        asked = [leg for leg in legs if not (isinstance(leg.vector, SparseVector) and not leg.vector.indices)]
        tuning = None if self._local else self._tuning
        requests = [query_request(leg, filter, tuning) for leg in asked]
        with failures(self._location):
            found = await self._client.query_batch_points(self._collection, requests) if requests else []
        by_leg = {
            id(leg): ranked((str(point.id), point.score) for point in response.points)
            for leg, response in zip(asked, found, strict=True)
        }
        return [by_leg.get(id(leg), []) for leg in legs]

    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        """One query over the token vectors of these chunks alone."""
        ids = point_ids(chunk_ids)
        if encoder not in self._tokens or not ids:
            return []
        request = token_request(query, encoder, ids, local=self._local)
        with failures(self._location):
            [found] = await self._client.query_batch_points(self._collection, [request])
        return ranked((str(point.id), point.score / len(query)) for point in found.points)

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """The chunks that are there, in the order asked for."""
        ids = point_ids(chunk_ids)
        if not ids:
            return []
        with failures(self._location):
            records = await self._client.retrieve(self._collection, ids, with_payload=True)
        chunks = {str(record.id): from_payload(str(record.id), record.payload or {}) for record in records}
        return [chunks[chunk_id] for chunk_id in chunk_ids if chunk_id in chunks]

    async def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        """All chunks by id, ``batch`` at a time."""
        async for records in self._records(batch, vectors=False):
            yield [from_payload(str(record.id), record.payload or {}) for record in records]

    async def scan_points(self, batch: int = 256) -> AsyncIterator[list[Point]]:
        """All points by id, ``batch`` at a time."""
        most = min(batch, MOST_SCANNED) if self._tokens else batch
        async for records in self._records(most, vectors=True):
            yield [from_record(record) for record in records]

    async def count(self, filter: Filter | None = None) -> int:
        """The exact number of chunks that pass."""
        with failures(self._location):
            counted = await self._client.count(self._collection, count_filter=where(filter), exact=True)
        return counted.count

    async def close(self) -> None:
        """Nothing to let go of: the store holds the connections."""

    async def _make_room(self, new: Mapping[str, int]) -> None:
        """A place for the token vectors of these encoders; one that another process has made stays."""
        if not new:
            return
        tokens = {**self._tokens, **new}
        with failures(self._location):
            for encoder, length in new.items():
                await self._client.create_vector_name(
                    self._collection, vector_name(encoder), token_config(length), wait=True
                )
            await self._client.update_collection(
                self._collection, **token_storage(self._dimension, tokens, self._tuning)
            )
        self._tokens = tokens

    async def _index_ranges(self, points: Sequence[Point]) -> None:
        for path in new_ranges(points, self._range_indexes):
            with failures(self._location):
                await self._client.create_payload_index(
                    self._collection, path, models.PayloadSchemaType.FLOAT, wait=True
                )
            self._range_indexes.add(path)

    async def _records(self, batch: int, *, vectors: bool) -> AsyncIterator[list[models.Record]]:
        offset: Any = None
        while True:
            with failures(self._location):
                records, offset = await self._client.scroll(
                    self._collection, limit=batch, offset=offset, with_payload=True, with_vectors=vectors
                )
            if records:
                yield records
            if offset is None:
                return


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]


def _shown(location: str) -> str:
    """The address without the user and password that a URL may hold."""
    parts = urlsplit(location)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else location
