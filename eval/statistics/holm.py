"""Many comparisons find something by chance: Holm's correction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values, in the order of ``p``: reject where one is at most alpha.

    The chance of even one false finding in the family stays at alpha, whatever the tests have to do with
    each other. The smallest of m is multiplied by m, the next by m - 1, and so on; none falls below the
    one before it (Holm, 1979).
    """
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p, dtype=np.float64)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted
