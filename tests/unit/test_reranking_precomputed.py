"""Late interaction over an index that keeps token vectors: the same scores, and no passage embedded."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from ingest.token_vectors import with_token_vectors
from rag.embedding.base import TextKind, TokenEmbedder, Vectors
from rag.errors import IndexUnavailable
from rag.index import build_index_store
from rag.index.base import Index, Point, Scored
from rag.reranking import over_index
from rag.reranking.late_interaction import LateInteractionReranker
from rag.reranking.none import NoReranker
from rag.reranking.stage import Reranking
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.types import Chunk, Hit, SparseVector
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex

TEXTS = [
    "the cat sits on a mat",
    "dogs run after the cat",
    "a fish swims far away from it",
    "where the dogs sleep is not known",
    "nothing of all this",
    "the cat sleeps in the house",
]
QUERY = "where is the cat sleeping in the house"


class Watched(HashingEmbedder):
    """Tells which passages and questions were embedded; ``name`` tells two encoders apart."""

    def __init__(self, name: str = "english", languages: Sequence[str] = ("en",)) -> None:
        self.name = name
        self.asked: dict[TextKind, list[str]] = {"query": [], "document": []}
        self._speaks = languages

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return self if language in self._speaks else None

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        self.asked[kind] += texts
        return await super().embed_tokens(texts, kind)


def hits(*texts: str) -> list[Hit]:
    return [
        Hit(
            Chunk(str(uuid.UUID(int=n + 1)), "d", text, 0, len(text), metadata={"language": "en"}),
            1 / (n + 1),
        )
        for n, text in enumerate(texts)
    ]


async def fill(index: Index, embedder: HashingEmbedder, given: Sequence[Hit]) -> None:
    dense = await embedder.embed_documents([hit.chunk.text for hit in given])
    points = [
        Point(hit.chunk, vector, SparseVector((), ())) for hit, vector in zip(given, dense, strict=True)
    ]
    await index.upsert(await with_token_vectors(points, embedder))


@pytest.fixture(params=["edge", "memory"])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    store = (
        build_index_store("edge", root=tmp_path)
        if request.param == "edge"
        else build_index_store("qdrant", location=":memory:")
    )
    made = await store.create("c", HashingEmbedder.dimension)
    yield made
    await made.close()
    await store.close()


def reranker(embedder: HashingEmbedder) -> LateInteractionReranker:
    return LateInteractionReranker(embedder, Workers(threads=1))


async def test_precomputed_and_computed_scores_give_the_same_order(index: Index) -> None:
    embedder, given = Watched(), hits(*TEXTS)
    await fill(index, Watched(), given)
    quick = await over_index(reranker(embedder), index).rerank(QUERY, given)
    assert embedder.asked == {"query": [QUERY], "document": []}
    slow = await reranker(embedder).rerank(QUERY, given)
    assert embedder.asked["document"] == TEXTS
    assert [hit.chunk.id for hit in quick] == [hit.chunk.id for hit in slow]
    assert [hit.rerank_score for hit in quick] == pytest.approx(
        [hit.rerank_score for hit in slow], abs=2**-10
    )


async def test_only_what_the_index_lacks_is_computed(index: Index) -> None:
    embedder, given = Watched(), hits(*TEXTS)
    await fill(index, Watched(), given[:4])
    quick = await over_index(reranker(embedder), index).rerank(QUERY, given)
    assert embedder.asked["document"] == TEXTS[4:]
    slow = await reranker(embedder).rerank(QUERY, given)
    assert [hit.chunk.id for hit in quick] == [hit.chunk.id for hit in slow]


async def test_token_vectors_of_another_encoder_are_not_looked_at(index: Index) -> None:
    embedder, given = Watched("other"), hits(*TEXTS)
    await fill(index, Watched("english"), given)
    await over_index(reranker(embedder), index).rerank(QUERY, given)
    assert embedder.asked["document"] == TEXTS


async def test_a_question_is_embedded_once_for_all_its_batches(index: Index) -> None:
    embedder, given = Watched(), hits(*TEXTS)
    await fill(index, Watched(), given)
    stage = Reranking(over_index(LateInteractionReranker(embedder, Workers(threads=1), batch_size=2), index))
    found, degraded = await stage.run(QUERY, given, Deadline.after(3600))
    assert (len(found), degraded) == (len(TEXTS), ())
    assert embedder.asked == {"query": [QUERY], "document": []}


class Down(FakeIndex):
    async def max_sim(self, query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> list[Scored]:
        raise IndexUnavailable("Qdrant gives no answer")


async def test_an_index_that_is_down_leaves_the_fused_order_and_says_so() -> None:
    given = hits(*TEXTS)
    stage = Reranking(over_index(reranker(Watched()), Down()))
    found, degraded = await stage.run(QUERY, given, Deadline.after(3600))
    assert [hit.chunk.id for hit in found] == [hit.chunk.id for hit in given]
    assert [(one.part, one.why) for one in degraded] == [
        ("reranker", "scored 0 of 6 hits: Qdrant gives no answer")
    ]


def test_other_rerankers_need_no_index() -> None:
    none = NoReranker()
    assert over_index(none, FakeIndex()) is none
