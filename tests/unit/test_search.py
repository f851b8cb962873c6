"""The whole of retrieval: expansion, search, fusion of several queries, review, and what is said of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rag.embedding.bilingual import BilingualEmbedder
from rag.errors import BadInput, ModelUnavailable
from rag.explain import Move, explain
from rag.fusion import build_fusion
from rag.index.base import Leg, Point, Scored
from rag.index.filters import Filter
from rag.llm.base import Message
from rag.llm.scripted import Scripted, ScriptedChat
from rag.queries import build_expander
from rag.queries.stage import Expansion
from rag.ranking.source import Source
from rag.ranking.stage import Review
from rag.ranking.widen import neighbours
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.retriever import Retriever, SearchRequest
from rag.search import Searcher
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex, WordSparse

TEXTS = ["cat sits here", "dog runs there", "cat sits here", "fish swims deep"]
SPARSE = WordSparse()


class Recording(FakeIndex):
    def __init__(self) -> None:
        super().__init__()
        self.searched: list[list[Leg]] = []

    async def search(self, legs: Sequence[Leg], filter: Filter | None = None) -> list[list[Scored]]:
        self.searched.append(list(legs))
        return await super().search(legs, filter)


class Asked:
    """Keeps the order, and remembers the question and how many hits it was given."""

    name = "asked"
    batch_size = 100

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        self.seen.append((query, len(hits)))
        return list(hits)


class Named(HashingEmbedder):
    def __init__(self, name: str) -> None:
        self.name = name


class Last(Asked):
    """Puts the first hit last."""

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        turned = [*hits[1:], hits[0]]
        return [replace(hit, rerank_score=-float(place)) for place, hit in enumerate(turned)]


@pytest.fixture
async def index() -> Recording:
    made = Recording()
    dense = await HashingEmbedder().embed_documents(TEXTS)
    terms = SPARSE.encode_documents(TEXTS, ["en"] * len(TEXTS), 3.0)
    chunks = [
        Chunk(str(uuid.UUID(int=n + 1)), f"doc-{n}", text, 0, len(text), metadata={"language": "en"})
        for n, text in enumerate(TEXTS)
    ]
    await made.upsert([Point(*one) for one in zip(chunks, dense, terms, strict=True)])
    return made


def searcher(
    index: FakeIndex,
    kind: str = "none",
    said: Sequence[Scripted] | None = None,
    review: Review | None = None,
    reranker: Reranker | None = None,
) -> Searcher:
    workers = Workers(threads=1)
    inner = Retriever(
        HashingEmbedder(), SPARSE, index, reranker or NoReranker(), build_fusion(), workers, rerank_top=3
    )
    chat = None if said is None else ScriptedChat(said)
    return Searcher(inner, Expansion(build_expander(kind, chat=chat)), review or Review(workers))


def request(query: str, top_k: int = 4, history: tuple[Message, ...] = ()) -> SearchRequest:
    return SearchRequest(query, Deadline.after(60), top_k=top_k, language="en", history=history)


def reply(*texts: str) -> str:
    return json.dumps({"texts": texts})


async def test_with_everything_off_a_searcher_finds_what_its_retriever_finds(index: Recording) -> None:
    plain = Retriever(HashingEmbedder(), SPARSE, index, NoReranker(), build_fusion(), Workers(threads=1))
    expected = await plain.search(request("cat sits"))
    result = await searcher(index).search(request("cat sits"))
    assert result.hits == expected.hits
    assert expected.trail is not None
    assert result.trail is not None
    assert result.trail.rankings == expected.trail.rankings
    assert result.parts == {**expected.parts, "expansion": "none", "review": "none"}


async def test_rankings_of_several_queries_are_fused_by_rank(index: Recording) -> None:
    result = await searcher(index, "multi_query", [reply("fish swims")]).search(request("dog runs"))
    plain = Retriever(HashingEmbedder(), SPARSE, index, NoReranker(), build_fusion(), Workers(threads=1))
    ranks = []
    for query in ("dog runs", "fish swims"):
        alone = await plain.search(request(query))
        ranks.append({hit.chunk.id: rank for rank, hit in enumerate(alone.hits, 1)})
    for hit in result.hits:
        assert hit.score == pytest.approx(sum(1 / (60 + rank[hit.chunk.id]) for rank in ranks))
    assert result.queries is not None
    assert result.queries.texts == ("dog runs", "fish swims")
    assert list(result.timings_ms) == ["expand", "analyze", "embed", "search", "fuse", "fetch"]


async def test_a_leg_s_score_is_the_best_that_a_query_brought(index: Recording) -> None:
    result = await searcher(index, "multi_query", [reply("fish swims")]).search(request("dog runs"))
    embedder = HashingEmbedder()
    vectors = [await embedder.embed_query(query) for query in ("dog runs", "fish swims")]
    for hit in result.hits:
        own = await embedder.embed_query(hit.chunk.text)
        assert hit.legs["dense"].score == pytest.approx(max(float(own @ one) for one in vectors), abs=1e-6)


async def test_a_made_up_passage_moves_the_dense_leg_alone(index: Recording) -> None:
    await searcher(index, "hyde", [reply("fish swims deep")]).search(request("who moves"))
    [legs] = index.searched
    embedder = HashingEmbedder()
    both = np.vstack(
        [await embedder.embed_query("who moves"), await embedder.embed_documents(["fish swims deep"])]
    )
    expected = both.mean(axis=0) / np.linalg.norm(both.mean(axis=0))
    asked = {leg.name: leg.vector for leg in legs}
    assert np.allclose(np.asarray(asked["dense"]), expected, atol=1e-6)
    assert asked["sparse"] == SPARSE.encode_query("who moves", "en")


async def test_the_reranker_is_asked_once_with_the_question_as_rewritten(index: Recording) -> None:
    reranker = Asked()
    talk = (Message("user", "Where is the cat?"),)
    made = searcher(index, "rewrite", [reply("where does the dog run")], reranker=reranker)
    result = await made.search(request("and the dog?", history=talk))
    assert reranker.seen == [("where does the dog run", 3)]
    assert result.parts["expansion"] == "rewrite(scripted)"
    many = searcher(index, "multi_query", [reply("fish swims", "cat sits")], reranker=reranker)
    await many.search(request("dog runs"))
    assert reranker.seen[1:] == [("dog runs", 3)]


async def test_a_rewritten_question_can_be_explained(index: Recording) -> None:
    talk, asked = (Message("user", "Where is the cat?"),), request("and the dog?")
    asked = SearchRequest(asked.query, asked.deadline, history=talk, language="en")
    result = await searcher(index, "rewrite", [reply("where does the dog run")]).search(asked)
    explanation = await explain(asked, result, index, SPARSE, HashingEmbedder())
    [terms] = [
        found.terms
        for hit, found in zip(result.hits, explanation.hits, strict=True)
        if hit.chunk.document_id == "doc-1"
    ]
    assert [term.query for term in terms] == ["dog"]


async def test_of_several_queries_an_explained_hit_says_where_each_had_it_and_by_which_terms(
    index: Recording,
) -> None:
    asked = request("dog runs")
    result = await searcher(index, "multi_query", [reply("fish swims")]).search(asked)
    explained = await explain(asked, result, index, SPARSE, HashingEmbedder())
    assert [one.query for one in explained.queries] == ["dog runs", "fish swims"]
    assert [one.candidates for one in explained.queries] == [{"sparse": 1, "dense": 4}] * 2
    for query in ("dog runs", "fish swims"):
        alone = await searcher(index).search(request(query))
        places = {hit.chunk.id: (hit.legs, hit.fused) for hit in alone.hits}
        for hit, found in zip(result.hits, explained.hits, strict=True):
            [one] = [one for one in found.queries if one.query == query]
            assert (one.legs, one.fused) == places[hit.chunk.id]
    [fish] = [
        found
        for hit, found in zip(result.hits, explained.hits, strict=True)
        if hit.chunk.document_id == "doc-3"
    ]
    assert {one.query: [term.query for term in one.terms] for one in fish.queries} == {
        "dog runs": [],
        "fish swims": ["fish", "swims"],
    }
    assert fish.terms == fish.queries[1].terms


async def test_a_document_that_the_second_query_alone_could_find_is_followed_there(index: Recording) -> None:
    asked = replace(request("dog runs", top_k=1), mode="sparse")
    made = searcher(index, "multi_query", [reply("fish swims")])
    result = await made.search(asked)
    expected = (await explain(asked, result, index, SPARSE, HashingEmbedder(), expect="doc-3")).expected
    assert expected is not None
    assert (expected.stage, expected.legs, expected.fused) == ("fusion", {"sparse": 1}, 2)


async def test_made_up_passages_are_counted_where_a_search_is_explained(index: Recording) -> None:
    asked = request("who moves")
    result = await searcher(index, "hyde", [reply("fish swims deep")]).search(asked)
    [told] = (await explain(asked, result, index, SPARSE, HashingEmbedder())).queries
    assert (told.query, told.hypothetical) == ("who moves", 1)


@pytest.mark.parametrize(
    ("question", "language", "encoder"),
    [("where does the dog run", "en", "english"), ("où court le chien dans le parc", "fr", "other")],
)
async def test_a_dense_search_says_the_language_and_which_of_two_encoders_answered(
    index: Recording, question: str, language: str, encoder: str
) -> None:
    asked = replace(request(question), mode="dense", language=None)
    result = await searcher(index).search(asked)
    both = BilingualEmbedder(Named("english"), Named("other"), Workers(threads=1))
    explained = await explain(asked, result, index, SPARSE, both)
    [told] = explained.queries
    assert (explained.language, told.language, told.encoder) == (language, language, encoder)
    words = replace(asked, mode="sparse")
    explained = await explain(words, await searcher(index).search(words), index, SPARSE, both)
    assert explained.queries[0].encoder is None


async def test_a_model_that_is_down_is_named_and_the_question_is_looked_up(index: Recording) -> None:
    result = await searcher(index, "hyde", [ModelUnavailable("down")]).search(request("dog runs"))
    assert result.hits[0].chunk.document_id == "doc-1"
    assert [item.part for item in result.degraded] == ["expansion"]


async def test_places_of_near_duplicates_are_filled_and_their_fate_is_told(index: Recording) -> None:
    made = searcher(index, review=Review(Workers(threads=1), near=0.9))
    asked = request("cat sits", top_k=3)
    result = await made.search(asked)
    assert sorted(hit.chunk.document_id for hit in result.hits) == ["doc-0", "doc-1", "doc-3"]
    assert result.hits[0].stands_for == (str(uuid.UUID(int=3)),)
    assert result.parts["review"] == "collapse(0.9)"
    assert "review" in result.timings_ms
    expected = (await explain(asked, result, index, SPARSE, HashingEmbedder(), expect="doc-2")).expected
    assert expected is not None
    assert (expected.stage, expected.rank) == ("found", 1)
    assert expected.why == "it is hit 1, as one with doc-0"


async def test_an_explained_hit_names_each_step_that_moved_it_and_the_reranker_only_for_its_own(
    index: Recording,
) -> None:
    asked = request("cat sits", top_k=4)
    review = Review(Workers(threads=1), near=0.9, diversity=0.05)
    made = searcher(index, review=review, reranker=Last())
    result = await made.search(asked)
    assert result.trail is not None
    ranked = [hit.chunk.id for hit in result.trail.hits]
    [collapsed, diverse] = [[hit.chunk.id for hit in step.hits] for step in result.trail.review]
    explained = (await explain(asked, result, index, SPARSE, HashingEmbedder())).hits
    assert any(one.review[0].before != one.review[0].after for one in explained)
    for hit, found in zip(result.hits, explained, strict=True):
        of = hit.chunk.id
        assert found.reranked is None or found.reranked.after == ranked.index(of) + 1
        assert found.review == (
            Move("collapse(0.9)", ranked.index(of) + 1, collapsed.index(of) + 1, len(hit.stands_for)),
            Move("mmr(0.05)", collapsed.index(of) + 1, diverse.index(of) + 1),
        )


async def test_a_document_that_mmr_moved_out_of_the_top_says_so(index: Recording) -> None:
    plain = await searcher(index).search(request("cat sits"))
    order = [hit.chunk.document_id for hit in plain.hits]
    assert order[:2] == ["doc-0", "doc-2"]
    asked = request("cat sits", top_k=2)
    result = await searcher(index, review=Review(Workers(threads=1), diversity=0.05)).search(asked)
    expected = (await explain(asked, result, index, SPARSE, HashingEmbedder(), expect="doc-2")).expected
    assert expected is not None
    assert (expected.stage, expected.fused, expected.rank) == ("review", 2, 4)
    assert expected.why == "mmr(0.05) moved it from 2 to 4, behind the top 2"


async def test_hits_grow_by_what_their_source_says(index: Recording) -> None:
    async def sources(names: Collection[str]) -> Mapping[str, Source]:
        chunks = [point.chunk for point in index.points.values()]
        own = {name: [chunk for chunk in chunks if chunk.document_id == name] for name in names}
        after = {
            name: Chunk("next", name, "More.", len(of[0].text) + 1, len(of[0].text) + 6)
            for name, of in own.items()
        }
        return {name: Source(f"{of[0].text} More.", [*of, after[name]]) for name, of in own.items()}

    review = Review(Workers(threads=1), widening=neighbours(1, 100), sources=sources)
    result = await searcher(index, review=review).search(request("fish swims", top_k=1))
    assert [hit.chunk.text for hit in result.hits] == ["fish swims deep More."]


async def test_a_blank_question_is_refused_before_anything_is_asked(index: Recording) -> None:
    with pytest.raises(BadInput, match="empty"):
        await searcher(index, "hyde", []).search(request("  "))
