"""What became of a document that a search was expected to find: how far it came, and what put it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.index.base import Index, Leg, Scored
from rag.index.filters import Filter
from rag.retriever import SearchRequest, Trail
from rag.types import Hit

WIDE = 10_000
"""Candidates of each leg in the search for a document that was not found."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What became of a document: how far it came (``stage``), and that in a sentence (``why``).

    Stages, in this order: ``absent``, ``filtered``, ``candidates``, ``fusion``, ``reranker``, ``review``
    (collapse, MMR or widening), ``top_k``, ``found``. Ranks are of its best chunk, or of the hit that stands
    for it; ``legs`` has its best for any query, also beyond the candidates.
    """

    document_id: str
    stage: str
    why: str
    legs: Mapping[str, int]
    fused: int | None = None
    rank: int | None = None


async def follow(request: SearchRequest, trail: Trail, index: Index, document: str) -> Expected:
    """What became of ``document`` in the search that left this trail; raises as ``explain`` does."""
    only = of_documents({document})
    if not await index.count(only):
        return Expected(document, "absent", "the collection has no chunk of it", {})
    if not await index.count(_both(request.filter, only)):
        return Expected(document, "filtered", "the filter accepts none of its chunks", {})
    of_document = await _wide(trail, index, _both(request.filter, only))
    own = frozenset(scored.chunk_id for _, _, found in of_document for scored in found)
    best = _best(own, await _wide(trail, index, request.filter))
    legs: dict[str, int] = {leg: place[0] for leg, place in best.items() if place is not None}
    fused = next((rank for rank, item in enumerate(trail.fused, 1) if item.id in own), None)
    if fused is None:
        return Expected(document, "candidates", _beyond(trail, best), legs)
    steps = _steps(own, trail)
    if not steps:
        why = f"fusion put it at {fused}, and the first {len(trail.hits)} went on"
        return Expected(document, "fusion", why, legs, fused)
    stage, why = _fate(fused, steps, request.top_k)
    return Expected(document, stage, f"{why}{_stand_in(own, trail)}", legs, fused, steps[-1][1])


def of_documents(documents: set[str]) -> Filter:
    """Accepts the chunks of these documents alone."""
    return Filter((("document_id", tuple(sorted(documents))),))


def _steps(own: frozenset[str], trail: Trail) -> list[tuple[str, int]]:
    """Each step after fusion, and the rank that it gave the first of these chunks, as far as they came."""
    steps = list[tuple[str, int]]()
    for name, hits in (("reranker", trail.hits), *((step.name, step.hits) for step in trail.review)):
        place = _place(own, hits)
        if place is None:
            break
        steps.append((name, place[0]))
    return steps


def _fate(fused: int, steps: Sequence[tuple[str, int]], top_k: int) -> tuple[str, str]:
    """Where a candidate ended, by its rank after fusion and after each step from there."""
    last = steps[-1][1]
    if last <= top_k:
        return "found", f"it is hit {last}"
    before = [fused, *(rank for _, rank in steps)]
    put_out = [place for place, (_, rank) in enumerate(steps) if before[place] <= top_k < rank]
    if not put_out:
        return "top_k", f"it came to {last} (fusion: {fused}), and the top {top_k} were asked for"
    name, rank = steps[put_out[-1]]
    if name == "reranker":
        return "reranker", f"fusion put it at {fused}, the reranker at {rank}, behind the top {top_k}"
    return "review", f"{name} moved it from {before[put_out[-1]]} to {rank}, behind the top {top_k}"


def _stand_in(own: frozenset[str], trail: Trail) -> str:
    """Says which document's hit stands for the expected one, where another's does."""
    place = _place(own, trail.review[-1].hits) if trail.review else None
    return f", as one with {place[1].chunk.document_id}" if place and place[1].chunk.id not in own else ""


def _place(own: frozenset[str], hits: Sequence[Hit]) -> tuple[int, Hit] | None:
    """The first hit that is one of these chunks or stands for one, with its rank."""
    return next(
        ((rank, hit) for rank, hit in enumerate(hits, 1) if own & {hit.chunk.id, *hit.stands_for}), None
    )


async def _wide(trail: Trail, index: Index, filter: Filter | None) -> list[tuple[str, Leg, list[Scored]]]:
    """Each leg of each query's search, asked for many more candidates."""
    legs = [
        (one.prepared.query, replace(leg, limit=WIDE)) for one in trail.queries for leg in one.prepared.legs
    ]
    found = await index.search([leg for _, leg in legs], filter) if legs else []
    return [(*asked, ranking) for asked, ranking in zip(legs, found, strict=True)]


def _best(
    own: frozenset[str], searched: Sequence[tuple[str, Leg, list[Scored]]]
) -> dict[str, tuple[int, str] | None]:
    """By leg: the best rank of these chunks and the query that brought it, or nothing."""
    best: dict[str, tuple[int, str] | None] = {}
    for query, leg, ranking in searched:
        rank = next((rank for rank, scored in enumerate(ranking, 1) if scored.chunk_id in own), None)
        known = best.setdefault(leg.name, None)
        if rank is not None and (known is None or rank < known[0]):
            best[leg.name] = rank, query
    return best


def _beyond(trail: Trail, best: Mapping[str, tuple[int, str] | None]) -> str:
    """Where each leg has what no leg has among its candidates."""
    several = len(trail.queries) > 1
    told = [
        f"{leg} has it " + (f"at {place[0]}{f' for {place[1]!r}' if several else ''}" if place else "nowhere")
        for leg, place in best.items()
    ]
    most = max((leg.limit for one in trail.queries for leg in one.prepared.legs), default=0)
    return f"no leg has it among its {most} candidates: {', '.join(told) or 'no leg was asked'}"


def _both(one: Filter | None, other: Filter) -> Filter:
    if one is None:
        return other
    return Filter(one.any_of + other.any_of, one.ranges + other.ranges)
