"""Why a search found what it found: terms and weights, what the reranker and each later step moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.errors import BadInput
from rag.expected import WIDE, Expected, follow, of_documents
from rag.index.base import Index, Leg
from rag.language import detect_language
from rag.retriever import SearchRequest, SearchResult, Trail
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
    """What a step did with a hit: its rank ``before`` and ``after``, and how many hits it then stands for."""

    step: str
    before: int
    after: int
    stands_for: int = 0


@dataclass(frozen=True, slots=True)
class HitExplanation:
    """How a hit came to its rank: matched terms, the heaviest first, and what moved it.

    ``reranked`` is ``None`` where the reranker did not score the hit; ``review`` has a move for each later
    step (collapse, MMR, widening), in their order.
    """

    terms: tuple[Term, ...]
    fused: LegScore | None
    rank: int
    reranked: Move | None
    review: tuple[Move, ...]


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
        expected = await follow(request, trail, index, expect) if expect else None
    fused = {item.id: rank for rank, item in enumerate(trail.fused, 1)}
    ranked = {hit.chunk.id: rank for rank, hit in enumerate(trail.hits, 1)}
    return Explanation(
        language=trail.prepared.language,
        weights=trail.prepared.weights,
        candidates={leg: len(found) for leg, found in trail.rankings.items()},
        hits=tuple(
            HitExplanation(
                terms.get(hit.chunk.id, ()),
                hit.fused,
                rank,
                Move("reranker", fused[hit.chunk.id], ranked[hit.chunk.id])
                if hit.rerank_score is not None
                else None,
                _reviewed(hit.chunk.id, trail),
            )
            for rank, hit in enumerate(result.hits, 1)
        ),
        expected=expected,
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
