"""What every engine does with points and with the candidates that it finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.embedding.base import Vectors
from rag.errors import IndexMismatch
from rag.index.base import Leg, Point, Scored
from rag.index.payload import MOST_RANGE_KEYS, range_paths
from rag.types import SparseVector


def check_points(points: Sequence[Point], dimension: int, collection: str) -> None:
    """Sees that every point fits the collection; ``IndexMismatch`` otherwise."""
    for point in points:
        _check(point.dense, dimension, collection)


def check_legs(legs: Sequence[Leg], dimension: int, collection: str) -> None:
    """Sees that every dense leg fits the collection; ``IndexMismatch`` otherwise."""
    for leg in legs:
        if not isinstance(leg.vector, SparseVector):
            _check(leg.vector, dimension, collection)


def new_ranges(points: Sequence[Point], indexed: set[str]) -> list[str]:
    """Paths of these points that ranges look at and that have no index yet, as far as there may be more."""
    new = sorted(range_paths(point.chunk for point in points) - indexed)
    return new[: max(0, MOST_RANGE_KEYS - len(indexed))]


def ranked(found: Iterable[tuple[str, float]]) -> list[Scored]:
    """Candidates best first, equal scores in the order of their ids."""
    return sorted(map(Scored._make, found), key=lambda scored: (-scored.score, scored.chunk_id))


def _check(vector: Vectors, dimension: int, collection: str) -> None:
    if vector.shape != (dimension,):
        raise IndexMismatch(
            f"collection {collection!r} holds vectors of length {dimension}, not {list(vector.shape)}:"
            " use the embedder that made it, or ingest into another collection"
        )
