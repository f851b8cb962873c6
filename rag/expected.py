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
    for it; ``legs`` also holds ranks beyond the candidates.
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
    own = frozenset(scored.chunk_id for _, found in of_document for scored in found)
    ranks = {leg.name: _rank(own, found) for leg, found in await _wide(trail, index, request.filter)}
    legs: dict[str, int] = {leg: rank for leg, rank in ranks.items() if rank is not None}
    fused = next((rank for rank, item in enumerate(trail.fused, 1) if item.id in own), None)
    if fused is None:
        found = ", ".join(
            f"{leg} has it {f'at {rank}' if rank else 'nowhere'}" for leg, rank in ranks.items()
        )
        most = max((leg.limit for leg in trail.prepared.legs), default=0)
        why = f"no leg has it among its {most} candidates: {found or 'no leg was asked'}"
        return Expected(document, "candidates", why, legs)
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


async def _wide(trail: Trail, index: Index, filter: Filter | None) -> list[tuple[Leg, list[Scored]]]:
    """Each leg of the search, asked for many more candidates."""
    legs = [replace(leg, limit=WIDE) for leg in trail.prepared.legs]
    return list(zip(legs, await index.search(legs, filter), strict=True)) if legs else []


def _rank(own: frozenset[str], ranking: Sequence[Scored]) -> int | None:
    return next((rank for rank, scored in enumerate(ranking, 1) if scored.chunk_id in own), None)


def _both(one: Filter | None, other: Filter) -> Filter:
    if one is None:
        return other
    return Filter(one.any_of + other.any_of, one.ranges + other.ranges)
