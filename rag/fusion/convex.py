"""A convex combination of scores, each leg's brought to the range from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

from rag.fusion.base import Fused, checked_weights, summed
from rag.index.base import Scored


def convex(
    rankings: Sequence[Sequence[Scored]],
    weights: Sequence[float] | None = None,
    limit: int | None = None,
) -> list[Fused]:
    """One ranking out of several: ``Σ share · (score - min) / (max - min)`` over rankings that have an id.

    Minimum and maximum are of each ranking's own candidates; shares are the weights, scaled so that those of
    the rankings that found something sum to 1. Where all scores of a ranking are equal, each counts as 1.
    Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", doi:10.1145/3596512.

    Args:
        rankings: candidates, best first, each at most once in a ranking.
        weights: one for each ranking, not negative; all 1 without them.
        limit: how many to return; all without it.

    Returns:
        Best first; equal scores in the order in which the rankings name them, the first ranking's before.

    Raises:
        ConfigurationError: a weight is out of bounds, or they are of another number than the rankings.
    """
    weighted = list(zip(rankings, checked_weights(weights, len(rankings)), strict=True))
    total = sum(weight for ranking, weight in weighted if ranking) or 1.0
    shares = (
        (scored.chunk_id, weight / total * value)
        for ranking, weight in weighted
        for scored, value in zip(ranking, min_max([one.score for one in ranking]), strict=True)
    )
    return summed(shares)[:limit]


def min_max(scores: Sequence[float]) -> list[float]:
    """The scores brought to 0 (the lowest) to 1 (the highest); all 1 where they are equal."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else 1.0 for score in scores]
