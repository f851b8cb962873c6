"""Intervals of a mean by resampling its queries: the bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
_BATCH = 1_000
"""Resamples that are in memory at once."""


def bootstrap_intervals(
    scores: NDArray[np.float64], level: float = 0.95, *, resamples: int = RESAMPLES, seed: int = 0
) -> NDArray[np.float64]:
    """Bias-corrected and accelerated (BCa) intervals of means: float64[rows, queries] to [rows, 2].

    Every row sees the same resamples, so intervals of several systems are comparable. Means of scores
    between 0 and 1 have skewed distributions when most queries score 0 or 1: BCa corrects the plain
    percentiles for that (Efron, 1987; Efron & Tibshirani, 1993, chapter 14). A row whose scores are all
    equal has the interval of no width.
    """
    means = _resampled_means(scores, resamples, seed)
    centre = scores.mean(axis=1)
    intervals = np.repeat(centre[:, None], 2, axis=1)
    for row in np.flatnonzero(np.ptp(scores, axis=1) > 0):
        shares = _bca_shares(scores[row], means[row], level)
        intervals[row] = np.quantile(means[row], shares)
    return intervals


def _resampled_means(scores: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Means float64[rows, resamples]: how often each query is drawn, times its score."""
    random = np.random.default_rng(seed)
    queries = scores.shape[1]
    batches = []
    for start in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - start)
        drawn = random.integers(queries, size=(size, queries))
        places = drawn + np.arange(size)[:, None] * queries
        times = np.bincount(places.ravel(), minlength=size * queries).reshape(size, queries)
        batches.append(scores @ (times.T / queries))
    return np.concatenate(batches, axis=1)


def _bca_shares(scores: NDArray[np.float64], means: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """The two quantiles of the resampled means that bound the interval."""
    from scipy.special import ndtr, ndtri

    away = scores - scores.mean()
    # Half of the ties count: scores are discrete, and a resample often has the very mean of the sample.
    below = ((means < scores.mean()).mean() + (means <= scores.mean()).mean()) / 2
    bias = ndtri(np.clip(below, 1 / len(means), 1 - 1 / len(means)))
    # The jackknife's acceleration, in closed form for a mean: it has no unit, and small cubes would be 0.
    away /= np.abs(away).max()
    acceleration = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    tails = bias + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    shares: NDArray[np.float64] = ndtr(bias + tails / (1 - acceleration * tails))
    return shares
