"""The interval of a share: Wilson's score interval, which holds for few questions and near 0 and 1."""

from __future__ import annotations

import math

Z95 = 1.959964
"""The standard normal's quantile at 97.5%."""


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float] | None:
    """The interval of ``part`` of ``whole`` (Wilson, 1927), 95% by default; ``None`` for a share of none."""
    if not whole:
        return None
    share, spread = part / whole, z * z / whole
    half = z * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    low, high = ((share + spread / 2 + sign * half) / (1 + spread) for sign in (-1, 1))
    return max(0.0, min(low, share)), min(1.0, max(high, share))  # rounding leaves no share outside
