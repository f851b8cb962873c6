"""Vectors of tokens beside a chunk's other vectors: a multivector named after its encoder, so none mix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from rag.errors import IndexMismatch
from rag.index.base import Point, Tokens

MOST_SCANNED = 16
"""Points read at once where there are token vectors: 100 KB a point, and more as the engine gives them."""
_MOST_NUMBERS = 2**20
"""Components of token vectors written at once: some 20 MB as JSON, below a server's limit on bodies."""
_TYPICAL_TOKENS = 256
"""Of a chunk, rather more than less."""
_PREFIX = "tokens-"


def vector_name(encoder: str) -> str:
    """What the engine calls the token vectors of an encoder; it takes no slash."""
    return _PREFIX + quote(encoder, safe="@")


def encoders(names: Iterable[str]) -> dict[str, str]:
    """Encoders by the names of their token vectors, among the names of vectors."""
    return {name: unquote(name.removeprefix(_PREFIX)) for name in names if name.startswith(_PREFIX)}


def found_tokens(vectors: Mapping[str, Any]) -> Tokens | None:
    """The token vectors of a point, among all its vectors by name."""
    for name, encoder in encoders(vectors).items():
        return Tokens(encoder, np.array(vectors[name], dtype=np.float16))
    return None


def new_encoders(points: Sequence[Point], held: Mapping[str, int], collection: str) -> dict[str, int]:
    """Encoders of these points' token vectors that are not among ``held``, with the length of their vectors.

    Raises:
        IndexMismatch: vectors of another length than that encoder's.
    """
    known = dict(held)
    for tokens in (point.tokens for point in points if point.tokens is not None):
        length = tokens.vectors.shape[1]
        if known.setdefault(tokens.encoder, length) != length:
            raise IndexMismatch(
                f"collection {collection!r} holds token vectors of {tokens.encoder} of length"
                f" {known[tokens.encoder]}, not {length}: ingest into another collection"
            )
    return {encoder: length for encoder, length in known.items() if encoder not in held}


def graph_threshold(hnsw_from: int, dimension: int, tokens: Mapping[str, int]) -> int:
    """Kilobytes of vectors from which an engine builds its graphs; float32 ``dimension`` for each chunk.

    The engine looks at whichever of a chunk's vectors takes the most room, and the token vectors (float16, of
    the lengths ``tokens``) would be there at a hundredth of the chunks.
    """
    largest = max([4 * dimension, *(2 * _TYPICAL_TOKENS * length for length in tokens.values())])
    return max(1, hnsw_from * largest // 1024)


def portions(points: Sequence[Point], most: int) -> Iterator[list[Point]]:
    """The points in parts of at most ``most``, fewer where they hold token vectors."""
    part: list[Point] = []
    numbers = 0
    for point in points:
        size = 0 if point.tokens is None else point.tokens.vectors.size
        if part and (len(part) == most or numbers + size > _MOST_NUMBERS):
            yield part
            part, numbers = [], 0
        part.append(point)
        numbers += size
    if part:
        yield part
