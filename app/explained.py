"""An explained search: as a part of the JSON object, and as lines for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from app.views import Json
from rag.expected import Expected
from rag.explain import Explanation, HitExplanation, Move

_SHOWN_TERMS = 8


def with_explanation(view: Json, explanation: Explanation) -> Json:
    """The object of ``search --json`` with ``explain`` in it, and in each of its hits."""
    hits = zip(view["hits"], explanation.hits, strict=True)
    return {
        **view,
        "hits": [{**hit, "explain": _hit_view(explained)} for hit, explained in hits],
        "explain": {
            "language": explanation.language,
            "weights": dict(explanation.weights),
            "candidates": dict(explanation.candidates),
            "expected": _expected_view(explanation.expected) if explanation.expected else None,
        },
    }


def explained_hit(hit: Json) -> Iterator[str]:
    """What moved a hit, a line each: legs and fusion, matched terms, the reranker, the steps after it."""
    told = hit["explain"]
    places = [f"{leg} {at['rank']} ({at['score']:.4f})" for leg, at in hit["legs"].items()]
    if told["fused"]:
        places.append(f"fused {told['fused']['rank']} ({told['fused']['score']:.4f})")
    yield ", ".join(places)
    if told["terms"]:
        yield "terms " + ", ".join(_term(term) for term in told["terms"][:_SHOWN_TERMS])
    if moved := told["reranker"]:
        yield f"reranker {moved['from']} \u2192 {moved['to']} (scored {hit['rerank_score']:.4f})"
    if told["review"]:
        yield ", ".join(_step(move) for move in told["review"])


def explained_document(view: Json) -> Iterator[str]:
    """What became of the expected document, if one was named."""
    if expected := view["explain"]["expected"]:
        yield f"{expected['document_id']}: {expected['stage']} \u2013 {expected['why']}"


def _hit_view(hit: HitExplanation) -> Json:
    fused, reranked = hit.fused, hit.reranked
    return {
        "fused": {"rank": fused.rank, "score": fused.score} if fused else None,
        "terms": [{"term": term.query, "in_text": term.passage, "weight": term.weight} for term in hit.terms],
        "reranker": _move_view(reranked) if reranked else None,
        "review": [
            {"step": move.step, **_move_view(move), "stands_for": move.stands_for} for move in hit.review
        ],
    }


def _move_view(move: Move) -> Json:
    return {"from": move.before, "to": move.after, "moved": move.before - move.after}


def _expected_view(expected: Expected) -> Json:
    return {
        "document_id": expected.document_id,
        "stage": expected.stage,
        "why": expected.why,
        "legs": dict(expected.legs),
        "fused_rank": expected.fused,
        "rank": expected.rank,
    }


def _step(move: Json) -> str:
    more = f" (stands for {move['stands_for']} more)" if move["stands_for"] else ""
    return f"{move['step']} {move['from']} \u2192 {move['to']}{more}"


def _term(term: Json) -> str:
    differs = term["in_text"] != term["term"]
    return f"{term['term']}{'/' + term['in_text'] if differs else ''} {term['weight']:.2f}"
