"""Explaining a search: the terms that matched and what they weigh, and where a document fell out."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.expected import Expected
from rag.explain import Move, explain
from rag.fusion import build_fusion
from rag.index import build_index_store
from rag.index.base import Index, Point
from rag.index.filters import Filter
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.retriever import Retriever, SearchRequest
from rag.sparse import build_sparse_encoder
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder

TEXTS = [
    "The cached keys and the caching of values",
    "A cache keeps keys",
    "Fusion adds up ranks",
    "Ranks of a fusion of rankings",
    "Nothing here",
]
SPARSE = build_sparse_encoder()


class Demoting:
    """Puts the first hit last."""

    name = "demoting"
    batch_size = 100

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        turned = [*hits[1:], hits[0]]
        return [replace(hit, rerank_score=-float(place)) for place, hit in enumerate(turned)]


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    store = build_index_store("edge", root=tmp_path)
    made = await store.create("c", HashingEmbedder.dimension)
    dense = await HashingEmbedder().embed_documents(TEXTS)
    terms = SPARSE.encode_documents(TEXTS, ["en"] * len(TEXTS), 4.0)
    chunks = [
        Chunk(str(uuid.UUID(int=n + 1)), f"doc-{n}", text, 0, len(text), metadata={"language": "en"})
        for n, text in enumerate(TEXTS)
    ]
    await made.upsert([Point(*one) for one in zip(chunks, dense, terms, strict=True)])
    yield made
    await made.close()
    await store.close()


def searcher(index: Index, reranker: Reranker | None = None, candidates: int = 100) -> Retriever:
    reranker = reranker or NoReranker()
    parts = (HashingEmbedder(), SPARSE, index, reranker, build_fusion(), Workers(threads=1))
    return Retriever(*parts, candidates=candidates, rerank_top=3)


def request(query: str, top_k: int = 5, filter: Filter | None = None) -> SearchRequest:
    return SearchRequest(query, Deadline.after(60), top_k=top_k, filter=filter, language="en")


async def test_the_weights_of_matched_terms_sum_to_the_score_of_the_sparse_leg(index: Index) -> None:
    asked = request("caches of keys and ranks")
    result = await searcher(index).search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder())
    matched = 0
    for hit, why in zip(result.hits, explained.hits, strict=True):
        sparse = hit.legs.get("sparse")
        assert sum(term.weight for term in why.terms) == pytest.approx(sparse.score if sparse else 0.0)
        assert [term.weight for term in why.terms] == sorted((t.weight for t in why.terms), reverse=True)
        matched += len(why.terms)
    assert matched == 2 + 2 + 1 + 1


async def test_terms_are_named_by_the_words_of_question_and_passage(index: Index) -> None:
    asked = request("caches of keys")
    result = await searcher(index).search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder())
    named = {
        hit.chunk.document_id: {(term.query, term.passage) for term in why.terms}
        for hit, why in zip(result.hits, explained.hits, strict=True)
    }
    assert named["doc-0"] == {("caches", "cached"), ("keys", "keys")}
    assert named["doc-1"] == {("caches", "cache"), ("keys", "keys")}
    assert named["doc-4"] == set()


async def test_a_reranked_hit_says_where_it_came_from(index: Index) -> None:
    asked = request("fusion of ranks")
    plain = await searcher(index).search(asked)
    result = await searcher(index, Demoting()).search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder())
    moves = [(2, 1), (3, 2), (1, 3)]
    assert [why.reranked for why in explained.hits] == [
        *(Move("reranker", *move) for move in moves),
        None,
        None,
    ]
    assert all(why.review == () for why in explained.hits)
    assert [why.rank for why in explained.hits] == [1, 2, 3, 4, 5]
    assert explained.hits[2].fused == plain.hits[0].fused
    assert explained.candidates == {"sparse": 2, "dense": 5}
    assert explained.weights == {"dense": 1.0, "sparse": 1.0}
    assert explained.language == "en"


async def fate(index: Index, document: str, asked: SearchRequest, retriever: Retriever) -> Expected:
    result = await retriever.search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder(), document)
    assert explained.expected is not None
    return explained.expected


async def test_a_document_that_is_not_there_is_absent(index: Index) -> None:
    told = await fate(index, "doc-99", request("cache"), searcher(index))
    assert (told.stage, told.legs) == ("absent", {})


async def test_a_document_that_the_filter_refuses_is_filtered(index: Index) -> None:
    asked = request("cache", filter=Filter.of({"document_id": "doc-0"}))
    assert (await fate(index, "doc-1", asked, searcher(index))).stage == "filtered"


async def test_a_document_beyond_the_candidates_is_found_by_a_wider_search(index: Index) -> None:
    told = await fate(index, "doc-4", request("fusion of ranks", top_k=1), searcher(index, candidates=2))
    assert told.stage == "candidates"
    assert set(told.legs) == {"dense"}
    assert told.legs["dense"] > 2
    assert "among its 2 candidates" in told.why
    assert f"dense has it at {told.legs['dense']}" in told.why
    assert "sparse has it nowhere" in told.why


async def test_a_candidate_that_fusion_put_too_low_is_cut_there(index: Index) -> None:
    told = await fate(index, "doc-4", request("fusion of ranks", top_k=1), searcher(index, Demoting()))
    assert told.stage == "fusion"
    assert told.fused is not None
    assert told.fused > 3
    assert told.rank is None


async def test_a_document_that_the_reranker_moved_down_says_so(index: Index) -> None:
    asked = request("fusion of ranks", top_k=1)
    best = (await searcher(index).search(asked)).hits[0].chunk.document_id
    told = await fate(index, best, asked, searcher(index, Demoting()))
    assert (told.stage, told.fused, told.rank) == ("reranker", 1, 3)


async def test_a_document_that_was_never_in_the_top_says_how_many_were_asked_for(index: Index) -> None:
    asked = request("fusion of ranks", top_k=1)
    third = (await searcher(index).search(request("fusion of ranks"))).hits[2].chunk.document_id
    told = await fate(index, third, asked, searcher(index, Demoting()))
    assert (told.stage, told.fused, told.rank) == ("top_k", 3, 2)
    assert "top 1" in told.why


async def test_a_document_that_was_found_says_its_rank(index: Index) -> None:
    told = await fate(index, "doc-1", request("a cache keeps keys"), searcher(index))
    assert (told.stage, told.rank) == ("found", 1)


async def test_without_terms_a_hit_has_none_and_a_document_can_still_be_followed(index: Index) -> None:
    asked = request("?!")
    result = await searcher(index).search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder(), "doc-0")
    assert all(why.terms == () for why in explained.hits)
    assert explained.expected is not None
    assert explained.expected.stage == "found"
