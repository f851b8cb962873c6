"""Parts that play back what earlier stages found, so that the retriever itself fuses and reranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rag.embedding.base import Vectors
from rag.fusion.base import Fused
from rag.index.base import Leg, LegName, Scored
from rag.index.filters import Filter
from rag.types import Chunk, SparseVector

LookUp = Callable[[LegName, int], list[Scored]]
"""What a leg found with a limit."""


class _Delegate:
    """Whatever is not played back is asked of the part itself."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class PlayedEmbedder(_Delegate):
    """An embedder whose vectors are there already, by text."""

    def __init__(self, part: Any, vectors: Mapping[str, Vectors]) -> None:
        super().__init__(part)
        self._vectors = vectors

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question."""
        return self._vectors[text]

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages."""
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


class PlayedSparse(_Delegate):
    """A sparse encoder whose questions are encoded already, by text."""

    def __init__(self, part: Any, vectors: Mapping[str, SparseVector]) -> None:
        super().__init__(part)
        self._vectors = vectors

    def encode_query(self, text: str, language: str) -> SparseVector:  # noqa: ARG002 (the contract's)
        """The terms of a question; its language was looked at when they were found."""
        return self._vectors[text]


class PlayedIndex:
    """An index that gives back what was found: ``look_up`` knows it by leg and limit, for one question."""

    name = "replay"

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = {chunk.id: chunk for chunk in chunks}
        self.look_up: LookUp = lambda *_: []
        self.limit = 0

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:  # noqa: ARG002
        """What each leg found for the question at hand."""
        self.limit = legs[0].limit
        return [self.look_up(leg.name, leg.limit) for leg in legs]

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """The chunks in the order asked for."""
        return [self._chunks[chunk_id] for chunk_id in chunk_ids]


class PlayedFusion:
    """A fusion that gives back what was fused: ``rankings`` by limit, for one question at a time."""

    def __init__(self, index: PlayedIndex) -> None:
        self._index = index
        self.rankings: Mapping[int, list[Fused]] = {}

    def fuse(
        self,
        candidates: Mapping[str, Sequence[Scored]],  # noqa: ARG002 (the contract's)
        weights: Mapping[str, float],  # noqa: ARG002 (the contract's)
    ) -> list[Fused]:
        """The fused ranking of the question at hand."""
        return self.rankings[self._index.limit]
