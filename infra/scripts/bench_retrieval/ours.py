"""Our side of the benchmark: ``python -m bench_retrieval.ours MATERIAL CHUNKS`` serves it as a worker.

Systems, over one corpus: the whole retriever (as installed; nothing reranks or expands) with and without the
query's embedding, its sparse leg alone, the encoder alone, and Qdrant Edge called directly: one request, both
legs, RRF.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as engine

from app.parts import build_settings_embedder
from app.settings import Settings, load_settings
from bench_retrieval.material import LIMIT, Side, chunk_id, load
from bench_retrieval.worker import Ask, serve
from rag.embedding.base import Embedder, Vectors
from rag.fusion import build_fusion
from rag.fusion.weights import DenseWeight
from rag.index import build_index_store
from rag.index.base import Index, Leg, Point
from rag.language import detect_language
from rag.reranking import build_reranker
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.retriever import Retriever, SearchRequest
from rag.sparse import build_sparse_encoder
from rag.telemetry.stages import Stages
from rag.types import Chunk, SparseVector

_BATCH = 1000
_TOP_K = 10
_SECONDS = 60.0


class LookUp:
    """An embedder that knows the vectors of the queries, and computes none."""

    name = tokenizer = "look-up"
    max_tokens = 256
    languages = frozenset({"en"})

    def __init__(self, queries: Side) -> None:
        self._queries = queries
        self.dimension = queries.vectors.shape[1]

    def token_embedder(self, language: str) -> None:
        """None."""

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Not asked here."""
        raise NotImplementedError(text)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """The vectors of queries."""
        return np.array([self._queries.vector(text) for text in texts])

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a query."""
        return self._queries.vector(text)


class Ours:
    """The systems over one index, each a blocking call on an event loop of its own."""

    def __init__(self, material: Path, chunks: Path, scratch: Path) -> None:
        self.queries = load(material, "queries")
        self.stages: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._settings = load_settings()
        # An embedder remembers the last questions: each way of asking has one of its own.
        self._alone = build_settings_embedder(self._settings)
        root = scratch / "collections"
        self._index = self._loop.run_until_complete(_build(load(chunks, "chunks"), root))
        self._given = build_whole(self._settings, LookUp(self.queries), self._index)
        embedder = build_settings_embedder(self._settings)
        self._whole = build_whole(self._settings, embedder, self._index)
        for text in self.queries.texts:
            detect_language(text)  # which loads its detectors, once in the life of a service
        # The same files, opened again without us.
        shutil.copytree(root / "bench" / "shard", scratch / "bare")
        self._bare = engine.EdgeShard.load(str(scratch / "bare"), None)

    def systems(self) -> dict[str, Ask]:
        """By the names that the report uses."""
        return {
            "bare": self.bare,
            "bare, 100 passages": lambda number: self.bare(number, LIMIT),
            "ours": lambda number: self._search(self._given, number, _TOP_K),
            "ours, 100 passages": lambda number: self._search(self._given, number, LIMIT),
            "ours, embedding": lambda number: self._search(self._whole, number, _TOP_K),
            "encoder": self.encoder,
            "sparse: ours": self.sparse,
        }

    def bare(self, number: int, limit: int = _TOP_K) -> list[str]:
        """One request to the engine, with the passages."""
        indices, values = self.queries.sparse(number)
        dense = self.queries.vectors[number].tolist()
        request = engine.QueryRequest(
            limit=limit,
            prefetches=[
                _prefetch(engine.SparseVector(indices, values), "sparse"),
                _prefetch(dense, "dense"),
            ],
            query=engine.Fusion.Rrf(60),  # type: ignore[arg-type]  # their stub lacks what it inherits
            with_payload=True,
        )
        return [str(point.id) for point in self._bare.query(request)]

    def sparse(self, number: int) -> list[str]:
        """The sparse leg, from the query's terms to ids."""
        indices, values = self.queries.sparse(number)
        leg = Leg("sparse", SparseVector(tuple(indices), tuple(values)), LIMIT)
        found = self._loop.run_until_complete(self._index.search([leg]))
        return [scored.chunk_id for scored in found[0]]

    def encoder(self, number: int) -> list[str]:
        """The encoder alone, which has not seen the question: tokenizer and forward pass."""
        self._loop.run_until_complete(self._alone.embed_query(self.queries.texts[number]))
        return []

    def _search(self, retriever: Retriever, number: int, top_k: int) -> list[str]:
        stages = Stages()
        request = SearchRequest(self.queries.texts[number], Deadline.after(_SECONDS), top_k)
        result = self._loop.run_until_complete(retriever.search(request, stages))
        self.stages = dict(result.timings_ms)
        return [hit.chunk.id for hit in result.hits]


def build_whole(settings: Settings, embedder: Embedder, index: Index) -> Retriever:
    """The retriever as installed, but that nothing reranks."""
    retrieval = settings.retrieval
    return Retriever(
        embedder,
        build_sparse_encoder(k1=retrieval.k1, b=retrieval.b),
        index,
        build_reranker("none")[0],
        build_fusion(retrieval.fusion, k=retrieval.rrf_k),
        Workers(threads=1, name="analyze"),
        candidates=LIMIT,
        dense_weight=DenseWeight(retrieval.dense_weight, retrieval.dense_weight_unknown),
    )


async def _build(chunks: Side, root: Path) -> Index:
    """The collection, closed and opened again as a service finds it."""
    store = build_index_store("edge", root=root)
    index = await store.create("bench", chunks.vectors.shape[1])
    for start in range(0, len(chunks.texts), _BATCH):
        numbers = range(start, min(start + _BATCH, len(chunks.texts)))
        await index.upsert([_point(chunks, number) for number in numbers])
    await index.close()
    return await store.open("bench")


def _point(chunks: Side, number: int) -> Point:
    text = chunks.texts[number]
    indices, values = chunks.sparse(number)
    document = f"document-{number}"
    chunk = Chunk(chunk_id(number), document, text, 0, len(text), metadata={"language": "en"})
    return Point(chunk, chunks.vectors[number], SparseVector(tuple(indices), tuple(values)))


def _prefetch(vector: Any, using: str) -> engine.Prefetch:
    return engine.Prefetch(limit=LIMIT, query=engine.Query.Nearest(vector, using=using))


def main(material: str, chunks: str) -> None:
    """Serves the systems until the input ends."""
    with tempfile.TemporaryDirectory() as scratch:
        made: list[Ours] = []

        def build() -> dict[str, Ask]:
            made.append(Ours(Path(material), Path(chunks), Path(scratch)))
            return made[0].systems()

        serve(build, lambda: made[0].stages)


if __name__ == "__main__":
    main(*sys.argv[1:])
