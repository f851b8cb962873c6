"""How large a difference must be for this many queries to show it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

POWER = 0.8


def effect_size(differences: NDArray[np.float64]) -> float | None:
    """The mean paired difference in standard deviations of the differences: Cohen's d_z (Cohen, 1988).

    Unlike p it does not grow with the number of queries. ``None`` where the differences do not vary and
    are not 0, since nothing is left to measure the mean with.
    """
    mean, deviation = float(differences.mean()), paired_deviation(differences)
    if deviation == 0:
        return 0.0 if mean == 0 else None
    return mean / deviation


def paired_deviation(differences: NDArray[np.float64]) -> float:
    """The standard deviation of the differences, with n - 1; 0 for a single query."""
    if np.ptp(differences) == 0:
        return 0.0  # and not the rounding error of a mean
    return float(differences.std(ddof=1))


def power_of(difference: float, deviation: float, queries: int, alpha: float = 0.05) -> float:
    """The chance that a true mean ``difference`` is found at ``alpha``, two-sided, and in its direction.

    ``deviation`` is that of the paired differences. Student's t stands in for the randomisation test, which
    it comes close to, and is shifted by the difference in standard errors (Zar, 2010, section 7.7; for
    retrieval: Webber, Moffat & Zobel, 2008).
    """
    from scipy import stats

    if queries < 2:
        return 0.0
    if deviation == 0:
        return 1.0 if difference else alpha / 2
    free = queries - 1
    shift = abs(difference) / deviation * math.sqrt(queries)
    return float(stats.t.cdf(shift - stats.t.ppf(1 - alpha / 2, free), free))


def smallest_difference(
    deviation: float, queries: int, *, power: float = POWER, alpha: float = 0.05
) -> float | None:
    """The smallest true mean difference that is found with this ``power``: the inverse of ``power_of``.

    For m comparisons pass ``alpha / m``, the hardest step of Holm's correction: the answer is then on the
    safe side. ``None`` for a single query, which can show nothing.
    """
    from scipy import stats

    if queries < 2:
        return None
    free = queries - 1
    errors = stats.t.ppf(1 - alpha / 2, free) + stats.t.ppf(power, free)
    return float(errors * deviation / math.sqrt(queries))
