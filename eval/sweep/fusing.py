"""Fusing and reranking: the production retriever over what the legs found before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from eval.beir import Dataset, Query
from eval.quotes import Span
from eval.run import DEPTH, Ranking, Search, depths, ranking_of
from eval.sweep.kit import Kit
from eval.sweep.ragged import Row, packed, unpacked
from eval.sweep.replay import LookUp, PlayedEmbedder, PlayedFusion, PlayedIndex, PlayedSparse
from eval.sweep.store import Artefact
from rag.embedding.base import Embedder
from rag.fusion.base import Fused, Fusion
from rag.index.base import Index, LegName, Scored
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.retriever import Retriever, SearchRequest, SearchResult, Trail
from rag.sparse.base import SparseEncoder
from rag.telemetry.stages import Stages
from rag.types import Chunk, Hit

Made = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what is known of it: what its legs found, and the milliseconds until then by limit.

    ``fetch_ms`` is what its index takes to fetch a passage.
    """

    query: Query
    language: str | None
    vectors: Mapping[LegName, Any]
    found: LookUp
    ms: Mapping[int, float]
    fetch_ms: float


async def fuse(kit: Kit, dataset: Dataset, chunks: Sequence[Chunk], questions: Sequence[Question]) -> Made:
    """The ranking of each question without a reranker, and as much of the fused one as a reranker may want.

    A reranker of at most ``DEPTH`` hits changes no set of documents, so the search ends where it ends without
    it; a deeper one may look for more, so the fused rankings of all depths are kept for it.
    """
    player = _Player(kit, dataset, chunks, questions, kit.fusion, NoReranker())
    deep = kit.reach > DEPTH
    answers: list[_Answer] = []
    fused: list[list[Row]] = []
    kept: list[list[int]] = []
    await player.search(questions[0])  # the first call is slower than the others
    for question in questions:
        answer = await player.search(question)
        answers.append(answer)
        every = depths(len(chunks), dataset.size)
        deeper = [await player.search(question, (top_k,)) for top_k in every] if deep else [answer]
        kept.append([one.limit for one in deeper])
        fused += [player.rows(_fused(one.result)[: max(one.top_k, kit.reach)]) for one in deeper]
    ms = [_spent(answer) for answer in answers]
    return {**player.arrays(answers, ms), **packed("fused", fused)}, {
        "kept": kept,
        "errors": _errors(answers),
    }


async def rerank(
    kit: Kit, dataset: Dataset, chunks: Sequence[Chunk], questions: Sequence[Question], fused: Artefact
) -> Made:
    """The ranking of each question with the reranker, over the fused ones."""
    player = _Player(kit, dataset, chunks, questions, kit.fusion, kit.reranker)
    rankings = iter(unpacked("fused", fused.arrays))
    answers = []
    for place, (question, limits) in enumerate(zip(questions, fused.facts["kept"], strict=True)):
        kept = {limit: next(rankings) for limit in limits}
        tries = () if kit.reach > DEPTH else (int(fused.arrays["top_k"][place]),)
        if place == 0:
            await player.search(question, tries, kept)  # the first call loads the model
        answers.append(await player.search(question, tries, kept))
    spent = [answer.result.timings_ms.get("rerank", 0.0) for answer in answers]
    return player.arrays(answers, fused.arrays["ms"] + np.array(spent)), {"errors": _errors(answers)}


@dataclass(frozen=True, slots=True)
class _Answer:
    question: Question
    result: SearchResult
    limit: int
    top_k: int


class _Bare:
    """The retriever where nothing reranks, whose hits lack each leg's rank: a sweep asks only for the order.

    To say of every hit where each leg had it is a third of the work, where all chunks are ranked.
    """

    def __init__(self, retriever: Retriever, chunks: Sequence[Chunk]) -> None:
        self._retriever = retriever
        self._chunks = {chunk.id: chunk for chunk in chunks}

    async def search(self, request: SearchRequest, stages: Stages | None = None) -> SearchResult:
        """As the retriever's own."""
        stages = stages or Stages()
        found = await self._retriever.find(request, stages)
        hits = tuple(Hit(self._chunks[one.id], one.score) for one in found.fused[: request.top_k])
        trail = Trail(found.prepared, found.rankings, found.fused, hits)
        return SearchResult(hits, stages.ms, {}, found.prepared.degraded, trail)


class _Player:
    """Searches with a configuration's retriever; all but its fusion and its reranker is played back."""

    def __init__(
        self,
        kit: Kit,
        dataset: Dataset,
        chunks: Sequence[Chunk],
        questions: Sequence[Question],
        fusion: Fusion,
        reranker: Reranker,
    ) -> None:
        self._chunks = chunks
        self._places = {chunk.id: row for row, chunk in enumerate(chunks)}
        self._index = PlayedIndex(chunks)
        self._fusion = PlayedFusion(self._index)
        self._live = fusion
        by_leg = {
            leg: {one.query.text: one.vectors[leg] for one in questions} for leg in questions[0].vectors
        }
        retriever = kit.retriever(
            cast("Index", self._index),
            cast("Embedder", PlayedEmbedder(kit.embedder, by_leg.get("dense", {}))),
            cast("SparseEncoder", PlayedSparse(kit.sparse, by_leg.get("sparse", {}))),
            Fusion(fusion.name, self._fuse),
            reranker,
        )
        searching = _Bare(retriever, chunks) if isinstance(reranker, NoReranker) else retriever
        self._search = Search(searching, kit.mode, len(chunks), dataset.size, kit.deadline_s)

    def _fuse(self, candidates: Mapping[str, Sequence[Scored]], weights: Mapping[str, float]) -> list[Fused]:
        part = self._fusion if self._fusion.rankings else self._live
        return part.fuse(candidates, weights)

    async def search(
        self,
        question: Question,
        tries: Sequence[int] = (),
        fused: Mapping[int, Sequence[Row]] | None = None,
    ) -> _Answer:
        """The search that counts; ``fused`` are rankings by limit that need not be fused again."""
        self._index.look_up = question.found
        self._index.limit = 0
        self._fusion.rankings = {
            limit: [Fused(self._chunks[row].id, score) for row, score in ranking]
            for limit, ranking in (fused or {}).items()
        }
        result, _, top_k = await self._search.search(question.query, question.language, tries)
        return _Answer(question, result, self._index.limit, top_k)

    def rows(self, ranking: Sequence[Fused]) -> list[Row]:
        """Chunks by their places in the corpus."""
        return [(self._places[one.id], one.score) for one in ranking]

    def arrays(self, answers: Sequence[_Answer], ms: Any) -> dict[str, Any]:
        """The first documents, each by its best chunk, the first chunks, and the time of each question."""
        rankings = [ranking_of(answer.question.query, answer.result, 0.0) for answer in answers]
        documents = []
        for answer, ranking in zip(answers, rankings, strict=True):
            best: dict[str, int] = {}
            for hit in answer.result.hits:
                best.setdefault(hit.chunk.document_id, self._places[hit.chunk.id])
            documents.append([(best[name], score) for name, score in ranking.documents.items()])
        passages = [
            [(self._places[hit.chunk.id], hit.score) for hit in answer.result.hits[:DEPTH]]
            for answer in answers
        ]
        return {
            **packed("documents", documents),
            **packed("passages", passages),
            "ms": np.asarray(ms, dtype=np.float64),
            "top_k": np.array([answer.top_k for answer in answers], dtype=np.int32),
        }


def _errors(answers: Sequence[_Answer]) -> dict[str, str]:
    """What the reranker could not do, by question."""
    return {
        answer.question.query.id: one.why
        for answer in answers
        for one in answer.result.degraded
        if one.part == "reranker"
    }


def _spent(answer: _Answer) -> float:
    """Milliseconds of a search: what was measured of its legs, of fusing, and of fetching that many."""
    question, result = answer.question, answer.result
    legs = question.ms.get(answer.limit, 0.0)
    return legs + result.timings_ms["fuse"] + question.fetch_ms * len(result.hits)


def _fused(result: SearchResult) -> Sequence[Fused]:
    return result.trail.fused if result.trail else ()


def rankings_of(artefact: Artefact, dataset: Dataset, chunks: Sequence[Chunk]) -> list[Ranking]:
    """What a stage that fuses or reranks found, as a single run has it."""
    documents, passages = (unpacked(name, artefact.arrays) for name in ("documents", "passages"))
    return [
        Ranking(
            query,
            {chunks[row].document_id: score for row, score in first},
            ms,
            {},
            passages=tuple(Span.of(chunks[row]) for row, _ in shown),
        )
        for query, first, shown, ms in zip(
            dataset.queries, documents, passages, artefact.arrays["ms"].tolist(), strict=True
        )
    ]
