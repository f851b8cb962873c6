"""An index whose sparse leg is rank_bm25's, in memory: the textbook, to compare the engine's leg with.

It reads every chunk before the first search after a change, and scores every chunk for every question.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import islice

from rag.embedding.base import Vectors
from rag.index.base import Index, Leg, Point, Scored
from rag.index.filters import Filter
from rag.resilience.workers import Workers
from rag.sparse.reference import ReferenceBm25
from rag.types import Chunk, SparseVector

TermIds = Callable[[Chunk], Sequence[int]]


class RankBm25Index:
    """Another index, but for its sparse leg; everything else is that index's."""

    def __init__(self, inner: Index, term_ids: TermIds, k1: float, b: float) -> None:
        """Reads nothing yet; ``term_ids`` are a chunk's terms in order, as the sparse encoder counts them."""
        self._inner = inner
        self._term_ids = term_ids
        self._k1 = k1
        self._b = b
        self._version = 0
        self._chunks: dict[str, Chunk] | None = None
        self._counted: tuple[Filter | None, ReferenceBm25] | None = None
        self._reading = asyncio.Lock()
        self._workers = Workers(threads=1, name="rank-bm25")

    @property
    def name(self) -> str:
        """The inner index's, and what answers its sparse leg."""
        return f"{self._inner.name}, sparse leg rank-bm25"

    async def upsert(self, points: Sequence[Point]) -> None:
        """As the inner index."""
        await self._inner.upsert(points)
        self._forget()

    async def replace_sparse(self, vectors: Mapping[str, SparseVector]) -> None:
        """As the inner index; the leg in memory counts for itself."""
        await self._inner.replace_sparse(vectors)

    async def delete(self, chunk_ids: Sequence[str]) -> None:
        """As the inner index."""
        await self._inner.delete(chunk_ids)
        self._forget()

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        """Dense legs by the inner index, sparse ones here, one after the other."""
        dense = [leg for leg in legs if not isinstance(leg.vector, SparseVector)]
        found = iter(await self._inner.search(dense, filter) if dense else [])
        return [
            await self._sparse(leg.vector, leg.limit, filter)
            if isinstance(leg.vector, SparseVector)
            else next(found)
            for leg in legs
        ]

    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        """As the inner index."""
        return await self._inner.max_sim(query, encoder, chunk_ids)

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """As the inner index."""
        return await self._inner.fetch(chunk_ids)

    def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        """As the inner index."""
        return self._inner.scan(batch)

    def scan_points(self, batch: int = 256) -> AsyncIterator[list[Point]]:
        """As the inner index."""
        return self._inner.scan_points(batch)

    async def count(self, filter: Filter | None = None) -> int:
        """As the inner index."""
        return await self._inner.count(filter)

    async def close(self) -> None:
        """Closes the inner index."""
        self._workers.close()
        await self._inner.close()

    async def _sparse(self, query: SparseVector, limit: int, filter: Filter | None) -> list[Scored]:
        chunks = await self._current()
        if not chunks or not query.indices:
            return []
        return await self._workers.run(lambda: self._ranked(chunks, query, limit, filter))

    async def _current(self) -> dict[str, Chunk]:
        """All chunks, read again after a change."""
        async with self._reading:
            if self._chunks is not None:
                return self._chunks
            version = self._version
            chunks = {chunk.id: chunk async for page in self._inner.scan() for chunk in page}
            if version == self._version:  # else somebody wrote meanwhile, and the next search reads again
                self._chunks = chunks
            return chunks

    def _forget(self) -> None:
        self._version += 1
        self._chunks = self._counted = None

    def _ranked(
        self, chunks: Mapping[str, Chunk], query: SparseVector, limit: int, filter: Filter | None
    ) -> list[Scored]:
        times = zip(query.indices, query.values, strict=True)
        terms = [term for term, count in times for _ in range(int(count))]
        found = self._reference(chunks, filter.corpus if filter else None).search(terms, len(chunks))
        passing = (one for one in found if filter is None or filter.accepts(chunks[one.chunk_id]))
        return list(islice(passing, limit))

    def _reference(self, chunks: Mapping[str, Chunk], corpus: Filter | None) -> ReferenceBm25:
        """The statistics of the chunks of ``corpus``; those asked for last are kept."""
        if self._counted is None or self._counted[0] != corpus or self._chunks is not chunks:
            counted = [chunk for chunk in chunks.values() if corpus is None or corpus.accepts(chunk)]
            terms = {chunk.id: self._term_ids(chunk) for chunk in counted}
            self._counted = corpus, ReferenceBm25(terms, self._k1, self._b)
        return self._counted[1]
