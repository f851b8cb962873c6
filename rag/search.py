"""The whole of retrieval: a question becomes queries, their rankings one, and its best hits more telling."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.fusion.rrf import rrf
from rag.index.base import Scored
from rag.queries.base import Queries
from rag.queries.stage import Expansion
from rag.ranking.stage import Review, Step
from rag.retriever import MAX_TOP_K, Found, Retriever, SearchRequest, SearchResult, check_request
from rag.telemetry.stages import Stages
from rag.types import Degradation


class Searching(Protocol):
    """Finds passages for a question: a ``Retriever``, or a ``Searcher`` around one."""

    async def search(self, request: SearchRequest, stages: Stages | None = None) -> SearchResult:
        """The hits for a question, best first; times go to ``stages``."""


class Searcher:
    """A retriever with what comes before it and after it.

    The reranker is asked once, for all queries together, with the first of them.
    """

    def __init__(self, retriever: Retriever, expansion: Expansion, review: Review, k: float = 60) -> None:
        """``k`` is the constant of the RRF that makes one ranking of several queries' rankings."""
        self._retriever = retriever
        self._expansion = expansion
        self._review = review
        self._k = k

    async def search(self, request: SearchRequest, stages: Stages | None = None) -> SearchResult:
        """The hits for a question; beside the retriever's stages: expand, review.

        Queries are looked up side by side, so their stages add up to more than the time that passed. An
        expander that fails is left out: ``degraded`` names it.

        Raises:
            ArdoiseError: as ``Retriever.search`` and ``Review.run``.
            ModelRefused: the expander's model refuses the request.
        """
        check_request(request)
        stages = stages or Stages()
        with stages.time("expand"):
            queries, degraded = await self._expansion.run(request.query, request.history, request.deadline)
        first, *others = [replace(request, query=text) for text in queries.texts]
        first = replace(first, hypothetical=queries.hypothetical)
        found = await asyncio.gather(*(self._retriever.find(one, stages) for one in (first, *others)))
        wanted = replace(first, top_k=min(MAX_TOP_K, self._review.wanted(request.top_k)))
        result = await self._retriever.rank(wanted, merged(found, self._k), stages)
        return await self._reviewed(request, queries, degraded, result, stages)

    async def _reviewed(
        self,
        request: SearchRequest,
        queries: Queries,
        degraded: tuple[Degradation, ...],
        result: SearchResult,
        stages: Stages,
    ) -> SearchResult:
        done: tuple[Step, ...] = ()
        if self._review.steps:
            with stages.time("review"):
                done = await self._review.run(result.hits, request.deadline)
        hits = tuple(done[-1].hits) if done else result.hits
        review = ", ".join(self._review.steps) or "none"
        return replace(
            result,
            hits=hits[: request.top_k],
            timings_ms=stages.ms,
            parts={**result.parts, "expansion": self._expansion.expander.name, "review": review},
            degraded=degraded + result.degraded,
            trail=replace(result.trail, review=done) if result.trail else None,
            queries=queries,
        )


def merged(found: Sequence[Found], k: float) -> Found:
    """What several queries found as one: fused by RRF, in a leg each chunk with the best score of any query.

    The legs and weights are those of the first query.
    """
    if len(found) == 1:
        return found[0]
    first = found[0]
    legs = dict.fromkeys(leg for one in found for leg in one.rankings)
    degraded = tuple(dict.fromkeys(item for one in found for item in one.prepared.degraded))
    return Found(
        replace(first.prepared, degraded=degraded),
        {leg: _best([one.rankings[leg] for one in found if leg in one.rankings]) for leg in legs},
        rrf([[item.id for item in one.fused] for one in found], k),
        found,
    )


def _best(rankings: Sequence[Sequence[Scored]]) -> list[Scored]:
    best: dict[str, Scored] = {}
    for ranking in rankings:
        for scored in ranking:
            if scored.chunk_id not in best or scored.score > best[scored.chunk_id].score:
                best[scored.chunk_id] = scored
    return sorted(best.values(), key=lambda scored: -scored.score)
