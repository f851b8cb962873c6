"""The indexes of single legs as one index, as a system searches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from rag.index.base import Index, Leg, LegName, Scored
from rag.index.filters import Filter
from rag.types import Chunk


class LegIndexes:
    """Asks each leg of the index that holds its vectors; all of them hold the same chunks.

    It is for reading: what a sweep indexed does not change.
    """

    def __init__(self, indexes: Mapping[LegName, Index]) -> None:
        self._indexes = indexes

    @property
    def _first(self) -> Index:
        return next(iter(self._indexes.values()))

    @property
    def name(self) -> str:
        """The engine and where it is."""
        return self._first.name

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        """The candidates of each leg, in the order of ``legs``."""
        return [(await self._indexes[leg.name].search([leg], filter))[0] for leg in legs]

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """The chunks of these ids."""
        return await self._first.fetch(chunk_ids)

    def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        """All chunks in batches."""
        return self._first.scan(batch)

    async def count(self, filter: Filter | None = None) -> int:
        """Number of chunks that pass the filter."""
        return await self._first.count(filter)

    async def close(self) -> None:
        """Lets go of all of them."""
        for index in self._indexes.values():
            await index.close()
