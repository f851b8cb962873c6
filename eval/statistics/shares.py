"""The interval of a share: so many of so many."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959964
"""Standard deviations on each side of a normal distribution that hold 95% of it."""


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """The ends of the Wilson score interval (Wilson, 1927) of a share, from 0 to 1; none of 0 is anything.

    Unlike the textbook's interval it is no point at 0 of n: of 14 attacks that all failed, up to 22% may
    succeed.
    """
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z**2 / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    width = 1 + z**2 / trials
    return max(0.0, (middle - half) / width), min(1.0, (middle + half) / width)
