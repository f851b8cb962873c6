"""Reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import ConfigurationError
from rag.fusion.base import Fused, checked_weights, summed


def rrf(
    rankings: Sequence[Sequence[str]],
    k: float = 60,
    weights: Sequence[float] | None = None,
    limit: int | None = None,
) -> list[Fused]:
    """One ranking out of several: an id scores ``Σ weight / (k + rank)`` over the rankings that have it.

    Ranks count from 1. Cormack, Clarke & Büttcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and
    individual Rank Learning Methods", doi:10.1145/1571941.1572114, with their k = 60.

    Args:
        rankings: ids, best first, each at most once in a ranking.
        k: the larger, the less the first ranks stand out; not negative.
        weights: one for each ranking, not negative; all 1 without them.
        limit: how many to return; all without it.

    Returns:
        Best first; equal scores in the order in which the rankings name them, the first ranking's before.

    Raises:
        ConfigurationError: ``k`` or ``weights`` is out of bounds, or ``weights`` of another number.
    """
    if k < 0:
        raise ConfigurationError(f"RRF needs k ≥ 0, not {k}")
    weighted = zip(rankings, checked_weights(weights, len(rankings)), strict=True)
    shares = (
        (item, weight / (k + rank)) for ranking, weight in weighted for rank, item in enumerate(ranking, 1)
    )
    return summed(shares)[:limit]
