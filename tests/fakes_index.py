"""An index and a sparse encoder in a few lines: they obey the contracts and keep everything in memory."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from rag.embedding.base import Vectors
from rag.index.base import Leg, Point, Scored
from rag.index.filters import Filter
from rag.types import Chunk, SparseVector

_WORD = re.compile(r"\w+")


class FakeIndex:
    """Searches by comparing the query with every point; ``calls`` counts the calls of each method."""

    name = "fake"

    def __init__(self) -> None:
        self.points: dict[str, Point] = {}
        self.calls: Counter[str] = Counter()

    async def upsert(self, points: Sequence[Point]) -> None:
        self.calls["upsert"] += 1
        self.points.update({point.chunk.id: point for point in points})

    async def replace_sparse(self, vectors: Mapping[str, SparseVector]) -> None:
        self.calls["replace_sparse"] += 1
        for key, vector in vectors.items():
            self.points[key] = replace(self.points[key], sparse=vector)

    async def delete(self, chunk_ids: Sequence[str]) -> None:
        self.calls["delete"] += 1
        for key in chunk_ids:
            self.points.pop(key, None)

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        return [self._leg(leg, filter) for leg in legs]

    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        self.calls["max_sim"] += 1
        held = {key: self.points[key].tokens for key in chunk_ids if key in self.points}
        scored = [
            Scored(key, float((query @ tokens.vectors.T).max(axis=1).mean()))
            for key, tokens in held.items()
            if tokens is not None and tokens.encoder == encoder
        ]
        return sorted(scored, key=lambda one: -one.score)

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        return [self.points[key].chunk for key in chunk_ids if key in self.points]

    async def scan(self, batch: int = 256) -> AsyncIterator[list[Chunk]]:
        self.calls["scan"] += 1
        chunks = [point.chunk for point in self.points.values()]
        for start in range(0, len(chunks), batch):
            yield chunks[start : start + batch]

    async def scan_points(self, batch: int = 256) -> AsyncIterator[list[Point]]:
        points = list(self.points.values())
        for start in range(0, len(points), batch):
            yield points[start : start + batch]

    async def count(self, filter: Filter | None = None) -> int:
        return len(self._passing(filter))

    async def close(self) -> None:
        self.points = {}

    def _passing(self, filter: Filter | None) -> list[Point]:
        return [point for point in self.points.values() if filter is None or filter.accepts(point.chunk)]

    def _leg(self, leg: Leg, filter: Filter | None) -> list[Scored]:
        scored = []
        for point in self._passing(filter):
            if not isinstance(leg.vector, SparseVector):
                scored.append(Scored(point.chunk.id, float(point.dense @ leg.vector)))
            elif set(leg.vector.indices) & set(point.sparse.indices):
                scored.append(Scored(point.chunk.id, self._bm25(leg.vector, point.sparse)))
        return sorted(scored, key=lambda one: -one.score)[: leg.limit]

    def _bm25(self, query: SparseVector, document: SparseVector) -> float:
        weights = dict(zip(document.indices, document.values, strict=True))
        return sum(
            value * weights.get(term, 0.0) * self._idf(term)
            for term, value in zip(query.indices, query.values, strict=True)
        )

    def _idf(self, term: int) -> float:
        with_term = sum(term in point.sparse.indices for point in self.points.values())
        return math.log(1 + (len(self.points) - with_term + 0.5) / (with_term + 0.5))


class WordSparse:
    """BM25's document side over plain words: tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / average))."""

    name = "words(k1=1.2, b=0.75)"

    def length(self, text: str, language: str) -> int:
        return len(_WORD.findall(text.lower()))

    def term_ids(self, text: str, language: str) -> list[int]:
        return [zlib.crc32(word.encode()) for word in _WORD.findall(text.lower())]

    def encode_documents(
        self, texts: Sequence[str], languages: Sequence[str], average_length: float
    ) -> list[SparseVector]:
        return [self._vector(text, average_length) for text in texts]

    def encode_query(self, text: str, language: str) -> SparseVector:
        counts = Counter(zlib.crc32(word.encode()) for word in _WORD.findall(text.lower()))
        return SparseVector(tuple(counts), tuple(float(count) for count in counts.values()))

    def words(self, text: str, language: str) -> dict[int, str]:
        return {zlib.crc32(word.encode()): word for word in _WORD.findall(text.lower())}

    def _vector(self, text: str, average_length: float) -> SparseVector:
        query = self.encode_query(text, "en")
        norm = 1.2 * (1 - 0.75 + 0.75 * self.length(text, "en") / average_length)
        return SparseVector(query.indices, tuple(tf * 2.2 / (tf + norm) for tf in query.values))
