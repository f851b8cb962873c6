"""Why a search found what it found: terms and weights, the reranker's moves, where a document fell out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.errors import BadInput
from rag.index.base import Index, Leg, Scored
from rag.index.filters import Filter
from rag.language import detect_language
from rag.retriever import SearchRequest, SearchResult, Trail
from rag.sparse.base import SparseEncoder
from rag.types import Chunk, Hit, LegScore, SparseVector

WIDE = 10_000
"""Candidates of each leg in the search for a document that was not found."""
_MOST_TERMS = 64
"""Terms of a question whose weights are looked up."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the question that a passage holds: the word of each, and what it adds to the BM25 score."""

    query: str
    passage: str
    weight: float


@dataclass(frozen=True, slots=True)
class HitExplanation:
    """How a hit came to its rank: matched terms, the heaviest first; rank before the reranker and after it.

    ``reranked_from`` is ``None`` where the reranker did not score the hit.
    """

    terms: tuple[Term, ...]
    fused: LegScore | None
    rank: int
    reranked_from: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What became of a document: how far it came (``stage``), and that in a sentence (``why``).

    Stages, in this order: ``absent``, ``filtered``, ``candidates``, ``fusion``, ``reranker``, ``top_k``,
    ``found``. Ranks are of its best chunk; ``legs`` also holds ranks beyond the candidates.
    """

    document_id: str
    stage: str
    why: str
    legs: Mapping[str, int]
    fused: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explained search: ``hits`` in the order of the result's, ``candidates`` the number of each leg's."""

    language: str | None
    weights: Mapping[str, float]
    candidates: Mapping[str, int]
    hits: tuple[HitExplanation, ...]
    expected: Expected | None = None


async def explain(
    request: SearchRequest,
    result: SearchResult,
    index: Index,
    sparse: SparseEncoder,
    expect: str | None = None,
) -> Explanation:
    """Explains a result of ``request``, and what became of the document ``expect``.

    The index is asked again, for one term at a time and for more candidates: it scored, so it knows.

    Raises:
        BadInput: ``result`` has no trail.
        DeadlineExceeded: the request's time ran out.
        StorageError, IndexUnavailable: the index failed.
    """
    if result.trail is None:
        raise BadInput("a result without its trail cannot be explained: keep what the retriever gave")
    trail = result.trail
    async with request.deadline.limit("explain"):
        terms = await _terms(trail, result.hits, index, sparse)
        expected = await _expected(request, trail, index, expect) if expect else None
    places = {fused.id: rank for rank, fused in enumerate(trail.fused, 1)}
    return Explanation(
        language=trail.prepared.language,
        weights=trail.prepared.weights,
        candidates={leg: len(found) for leg, found in trail.rankings.items()},
        hits=tuple(
            HitExplanation(
                terms.get(hit.chunk.id, ()),
                hit.fused,
                rank,
                places[hit.chunk.id] if hit.rerank_score is not None else None,
            )
            for rank, hit in enumerate(result.hits, 1)
        ),
        expected=expected,
    )


async def _terms(
    trail: Trail, hits: Sequence[Hit], index: Index, sparse: SparseEncoder
) -> dict[str, tuple[Term, ...]]:
    """The matched terms of each hit, by chunk id."""
    asked = next((leg.vector for leg in trail.prepared.legs if leg.name == "sparse"), None)
    if not isinstance(asked, SparseVector) or not hits:
        return {}
    query = trail.prepared.query
    named = sparse.words(query, trail.prepared.language or detect_language(query))
    single = list(zip(asked.indices, asked.values, strict=True))[:_MOST_TERMS]
    # A search for one term alone scores a passage by that term's share of its BM25 score.
    legs = [Leg("sparse", SparseVector((term,), (value,)), WIDE) for term, value in single]
    found = await index.search(legs, _only({hit.chunk.document_id for hit in hits}))
    shares: dict[str, list[tuple[int, float]]] = {}
    for (term, _), scored in zip(single, found, strict=True):
        for one in scored:
            shares.setdefault(one.chunk_id, []).append((term, one.score))
    return {
        hit.chunk.id: _heaviest_first(hit.chunk, shares.get(hit.chunk.id, []), named, sparse) for hit in hits
    }


def _heaviest_first(
    chunk: Chunk, shares: Sequence[tuple[int, float]], named: Mapping[int, str], sparse: SparseEncoder
) -> tuple[Term, ...]:
    text = "\n".join((*chunk.headings, chunk.text))
    words = sparse.words(text, str(chunk.metadata.get("language") or detect_language(chunk.text)))
    terms = (Term(named[term], words.get(term, named[term]), weight) for term, weight in shares)
    return tuple(sorted(terms, key=lambda term: -term.weight))


async def _expected(request: SearchRequest, trail: Trail, index: Index, document: str) -> Expected:
    only = _only({document})
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
    rank = next(
        (rank for rank, hit in enumerate(trail.hits, 1) if own & {hit.chunk.id, *hit.stands_for}), None
    )
    stage, why = _fate(fused, rank, request.top_k, len(trail.hits))
    return Expected(document, stage, why, legs, fused, rank)


def _fate(fused: int, rank: int | None, top_k: int, window: int) -> tuple[str, str]:
    """Where a candidate ended, by its rank after fusion and its rank at the end."""
    if rank is None:
        return "fusion", f"fusion put it at {fused}, and the first {window} went on"
    if rank <= top_k:
        return "found", f"it is hit {rank}"
    if fused <= top_k:
        return "reranker", f"fusion put it at {fused}, the reranker at {rank}, behind the top {top_k}"
    return "top_k", f"it came to {rank} (fusion: {fused}), and the top {top_k} were asked for"


async def _wide(trail: Trail, index: Index, filter: Filter | None) -> list[tuple[Leg, list[Scored]]]:
    """Each leg of the search, asked for many more candidates."""
    legs = [replace(leg, limit=WIDE) for leg in trail.prepared.legs]
    return list(zip(legs, await index.search(legs, filter), strict=True)) if legs else []


def _rank(own: frozenset[str], ranking: Sequence[Scored]) -> int | None:
    return next((rank for rank, scored in enumerate(ranking, 1) if scored.chunk_id in own), None)


def _only(documents: set[str]) -> Filter:
    return Filter((("document_id", tuple(sorted(documents))),))


def _both(one: Filter | None, other: Filter) -> Filter:
    if one is None:
        return other
    return Filter(one.any_of + other.any_of, one.ranges + other.ranges)
