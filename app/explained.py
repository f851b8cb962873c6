"""An explained search: as a part of the JSON object, and as lines for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.views import Json
from rag.expected import Expected
from rag.explain import Asked, Explanation, HitExplanation, Move, Term
from rag.types import LegScore

_SHOWN_TERMS = 8


def with_explanation(view: Json, explanation: Explanation) -> Json:
    """The object of ``search --json`` with ``explain`` in it, and in each of its hits."""
    hits = zip(view["hits"], explanation.hits, strict=True)
    return {
        **view,
        "hits": [{**hit, "explain": _hit_view(explained)} for hit, explained in hits],
        "explain": {
            "queries": [_asked_view(asked) for asked in explanation.queries],
            "language": explanation.language,
            "weights": dict(explanation.weights),
            "candidates": dict(explanation.candidates),
            "expected": _expected_view(explanation.expected) if explanation.expected else None,
        },
    }


def explained_queries(view: Json) -> Iterator[str]:
    """What was looked up, a line each: the query, its language, the encoder, the legs' weights."""
    for asked in view["explain"]["queries"]:
        legs = [f"{leg} weighs {weight:g}" for leg, weight in asked["weights"].items()]
        encoder = [f"encoder {asked['encoder']}"] if asked["encoder"] else []
        made_up = [f"{asked['hypothetical']} made-up passages"] if asked["hypothetical"] else []
        told = ", ".join([f"language {asked['language']}", *encoder, *legs, *made_up])
        yield f"looked up {asked['query']!r}: {told}"


def explained_hit(view: Json, hit: Json) -> Iterator[str]:
    """What moved a hit, a line each: legs and fusion, matched terms, the reranker, the steps after it.

    Where several queries were looked up, each that found it has lines of its own.
    """
    told = hit["explain"]
    yield _places(hit["legs"], told["fused"])
    if len(view["explain"]["queries"]) > 1:
        for one in told["queries"]:
            yield f"{one['query']!r}: {_places(one['legs'], one['fused'])}"
            yield from _terms(one["terms"])
    else:
        yield from _terms(told["terms"])
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
        "fused": _place_view(fused) if fused else None,
        "terms": _terms_view(hit.terms),
        "queries": [
            {
                "query": one.query,
                "legs": {leg: _place_view(place) for leg, place in one.legs.items()},
                "fused": _place_view(one.fused),
                "terms": _terms_view(one.terms),
            }
            for one in hit.queries
        ],
        "reranker": _move_view(reranked) if reranked else None,
        "review": [
            {"step": move.step, **_move_view(move), "stands_for": move.stands_for} for move in hit.review
        ],
    }


def _asked_view(asked: Asked) -> Json:
    return {
        "query": asked.query,
        "language": asked.language,
        "encoder": asked.encoder,
        "weights": dict(asked.weights),
        "candidates": dict(asked.candidates),
        "hypothetical": asked.hypothetical,
    }


def _place_view(place: LegScore) -> Json:
    return {"rank": place.rank, "score": place.score}


def _terms_view(terms: Iterable[Term]) -> list[Json]:
    return [{"term": term.query, "in_text": term.passage, "weight": term.weight} for term in terms]


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


def _places(legs: Json, fused: Json | None) -> str:
    places = {**legs, "fused": fused} if fused else legs
    return ", ".join(f"{name} {at['rank']} ({at['score']:.4f})" for name, at in places.items())


def _terms(terms: Sequence[Json]) -> Iterator[str]:
    if terms:
        yield "terms " + ", ".join(_term(term) for term in terms[:_SHOWN_TERMS])


def _step(move: Json) -> str:
    more = f" (stands for {move['stands_for']} more)" if move["stands_for"] else ""
    return f"{move['step']} {move['from']} \u2192 {move['to']}{more}"


def _term(term: Json) -> str:
    differs = term["in_text"] != term["term"]
    return f"{term['term']}{'/' + term['in_text'] if differs else ''} {term['weight']:.2f}"
