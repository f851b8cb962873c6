"""Why a search found what it found: terms and weights, which query brought it, and what moved it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.embedding import sentence_embedder
from rag.embedding.base import Embedder
from rag.errors import BadInput
from rag.expected import WIDE, Expected, follow, of_documents
from rag.index.base import Index, Leg
from rag.language import detect_language
from rag.legs import Prepared
from rag.retriever import Found, SearchRequest, SearchResult, Trail
from rag.sparse.base import SparseEncoder
from rag.types import Chunk, Hit, LegScore, SparseVector

_MOST_TERMS = 64
"""Terms of a question whose weights are looked up."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the question that a passage holds: the word of each, and what it adds to the BM25 score."""

    query: str
    passage: str
    weight: float


@dataclass(frozen=True, slots=True)
class Move:
    """What a step did with a hit: its rank ``before`` and ``after``, and how many others went into it."""

    step: str
    before: int
    after: int
    stands_for: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was looked up: what each leg counted for, and how many candidates it found.

    ``language`` is the one given, else detected. ``encoder`` names what embedded the query, of a bilingual
    embedder's two the one that serves its language; ``None`` where no dense leg was asked. ``hypothetical``
    counts the made-up passages whose mean with the query the dense leg looked for.
    """

    query: str
    language: str
    encoder: str | None
    weights: Mapping[str, float]
    candidates: Mapping[str, int]
    hypothetical: int


@dataclass(frozen=True, slots=True)
class Brought:
    """Where one query's own search had a hit, by leg and fused, and the terms of it that matched."""

    query: str
    legs: Mapping[str, LegScore]
    fused: LegScore
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class HitExplanation:
    """How a hit came to its rank: matched terms, the heaviest first; queries that found it; what moved it.

    ``terms`` are those of the query whose sparse score is the hit's, the best of all ``queries``.
    ``reranked`` is ``None`` where the reranker did not score the hit; ``review`` has a move for each later
    step (collapse, MMR, widening), in their order.
    """

    terms: tuple[Term, ...]
    queries: tuple[Brought, ...]
    fused: LegScore | None
    rank: int
    reranked: Move | None
    review: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explained search: ``hits`` in the order of the result's, ``candidates`` the number of each leg's.

    ``queries`` are those that were looked up; language and weights are the first one's.
    """

    queries: tuple[Asked, ...]
    language: str
    weights: Mapping[str, float]
    candidates: Mapping[str, int]
    hits: tuple[HitExplanation, ...]
    expected: Expected | None = None


async def explain(
    request: SearchRequest,
    result: SearchResult,
    index: Index,
    sparse: SparseEncoder,
    embedder: Embedder,
    expect: str | None = None,
) -> Explanation:
    """Explains a result of ``request``, and what became of the document ``expect``.

    The index is asked again, for one term at a time and for more candidates: it scored, so it knows. The
    encoders are those that the search used; ``embedder`` is asked for nothing but its name.

    Raises:
        BadInput: ``result`` has no trail.
        DeadlineExceeded: the request's time ran out.
        StorageError, IndexUnavailable: the index failed.
    """
    if result.trail is None:
        raise BadInput("a result without its trail cannot be explained: keep what the retriever gave")
    trail = result.trail
    async with request.deadline.limit("explain"):
        queries = [await _asked(one, embedder) for one in trail.queries]
        queries[0] = replace(
            queries[0], hypothetical=len(result.queries.hypothetical) if result.queries else 0
        )
        brought = [
            await _brought(one, asked.language, result.hits, index, sparse)
            for one, asked in zip(trail.queries, queries, strict=True)
        ]
        expected = await follow(request, trail, index, expect) if expect else None
    fused = {item.id: rank for rank, item in enumerate(trail.fused, 1)}
    ranked = {hit.chunk.id: rank for rank, hit in enumerate(trail.hits, 1)}
    hits = list[HitExplanation]()
    for rank, hit in enumerate(result.hits, 1):
        of = hit.chunk.id
        found = tuple(one[of] for one in brought if of in one)
        reranked = None if hit.rerank_score is None else Move("reranker", fused[of], ranked[of])
        hits.append(HitExplanation(_terms(found), found, hit.fused, rank, reranked, _reviewed(of, trail)))
    return Explanation(
        queries=tuple(queries),
        language=queries[0].language,
        weights=trail.prepared.weights,
        candidates={leg: len(found) for leg, found in trail.rankings.items()},
        hits=tuple(hits),
        expected=expected,
    )


def _terms(found: Sequence[Brought]) -> tuple[Term, ...]:
    """Those of the query for which the sparse leg scored highest."""
    scored = [one for one in found if "sparse" in one.legs]
    return max(scored, key=lambda one: one.legs["sparse"].score).terms if scored else ()


async def _asked(found: Found, embedder: Embedder) -> Asked:
    prepared = found.prepared
    # As the bilingual embedder does, which goes by the text whatever language the request gives.
    detected = await asyncio.to_thread(detect_language, prepared.query)
    dense = any(leg.name == "dense" for leg in prepared.legs)
    return Asked(
        prepared.query,
        prepared.language or detected,
        sentence_embedder(embedder, detected).name if dense else None,
        {leg.name: prepared.weights[leg.name] for leg in prepared.legs},
        {leg: len(ranking) for leg, ranking in found.rankings.items()},
        hypothetical=0,
    )


def _reviewed(chunk: str, trail: Trail) -> tuple[Move, ...]:
    """What each step of the review did with a hit that is left after all of them."""
    moves = list[Move]()
    before, had = _place(chunk, trail.hits)
    for step in trail.review:
        after, has = _place(chunk, step.hits)
        moves.append(Move(step.name, before, after, has - had))
        before, had = after, has
    return tuple(moves)


def _place(chunk: str, hits: Sequence[Hit]) -> tuple[int, int]:
    """The rank of a hit, and how many others it stands for."""
    return next((rank, len(hit.stands_for)) for rank, hit in enumerate(hits, 1) if hit.chunk.id == chunk)


async def _brought(
    found: Found, language: str, hits: Sequence[Hit], index: Index, sparse: SparseEncoder
) -> dict[str, Brought]:
    """What one query's search had of the hits, by chunk id."""
    terms = await _matched(found.prepared, language, hits, index, sparse)
    legs: dict[str, dict[str, LegScore]] = {}
    for leg, ranking in found.rankings.items():
        for rank, scored in enumerate(ranking, 1):
            legs.setdefault(scored.chunk_id, {})[leg] = LegScore(rank, scored.score)
    fused = {item.id: LegScore(rank, item.score) for rank, item in enumerate(found.fused, 1)}
    return {
        of: Brought(found.prepared.query, legs[of], fused[of], terms.get(of, ()))
        for of in (hit.chunk.id for hit in hits)
        if of in fused
    }


async def _matched(
    prepared: Prepared, language: str, hits: Sequence[Hit], index: Index, sparse: SparseEncoder
) -> dict[str, tuple[Term, ...]]:
    """The matched terms of each hit, by chunk id."""
    asked = next((leg.vector for leg in prepared.legs if leg.name == "sparse"), None)
    if not isinstance(asked, SparseVector) or not hits:
        return {}
    named = sparse.words(prepared.query, language)
    single = list(zip(asked.indices, asked.values, strict=True))[:_MOST_TERMS]
    # A search for one term alone scores a passage by that term's share of its BM25 score.
    legs = [Leg("sparse", SparseVector((term,), (value,)), WIDE) for term, value in single]
    found = await index.search(legs, of_documents({hit.chunk.document_id for hit in hits}))
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
