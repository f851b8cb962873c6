"""The contract of an index: points with a dense and a sparse vector, searched on both legs at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedding.base import Vectors
from rag.index.filters import Filter
from rag.types import Chunk, SparseVector

LegName = Literal["dense", "sparse"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The vectors of a chunk's tokens, float16 ``[tokens, dimension]`` of unit length.

    ``encoder`` is the name of the ``TokenEmbedder`` that made them: vectors of two names are not compared.
    """

    encoder: str
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk with its vectors; ``dense`` is float32 of shape ``[dimension]``."""

    chunk: Chunk
    dense: Vectors
    sparse: SparseVector
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a search: the query's vector for it and how many candidates to return.

    ``exact`` compares the vector with every point's, graph or no graph: what recall is measured against.
    """

    name: LegName
    vector: Vectors | SparseVector
    limit: int
    exact: bool = False


class Scored(NamedTuple):
    """A candidate of a leg, best first; ``score`` is cosine similarity (dense) or BM25 (sparse)."""

    chunk_id: str
    score: float


class Index(Protocol):
    """One collection. ``upsert`` and ``delete`` return once the change would survive a crash.

    Raises, from every method: ``IndexUnavailable`` (a server that is down or slow), ``IndexCorrupt``,
    ``StorageFull``; nothing acknowledged before is lost.
    """

    @property
    def name(self) -> str:
        """The engine and where it is, for ``parts``."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Inserts the points; a point whose chunk id is there already replaces it."""

    async def replace_sparse(self, vectors: Mapping[str, SparseVector]) -> None:
        """Replaces the sparse vectors of chunks by id; everything else of them stays."""

    async def delete(self, chunk_ids: Sequence[str]) -> None:
        """Removes the chunks; ids that are not there are ignored."""

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        """The candidates of each leg, in the order of ``legs``, in one call; the filter holds on every leg.

        A sparse leg returns only chunks that share a term with the query.
        """

    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        """Late interaction with those of the chunks that hold token vectors of ``encoder``, best first.

        ``query`` is float32 ``[tokens, dimension]``; the score is the mean over its tokens of the best dot
        product with a token of the chunk. Chunks of another encoder, or without token vectors, are left out.
        """

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """The chunks of these ids in the order given; ids that are not there are left out."""

    def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        """All chunks in batches, in no particular order."""

    def scan_points(self, batch: int = 256) -> AsyncIterator[list[Point]]:
        """All chunks with their vectors, at most ``batch`` at a time; dense vectors are of length 1."""

    async def count(self, filter: Filter | None = None) -> int:
        """Number of chunks that pass the filter."""

    async def close(self) -> None:
        """Flushes and lets go of the collection; a closed index is not used again."""


class IndexStore(Protocol):
    """Where collections live: a folder (Qdrant Edge) or a server (Qdrant)."""

    async def create(self, collection: str, dimension: int) -> Index:
        """Makes an empty collection and opens it; one that exists already is a ``StorageError``."""

    async def open(self, collection: str) -> Index:
        """Opens a collection; one in an older format is upgraded first.

        Raises:
            NotFound: there is none of that name; the message lists those there are.
            IndexInUse: another process owns it.
            IndexMismatch: another program made it, or a later version of this one.
            IndexCorrupt: its files cannot be read back.
        """

    async def names(self) -> list[str]:
        """The collections there are, sorted."""

    async def drop(self, collection: str) -> None:
        """Deletes a collection and its files; ``NotFound`` if there is none."""

    async def close(self) -> None:
        """Lets go of connections; collections opened from it are closed by whoever opened them."""
