"""The retriever: what each mode asks of the parts, and what a hit says of its way."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rag.embedding.base import Vectors
from rag.errors import (
    BadInput,
    DeadlineExceeded,
    ModelCut,
    ModelRefused,
    ModelUnavailable,
    UnknownChoice,
)
from rag.fusion import build_fusion
from rag.fusion.weights import DenseWeight
from rag.index.base import Leg, Point, Scored
from rag.index.filters import Filter
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.retriever import Retriever, SearchRequest
from rag.telemetry.stages import Stages
from rag.types import Chunk, Hit, LegScore
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex, WordSparse

TEXTS = ["cat sits", "dog runs", "cat runs far", "fish swims"]
FULL = {
    "embedder": "hashing-64",
    "sparse": WordSparse.name,
    "index": FakeIndex.name,
    "fusion": "rrf(k=60)",
    "reranker": "none",
}


class Recording(FakeIndex):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[list[Leg]] = []
        self.fetched: list[list[str]] = []

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        self.searched.append(list(legs))
        return await super().search(legs, filter)

    async def fetch(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        self.fetched.append(list(chunk_ids))
        return await super().fetch(chunk_ids)


class Backwards:
    """Turns the hits it is given around."""

    name = "backwards"
    batch_size = 100

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        turned = reversed(list(enumerate(hits)))
        return [replace(hit, score=float(place), rerank_score=float(place)) for place, hit in turned]


class Stuck(HashingEmbedder):
    async def embed_query(self, text: str) -> Vectors:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")


def chunk(number: int) -> Chunk:
    text = TEXTS[number]
    return Chunk(str(uuid.UUID(int=number + 1)), f"doc-{number}", text, 0, len(text))


@pytest.fixture
async def index() -> Recording:
    made, embedder, encoder = Recording(), HashingEmbedder(), WordSparse()
    vectors = await embedder.embed_documents(TEXTS)
    terms = encoder.encode_documents(TEXTS, ["en"] * len(TEXTS), 2.25)
    await made.upsert([Point(chunk(n), vectors[n], terms[n]) for n in range(len(TEXTS))])
    return made


def retriever(index: FakeIndex, reranker: Reranker | None = None, **values: Any) -> Retriever:
    return Retriever(
        values.pop("embedder", HashingEmbedder()),
        WordSparse(),
        index,
        reranker or NoReranker(),
        build_fusion(),
        Workers(threads=1),
        **values,
    )


def request(query: str = "cat", **values: Any) -> SearchRequest:
    return SearchRequest(query, values.pop("deadline", Deadline.after(60)), **values)


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


async def test_hybrid_asks_both_legs_in_one_call_and_fuses_them(index: Recording) -> None:
    result = await retriever(index).search(request("cat sits", top_k=2))
    [legs] = index.searched
    assert [(leg.name, leg.limit) for leg in legs] == [("sparse", 100), ("dense", 100)]
    best = result.hits[0]
    assert best.chunk == chunk(0)
    assert best.score == 1 / (60 + 1) + 1 / (60 + 1)
    assert best.fused == LegScore(1, best.score)
    assert {leg: score.rank for leg, score in best.legs.items()} == {"dense": 1, "sparse": 1}
    assert result.parts == FULL
    assert result.degraded == ()
    assert list(result.timings_ms) == ["analyze", "embed", "search", "fuse", "fetch"]


@pytest.mark.parametrize(("mode", "other"), [("dense", "sparse"), ("sparse", "dense")])
async def test_a_single_leg_keeps_its_own_scores_and_fuses_nothing(
    index: Recording, mode: Any, other: str
) -> None:
    result = await retriever(index).search(request("cat", mode=mode))
    assert [leg.name for leg in index.searched[0]] == [mode]
    for rank, hit in enumerate(result.hits, start=1):
        assert hit.legs == {mode: LegScore(rank, hit.score)}
        assert hit.fused is None
    assert result.parts["fusion"] == "none"
    assert result.parts["sparse" if other == "sparse" else "embedder"] == "none"


async def test_only_what_is_returned_is_fetched(index: Recording) -> None:
    await retriever(index).search(request("cat", top_k=2))
    assert [len(ids) for ids in index.fetched] == [2]


async def test_a_chunk_that_one_leg_found_ties_with_the_others_and_the_words_go_first(
    index: Recording,
) -> None:
    embedder = HashingEmbedder()
    near_dog = await embedder.embed_query("dog runs")

    class Elsewhere(HashingEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            return near_dog

    result = await retriever(index, embedder=Elsewhere(), candidates=1).search(request("fish", top_k=1))
    assert texts(result.hits) == ["fish swims"]


async def test_the_filter_reaches_the_index(index: Recording) -> None:
    result = await retriever(index).search(request("cat", filter=Filter.of({"document_id": "doc-2"})))
    assert texts(result.hits) == ["cat runs far"]


async def test_the_reranker_orders_the_first_and_the_others_stay_behind(index: Recording) -> None:
    plain = await retriever(index).search(request("cat runs", top_k=4))
    result = await retriever(index, Backwards(), rerank_top=2).search(request("cat runs", top_k=4))
    first, second, *others = texts(plain.hits)
    assert texts(result.hits) == [second, first, *others]
    assert [hit.rerank_score for hit in result.hits] == [1.0, 0.0, None, None]
    assert result.hits[0].fused == LegScore(2, plain.hits[1].score)
    assert result.parts["reranker"] == "backwards"
    assert "rerank" in result.timings_ms


async def test_the_reranker_sees_more_than_is_returned(index: Recording) -> None:
    plain = await retriever(index).search(request("cat runs", top_k=3))
    result = await retriever(index, Backwards(), rerank_top=3).search(request("cat runs", top_k=1))
    assert texts(result.hits) == texts(plain.hits)[2:3]


async def test_more_hits_than_candidates_widen_the_legs(index: Recording) -> None:
    await retriever(index, candidates=2).search(request("cat", top_k=3))
    assert [leg.limit for leg in index.searched[0]] == [3, 3]


async def test_a_question_without_terms_leaves_the_sparse_leg_out_and_says_so(index: Recording) -> None:
    result = await retriever(index).search(request("?!"))
    assert [leg.name for leg in index.searched[0]] == ["dense"]
    assert [(item.part, item.why) for item in result.degraded] == [
        ("sparse", "the question has no terms to look up")
    ]
    assert len(result.hits) == len(TEXTS)


async def test_without_any_leg_there_is_nothing_to_find(index: Recording) -> None:
    result = await retriever(index).search(request("?!", mode="sparse"))
    assert result.hits == ()
    assert index.searched == []
    assert [item.part for item in result.degraded] == ["sparse"]


async def test_an_empty_index_answers_with_no_hits() -> None:
    result = await retriever(FakeIndex(), Backwards()).search(request("cat"))
    assert result.hits == ()


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"query": " \n"}, BadInput, "question is empty"),
        ({"query": "x" * 10_001}, BadInput, "10,001 characters"),
        ({"top_k": 0}, BadInput, "top_k is 0"),
        ({"top_k": 1_001}, BadInput, "top_k is 1001"),
        ({"mode": "both"}, UnknownChoice, "unknown mode 'both'"),
    ],
)
async def test_what_cannot_be_searched_is_told(
    index: Recording, values: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await retriever(index).search(request(**values))
    assert index.searched == []


async def test_a_passed_deadline_names_the_stage(index: Recording) -> None:
    passed = Deadline(at=0.0, clock=lambda: 1.0)
    with pytest.raises(DeadlineExceeded, match="before analyze"):
        await retriever(index).search(request("cat", deadline=passed))


async def test_a_stage_that_takes_too_long_is_cut_off(index: Recording) -> None:
    soon = Deadline.after(0.05)
    with pytest.raises(DeadlineExceeded, match="during embed"):
        await retriever(index, embedder=Stuck()).search(request("cat", mode="dense", deadline=soon))


async def test_times_go_to_the_stages_of_the_caller(index: Recording) -> None:
    stages = Stages()
    stages.add("route", 1.0)
    result = await retriever(index).search(request("cat"), stages)
    assert result.timings_ms == stages.ms
    assert list(stages.ms)[:2] == ["route", "analyze"]


async def test_a_question_in_a_language_the_embedder_does_not_know_gives_the_dense_leg_its_other_weight(
    index: Recording,
) -> None:
    class English(HashingEmbedder):
        languages = frozenset({"en"})

    weight = DenseWeight(known=1.0, unknown=0.25)
    searcher = retriever(index, embedder=English(), dense_weight=weight)
    known = await searcher.search(request("cat sits", language="en"))
    unknown = await searcher.search(request("cat sits", language="fr"))
    assert known.hits[0].score == 1 / (60 + 1) + 1 / (60 + 1)
    assert unknown.hits[0].score == 0.25 / (60 + 1) + 1 / (60 + 1)
    assert known.parts["fusion"] == "rrf(k=60)"
    assert unknown.parts["fusion"] == "rrf(k=60), dense weighs 0.25"


async def test_a_leg_that_weighs_nothing_is_not_asked_while_the_other_one_is(index: Recording) -> None:
    searcher = retriever(index, dense_weight=DenseWeight(known=0.0))
    result = await searcher.search(request("cat"))
    assert [leg.name for leg in index.searched[0]] == ["sparse"]
    assert [item.part for item in result.degraded] == ["dense"]
    wordless = await searcher.search(request("?!"))
    assert [leg.name for leg in index.searched[1]] == ["dense"]
    assert len(wordless.hits) == len(TEXTS)


@pytest.mark.parametrize("error", [ModelUnavailable("it is down"), ModelCut("it was cut")])
async def test_a_leg_that_fails_is_left_out_and_named(index: Recording, error: Exception) -> None:
    class Down(HashingEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            raise error

    searcher = retriever(index, embedder=Down())
    result = await searcher.search(request("cat"))
    assert texts(result.hits) == ["cat sits", "cat runs far"]
    assert [(item.part, item.why) for item in result.degraded] == [("dense", str(error))]
    for alone in (request("cat", mode="dense"), request("?!")):
        with pytest.raises(type(error), match=str(error)):
            await searcher.search(alone)


async def test_a_late_leg_leaves_the_other_one_its_share_of_the_time(index: Recording) -> None:
    result = await retriever(index, embedder=Stuck()).search(request("cat", deadline=Deadline.after(1.0)))
    assert texts(result.hits) == ["cat sits", "cat runs far"]
    assert [(item.part, item.why) for item in result.degraded] == [
        ("dense", "the deadline passed during embed")
    ]


async def test_a_refusal_by_the_embedding_server_is_told(index: Recording) -> None:
    class Refusing(HashingEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            raise ModelRefused("wrong key")

    with pytest.raises(ModelRefused, match="wrong key"):
        await retriever(index, embedder=Refusing()).search(request("cat"))


async def test_a_leg_that_finds_nothing_is_named(index: Recording) -> None:
    result = await retriever(index).search(request("zebra"))
    assert [(item.part, item.why) for item in result.degraded] == [("sparse", "it found nothing")]
    assert len(result.hits) == len(TEXTS)


async def test_a_reranker_that_fails_leaves_the_fused_order_and_is_named(index: Recording) -> None:
    class Failing(Backwards):
        async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
            raise ModelUnavailable("it is down")

    plain = await retriever(index).search(request("cat runs"))
    result = await retriever(index, Failing()).search(request("cat runs"))
    assert result.hits == plain.hits
    assert [(item.part, item.why) for item in result.degraded] == [
        ("reranker", "scored 0 of 4 hits: it is down")
    ]


async def test_the_trail_holds_what_each_stage_had(index: Recording) -> None:
    result = await retriever(index, Backwards(), rerank_top=3).search(request("cat runs", top_k=1))
    assert result.trail is not None
    assert [len(result.trail.rankings[leg]) for leg in ("sparse", "dense")] == [3, 4]
    assert [item.id for item in result.trail.fused[:3]] == [
        hit.chunk.id for hit in reversed(result.trail.hits)
    ]
    assert result.hits == tuple(result.trail.hits[:1])
