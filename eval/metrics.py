"""Retrieval metrics by their names (``nDCG@10``), computed by ir-measures on trec_eval's terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rag.errors import BadInput, UnknownChoice
from rag.types import Hit

Run = Mapping[str, Mapping[str, float]]
"""Scores by query and document."""
Qrels = Mapping[str, Mapping[str, int]]
"""Graded relevance by query and document; 0 is judged and not relevant."""

MEASURES = ("nDCG@10", "R@10", "R@100", "RR@10", "AP", "P@5")
CHOICES = ("nDCG", "nDCG@k", "R@k", "RR", "RR@k", "AP", "AP@k", "P@k", "Success@k")
_NAME = re.compile(r"(nDCG|R|RR|AP|P|Success)(?:@([1-9]\d{0,3}))?")
_NEEDS_CUTOFF = ("R", "P", "Success")


@dataclass(frozen=True, slots=True)
class Scores:
    """``mean`` by measure over all judged queries, and ``per_query`` by query, then measure."""

    mean: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]


def evaluate(run: Run, qrels: Qrels, measures: Sequence[str] = MEASURES) -> Scores:
    """Scores a run on the judged queries: the keys of ``qrels``.

    A judged query without results counts as zero; results of other queries are ignored. Documents are
    ordered as trec_eval orders them: by score as a 32-bit float, descending, and among equals by id,
    descending; so the order of a dictionary never shows, and trec_eval agrees to the last digit.
    nDCG takes the grade as gain and log2(rank + 1) as discount (Järvelin & Kekäläinen, 2002).

    Raises:
        UnknownChoice: a measure that is not one of ``CHOICES``.
        BadInput: no query is judged.
    """
    if not qrels:
        raise BadInput("no query has a judgement: there is nothing to average over")
    wanted = {name: _measure(name) for name in measures}
    names = {measure: name for name, measure in wanted.items()}
    per_query: dict[str, dict[str, float]] = {query: dict.fromkeys(wanted, 0.0) for query in qrels}
    for metric in _ir_measures().iter_calc(list(names), _plain(qrels), _ranked(run, qrels)):
        per_query[metric.query_id][names[metric.measure]] = float(metric.value)
    mean = {name: float(np.mean([scores[name] for scores in per_query.values()])) for name in wanted}
    return Scores(mean, per_query)


def document_scores(hits: Sequence[Hit]) -> dict[str, float]:
    """Documents in the order of their best chunks, each with that chunk's score.

    Where the hits' scores do not follow their order, as when only the first ones were reranked, the scores
    are ``1 / place`` instead: the order is what the retriever answers.
    """
    best: dict[str, float] = {}
    for hit in hits:
        best.setdefault(hit.chunk.document_id, hit.score)
    scores = [hit.score for hit in hits]
    if scores != sorted(scores, reverse=True):
        return {document: 1 / place for place, document in enumerate(best, 1)}
    return best


def in_order(scores: Mapping[str, float]) -> list[str]:
    """The documents best first, ties as ``evaluate`` breaks them."""
    return sorted(
        scores, key=lambda document: (np.float32(scores[document]), document.encode()), reverse=True
    )


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, interpolated linearly; zeros when there are no values."""
    if not values:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0}
    return {f"p{share}": round(float(np.percentile(values, share)), 3) for share in (50, 95, 99)}


def _measure(name: str) -> Any:
    library = _ir_measures()
    match = _NAME.fullmatch(name)
    if match is None or (match[1] in _NEEDS_CUTOFF and match[2] is None):
        raise UnknownChoice("measure", name, CHOICES)
    measure = {
        "nDCG": library.nDCG,
        "R": library.R,
        "RR": library.RR,
        "AP": library.AP,
        "P": library.P,
        "Success": library.Success,
    }[match[1]]
    return measure if match[2] is None else measure @ int(match[2])


def _ranked(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """The run with its order as scores: the engines behind ir-measures break ties each in its own way."""
    ranked = {}
    for query in qrels:
        order = in_order(run.get(query, {}))
        ranked[query] = {document: float(len(order) - place) for place, document in enumerate(order)}
    return ranked


def _plain(qrels: Qrels) -> dict[str, dict[str, int]]:
    return {query: dict(grades) for query, grades in qrels.items()}


def _ir_measures() -> Any:
    import ir_measures

    return ir_measures
