"""The same configuration run again: how much of a score is the queries, and how much the model's dice."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import BadInput


@dataclass(frozen=True, slots=True)
class RepeatVariance:
    """Variance components of scores, and what they do to a mean.

    ``between_queries``: some queries are harder. ``between_repeats``: a whole run is better or worse than
    another. ``within``: a query's score changes from run to run. ``deviation`` is the standard deviation of
    the runs' means, and ``means`` are those.
    """

    repeats: int
    queries: int
    between_queries: float
    between_repeats: float
    within: float
    deviation: float
    means: tuple[float, ...]

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {**asdict(self), "means": list(self.means)}


def repeat_variance(scores: NDArray[np.float64]) -> RepeatVariance:
    """Variance components of float64[repeats, queries]: the two-way random model without replication.

    Mean squares of rows, columns and residual give the components; one that comes out below 0 is 0 (Searle,
    Casella & McCulloch, 1992; for retrieval: Bodoff & Li, 2007).

    Raises:
        BadInput: less than two repeats or queries, or a score that is missing.
    """
    if scores.ndim != 2 or min(scores.shape) < 2:
        raise BadInput(f"two repeats of two queries or more are wanted, not scores of shape {scores.shape}")
    if not np.isfinite(scores).all():
        raise BadInput(f"{(~np.isfinite(scores)).sum()} scores are missing: count failures as 0 or leave out")
    repeats, queries = scores.shape
    rows, columns = scores.mean(axis=1), scores.mean(axis=0)
    residual = scores - rows[:, None] - columns + scores.mean()
    within = float((residual**2).sum() / ((repeats - 1) * (queries - 1)))
    return RepeatVariance(
        repeats,
        queries,
        between_queries=max(0.0, float(columns.var(ddof=1)) - within / repeats),
        between_repeats=max(0.0, float(rows.var(ddof=1)) - within / queries),
        within=within,
        deviation=float(rows.std(ddof=1)),
        means=tuple(float(mean) for mean in rows),
    )
