"""A question to passages: both legs in one call to the index, fused, reranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rag.embedding.base import Embedder
from rag.errors import BadInput, UnknownChoice
from rag.fusion.base import Fused, Fusion
from rag.fusion.weights import EVEN, DenseWeight
from rag.index.base import Index, LegName, Scored
from rag.index.filters import Filter
from rag.legs import LegMaker, Prepared
from rag.llm.base import Message
from rag.queries.base import Queries
from rag.ranking.stage import Step
from rag.reranking.base import Reranker
from rag.reranking.stage import Reranking
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.sparse.base import SparseEncoder
from rag.telemetry.stages import Stages
from rag.types import Degradation, Hit, LegScore

Mode = Literal["hybrid", "dense", "sparse"]
_LEGS: Mapping[Mode, tuple[LegName, ...]] = {
    "hybrid": ("dense", "sparse"),
    "dense": ("dense",),
    "sparse": ("sparse",),
}
MAX_QUERY = 10_000
"""Longest question, in characters."""
MAX_TOP_K = 1_000
"""Most hits that one search returns."""


def legs_of(mode: Mode) -> tuple[LegName, ...]:
    """The legs that a search in this mode asks."""
    return _LEGS[mode]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for; ``language`` (ISO 639-1, or ``und``) is detected where it is not given.

    ``history`` is the conversation before the question. ``hypothetical`` passages, as one that answers could
    look like, are looked for on the dense leg beside the question.
    """

    query: str
    deadline: Deadline
    top_k: int = 10
    mode: Mode = "hybrid"
    filter: Filter | None = None
    language: str | None = None
    history: tuple[Message, ...] = ()
    hypothetical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates for a question: the legs asked, what each found, and all of it fused, best first.

    ``queries`` is what each of several queries found, where this is all of it as one.
    """

    prepared: Prepared
    rankings: Mapping[str, Sequence[Scored]]
    fused: Sequence[Fused]
    queries: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """How a search came to its hits, for those who ask: nothing in it is computed for them.

    Attributes:
        prepared: the legs, what each counts for, and the question's language.
        rankings: what each leg found, best first.
        fused: all candidates, best first.
        hits: those that were fetched, and reranked where something reranks, best first.
        review: what each step after that made of them, in order.
        queries: what each query found, the first one's leading; one where nothing made several.
    """

    prepared: Prepared
    rankings: Mapping[str, Sequence[Scored]]
    fused: Sequence[Fused]
    hits: Sequence[Hit]
    review: Sequence[Step] = ()
    queries: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """At most ``top_k`` hits, best first; milliseconds by stage; the parts that ran; what could not.

    ``queries`` is what the question became, where something expands it.
    """

    hits: tuple[Hit, ...]
    timings_ms: Mapping[str, float]
    parts: Mapping[str, str]
    degraded: tuple[Degradation, ...] = ()
    trail: Trail | None = None
    queries: Queries | None = None


class Retriever:
    """Searches one index."""

    def __init__(
        self,
        embedder: Embedder,
        sparse: SparseEncoder,
        index: Index,
        reranker: Reranker,
        fusion: Fusion,
        workers: Workers,
        *,
        candidates: int = 100,
        rerank_top: int = 30,
        rerank_weight: float = 1.0,
        dense_weight: DenseWeight = EVEN,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            embedder: for the dense leg; the one that made the index.
            sparse: for the sparse leg; the same.
            index: what is searched.
            reranker: orders the best of the fused candidates anew.
            fusion: makes one ranking of the two legs'.
            workers: where the question is analyzed.
            candidates: how many each leg finds; more where more hits are asked for.
            rerank_top: how many of the fused candidates are reranked; those behind keep their order.
            rerank_weight: what the reranker's scores count for against the fused ones, from 0 to 1.
            dense_weight: what the dense leg counts for in the fusion.
        """
        self._embedder = embedder
        self._sparse = sparse
        self._index = index
        self._fusion = fusion
        self._candidates = candidates
        self._legs = LegMaker(embedder, sparse, workers, dense_weight)
        self._reranking = Reranking(reranker, rerank_top, rerank_weight)

    async def search(self, request: SearchRequest, stages: Stages | None = None) -> SearchResult:
        """The hits for a question; times go to ``stages``: analyze, embed, search, fuse, fetch, rerank.

        A leg that is late, fails or finds nothing is left out, and a reranker stops at its share of the time:
        ``degraded`` names them.

        Raises:
            BadInput: a blank or too long question, ``top_k`` out of bounds, an unknown mode.
            DeadlineExceeded: naming the stage that was running.
            ModelError: no leg is left without the embedder's model, or a model refuses the request.
            StorageError, IndexUnavailable: the index failed.
            Overloaded: too much is being computed already.
        """
        stages = stages or Stages()
        return await self.rank(request, await self.find(request, stages), stages)

    async def find(self, request: SearchRequest, stages: Stages) -> Found:
        """The first half of ``search``: the candidates, to the stage ``fuse``; raises as it does."""
        check_request(request)
        prepared = await self._legs.prepare(
            request.query,
            request.language,
            legs_of(request.mode),
            max(self._candidates, request.top_k),
            request.deadline,
            stages,
            request.hypothetical,
        )
        rankings = await self._search(request, prepared, stages)
        with stages.time("fuse"):
            fused = self._fuse(request.mode, rankings, prepared)
        return Found(prepared, rankings, fused)

    async def rank(self, request: SearchRequest, found: Found, stages: Stages) -> SearchResult:
        """The second half: the best candidates fetched, reranked and cut; raises as ``search`` does."""
        prepared, rankings = found.prepared, found.rankings
        window = found.fused[: max(request.top_k, self._reranking.window)]
        hits = await self._fetch(request, window, rankings, stages)
        degraded = prepared.degraded + _empty(rankings)
        if self._reranking.window and hits:
            with stages.time("rerank"):
                hits, unranked = await self._reranking.run(request.query, hits, request.deadline)
            degraded += unranked
        return SearchResult(
            hits=tuple(hits[: request.top_k]),
            timings_ms=stages.ms,
            parts=self._parts(request.mode, prepared),
            degraded=degraded,
            trail=Trail(prepared, rankings, found.fused, hits, queries=found.queries or (found,)),
        )

    async def _search(
        self, request: SearchRequest, prepared: Prepared, stages: Stages
    ) -> dict[str, list[Scored]]:
        """What each leg finds, best first."""
        if not prepared.legs:
            return {}
        with stages.time("search"):
            async with request.deadline.limit("search"):
                found = await self._index.search(prepared.legs, request.filter)
        return {leg.name: ranking for leg, ranking in zip(prepared.legs, found, strict=True)}

    def _fuse(self, mode: Mode, rankings: Mapping[str, Sequence[Scored]], prepared: Prepared) -> list[Fused]:
        """The fused ranking; a single leg asked for keeps its own scores."""
        if mode == "hybrid":
            return self._fusion.fuse(rankings, prepared.weights)
        return [Fused(scored.chunk_id, scored.score) for scored in rankings.get(mode, ())]

    async def _fetch(
        self,
        request: SearchRequest,
        ranking: Sequence[Fused],
        rankings: Mapping[str, Sequence[Scored]],
        stages: Stages,
    ) -> list[Hit]:
        places = {item.id: LegScore(rank, item.score) for rank, item in enumerate(ranking, start=1)}
        if not places:
            return []
        with stages.time("fetch"):
            async with request.deadline.limit("fetch"):
                chunks = await self._index.fetch(list(places))
        by_leg = {
            leg: {scored.chunk_id: LegScore(rank, scored.score) for rank, scored in enumerate(found, start=1)}
            for leg, found in rankings.items()
        }
        return [
            Hit(
                chunk=chunk,
                score=places[chunk.id].score,
                legs={leg: scores[chunk.id] for leg, scores in by_leg.items() if chunk.id in scores},
                fused=places[chunk.id] if request.mode == "hybrid" else None,
            )
            for chunk in chunks
        ]

    def _parts(self, mode: Mode, prepared: Prepared) -> dict[str, str]:
        weight = prepared.weights["dense"]
        fusion = self._fusion.name if weight == 1 else f"{self._fusion.name}, dense weighs {weight:g}"
        return {
            "embedder": self._embedder.name if mode != "sparse" else "none",
            "sparse": self._sparse.name if mode != "dense" else "none",
            "index": self._index.name,
            "fusion": fusion if mode == "hybrid" else "none",
            "reranker": self._reranking.reranker.name,
        }


def check_request(request: SearchRequest) -> None:
    """``BadInput`` for a blank or too long question, ``top_k`` out of bounds, or an unknown mode."""
    if not request.query.strip():
        raise BadInput("the question is empty: ask something")
    if len(request.query) > MAX_QUERY:
        raise BadInput(f"the question has {len(request.query):,} characters: ask in at most {MAX_QUERY:,}")
    if not 1 <= request.top_k <= MAX_TOP_K:
        raise BadInput(f"top_k is {request.top_k}: choose between 1 and {MAX_TOP_K}")
    if request.mode not in get_args(Mode):
        raise UnknownChoice("mode", request.mode, get_args(Mode))


def _empty(rankings: Mapping[str, Sequence[Scored]]) -> tuple[Degradation, ...]:
    return tuple(Degradation(leg, "it found nothing") for leg, found in rankings.items() if not found)
