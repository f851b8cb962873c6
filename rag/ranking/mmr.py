"""Maximal marginal relevance: each next hit is relevant, and says what those before it do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rag.fusion.convex import min_max
from rag.types import Hit


def mmr(hits: Sequence[Hit], similarity: NDArray[np.float64], weight: float) -> list[Hit]:
    """The hits, given best first, ordered by ``weight · relevance - (1 - weight) · similarity``.

    Relevance is the hit's score brought to 0 to 1; similarity is that to the nearest hit chosen before. The
    sum becomes the hit's score: it never rises from one choice to the next. At equal sums the better hit goes
    first; with ``weight`` 1 the order stays. Carbonell & Goldstein 1998, "The Use of MMR, Diversity-Based
    Reranking for Reordering Documents and Producing Summaries", doi:10.1145/290941.291025.

    Args:
        hits: best first.
        similarity: of each two hits, ``[n, n]``: cosines of their vectors, or what their words share.
        weight: λ of the paper, from 0 to 1.
    """
    relevance = weight * np.array(min_max([hit.score for hit in hits]))
    nearest = np.zeros(len(hits))
    left = np.ones(len(hits), dtype=bool)
    chosen: list[Hit] = []
    for _ in hits:
        worth = np.where(left, relevance - (1 - weight) * nearest, -np.inf)
        best = int(worth.argmax())
        left[best] = False
        nearest = np.maximum(nearest, similarity[best])
        chosen.append(replace(hits[best], score=float(worth[best])))
    return chosen
