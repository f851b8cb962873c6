"""Searches while documents come and go: nothing fails, and afterwards nothing is stale."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import numpy as np

from rag.fusion import build_fusion
from rag.headed import passage_text
from rag.index.base import Index, Leg, Point
from rag.index.edge import EdgeStore
from rag.index.filters import Filter
from rag.index.rank_bm25 import RankBm25Index
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.retriever import Retriever, SearchRequest
from rag.sparse import build_sparse_encoder
from rag.sparse.base import SparseEncoder
from rag.types import Chunk
from tests.fakes import HashingEmbedder

WORDS = ["attention", "cache", "token", "vector", "graph", "latency", "router", "expert"]
CALLERS, ROUNDS, AVERAGE = 32, 4, 8.0


def chunk(number: int, random: np.random.Generator) -> Chunk:
    text = " ".join(random.choice(WORDS, size=random.integers(1, 16)))
    metadata = {"language": "en", "year": 2020 + number % 4, "tenant": "ab"[number % 2]}
    return Chunk(str(uuid.UUID(int=number)), f"doc-{number}", text, 0, len(text), metadata=metadata)


async def points(chunks: list[Chunk], sparse: SparseEncoder) -> list[Point]:
    texts = [passage_text(one) for one in chunks]
    dense = await HashingEmbedder().embed_documents(texts)
    weights = sparse.encode_documents(texts, ["en"] * len(texts), AVERAGE)
    return [Point(*parts) for parts in zip(chunks, dense, weights, strict=True)]


async def fresh(store: EdgeStore, index: Index, sparse: SparseEncoder) -> Index:
    made = await store.create("fresh", HashingEmbedder.dimension)
    chunks = [one async for page in index.scan() for one in page]
    await made.upsert(await points(chunks, sparse))
    return made


async def test_thirty_two_searches_at_once_with_writes_going_on(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    sparse, store, embedder = build_sparse_encoder(), EdgeStore(tmp_path), HashingEmbedder()
    index = await store.create("busy", embedder.dimension)
    await index.upsert(await points([chunk(n, random) for n in range(1, 101)], sparse))
    retriever = Retriever(embedder, sparse, index, NoReranker(), build_fusion(), Workers(threads=1))

    async def ask(caller: int) -> None:
        for turn in range(ROUNDS):
            query = f"{WORDS[caller % 8]} {WORDS[(caller + turn) % 8]}"
            only = Filter.of({"tenant": "a"}) if caller % 2 else None
            found = await retriever.search(SearchRequest(query, Deadline.after(60), filter=only))
            assert found.hits
            assert all(only is None or only.accepts(hit.chunk) for hit in found.hits)

    async def write() -> None:
        for number in range(101, 161):
            await index.upsert(await points([chunk(number, random), chunk(number - 90, random)], sparse))
            await index.delete([str(uuid.UUID(int=number - 100))])

    await asyncio.gather(write(), *(ask(caller) for caller in range(CALLERS)))
    again = await fresh(store, index, sparse)
    legs = [Leg("sparse", sparse.encode_query(word, "en"), 200) for word in WORDS]
    assert await index.search(legs) == await again.search(legs)
    await index.close()
    await again.close()
    await store.close()


async def test_the_textbook_leg_ranks_as_the_engines_through_writes_and_filters(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    sparse, store = build_sparse_encoder(), EdgeStore(tmp_path)
    engine = await store.create("c", HashingEmbedder.dimension)
    textbook = RankBm25Index(engine, lambda one: sparse.term_ids(passage_text(one), "en"), 0.9, 0.4)
    alive = {one.id: one for one in (chunk(n, random) for n in range(1, 41))}
    query = sparse.encode_query("cache cache latency expert", "en")
    assert await textbook.search([Leg("sparse", query, 10)]) == [[]]
    for gone in ([], list(alive)[:15]):
        await textbook.delete(gone)
        alive = {key: one for key, one in alive.items() if key not in gone}
        average = sum(sparse.length(passage_text(one), "en") for one in alive.values()) / len(alive)
        texts = [passage_text(one) for one in alive.values()]
        weights = sparse.encode_documents(texts, ["en"] * len(texts), average)
        dense = await HashingEmbedder().embed_documents(texts)
        made = [Point(*parts) for parts in zip(alive.values(), dense, weights, strict=True)]
        await textbook.upsert(made)
        for condition in (None, Filter.of({"year": {"gte": 2022}}), Filter.of({"tenant": "a"})):
            legs = [Leg("dense", dense[0], 5), Leg("sparse", query, 12)]
            [near, expected], [also_near, found] = (
                await engine.search(legs, condition),
                await textbook.search(legs, condition),
            )
            assert near == also_near
            # rank_bm25 takes the average length of a tenant's own documents, the vectors hold everybody's.
            near_enough = 1e-5 if condition is None or condition.ranges else 0.05
            scores = [one.score for one in found], [one.score for one in expected]
            np.testing.assert_allclose(*scores, rtol=near_enough)
    assert "rank-bm25" in textbook.name
    await textbook.close()
    await store.close()
