"""Distribution-based score fusion: each leg's scores measured against their own spread."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.fusion.base import Fused, checked_weights, summed
from rag.index.base import Scored


def dbsf(
    rankings: Sequence[Sequence[Scored]],
    weights: Sequence[float] | None = None,
    limit: int | None = None,
) -> list[Fused]:
    """One ranking out of several: ``Σ weight · (score - (μ - 3σ)) / 6σ`` over the rankings that have an id.

    μ and σ (of a sample: n - 1) are of each ranking's own candidates; a share below 0 or above 1 is cut to
    that. A ranking of one candidate, or of equal scores, gives each 0.5. Mazzeschi 2023, "Distribution-Based
    Score Fusion (DBSF), a new approach to Vector Search Ranking"; Qdrant's fusion of that name is the same
    but for the cut (https://qdrant.tech/documentation/concepts/hybrid-queries/).

    Args:
        rankings: candidates, best first, each at most once in a ranking.
        weights: one for each ranking, not negative; all 1 without them.
        limit: how many to return; all without it.

    Returns:
        Best first; equal scores in the order in which the rankings name them, the first ranking's before.

    Raises:
        ConfigurationError: a weight is out of bounds, or they are of another number than the rankings.
    """
    weighted = zip(rankings, checked_weights(weights, len(rankings)), strict=True)
    shares = (
        (scored.chunk_id, weight * value)
        for ranking, weight in weighted
        for scored, value in zip(ranking, _placed([one.score for one in ranking]), strict=True)
    )
    return summed(shares)[:limit]


def _placed(scores: Sequence[float]) -> list[float]:
    """Where each score lies between three standard deviations below the mean (0) and three above (1)."""
    if len(scores) < 2 or min(scores) == max(scores):
        return [0.5] * len(scores)
    mean = math.fsum(scores) / len(scores)
    deviation = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1))
    if deviation == 0:  # too small for a float
        return [0.5] * len(scores)
    return [min(1.0, max(0.0, 0.5 + (score - mean) / (6 * deviation))) for score in scores]
