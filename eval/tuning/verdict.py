"""Whether a reranker helps: its weight chosen on some questions, the difference tested on others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eval.beir import Query
from eval.index import Progress
from eval.metrics import document_scores, evaluate
from eval.statistics.comparison import Comparison, compare_family
from rag.headed import passage_text
from rag.reranking.stage import blend, followed
from rag.types import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

MEASURE = "nDCG@10"
WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Of the reranker's scores, as ``retrieval.rerank_weight``; of equals the lowest is chosen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A question, what the search found, and the model's score of each of the first hits."""

    query: Query
    hits: Sequence[Hit]
    scores: Sequence[float]
    ms: float

    def ranked(self, weight: float) -> dict[str, float]:
        """Documents with their scores, reranked with a weight as ``Reranking`` does it."""
        depth = len(self.scores)
        scored = [
            Hit(hit.chunk, hit.score, rerank_score=score)
            for hit, score in zip(self.hits[:depth], self.scores, strict=True)
        ]
        return document_scores(followed(blend(scored, weight), self.hits[depth:]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: ``chosen`` has the mean of each weight on the questions it was chosen with.

    ``before``, ``after`` and ``comparison`` are of the questions kept for the test; ``ms`` is the median time
    of scoring one question's hits.
    """

    weight: float
    chosen: Mapping[float, float]
    before: float
    after: float
    comparison: Comparison
    ms: float

    @property
    def helped(self) -> bool:
        """Whether the test shows the reranked order better than the fused one."""
        return self.comparison.verdict == "better"


def look(
    model: CrossEncoder,
    found: Sequence[tuple[Query, Sequence[Hit]]],
    depth: int,
    progress: Progress,
) -> list[Seen]:
    """The model's scores of the first ``depth`` hits of each question."""
    seen = []
    for done, (query, hits) in enumerate(found, 1):
        pairs = [(query.text, passage_text(hit.chunk)) for hit in hits[:depth]]
        start = time.perf_counter()
        scores: Iterable[float] = ()
        if pairs:
            scores = model.predict(pairs, batch_size=max(1, depth), show_progress_bar=False)
        ms = (time.perf_counter() - start) * 1000
        seen.append(Seen(query, hits, [float(score) for score in scores], ms))
        progress("score", done, len(found))
    return seen


def decide(
    choose: Sequence[Seen], test: Sequence[Seen], qrels: Mapping[str, Mapping[str, int]], seed: int = 0
) -> Verdict:
    """The best weight on ``choose``, and what it does on ``test``, which is looked at for it alone."""
    means = {weight: float(_quality(choose, qrels, weight).mean()) for weight in WEIGHTS}
    weight = max(WEIGHTS, key=lambda one: (means[one], -one))
    before, after = _quality(test, qrels, 0.0), _quality(test, qrels, weight)
    (comparison,) = compare_family([("tuned", "fused")], (after - before)[None, :], seed=seed)
    return Verdict(
        weight,
        {0.0: float(_quality(choose, qrels, 0.0).mean()), **means},
        float(before.mean()),
        float(after.mean()),
        comparison,
        float(np.median([one.ms for one in test])),
    )


def _quality(
    seen: Sequence[Seen], qrels: Mapping[str, Mapping[str, int]], weight: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    run = {one.query.id: one.ranked(weight) for one in seen}
    scores = evaluate(run, {one.query.id: qrels[one.query.id] for one in seen}, [MEASURE])
    return np.array([scores.per_query[one.query.id][MEASURE] for one in seen])
