"""Is a mean difference more than chance? The paired randomisation test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLIPS = 10_000
"""Sign patterns that are sampled when there are too many to try them all."""
EXACT_QUERIES = 12
"""Up to here all 2^n sign patterns are tried, and the p-value is exact."""
_BATCH = 2_000
_ROUNDING = 1e-9
"""Sums of floats that differ by less are the same sum, added in another order."""


def flips_for(tests: int, alpha: float = 0.05) -> int:
    """Enough flips that the smallest possible p-value, times ``tests``, is well below ``alpha``."""
    return max(FLIPS, int(20 * tests / alpha))


def randomisation_test(
    differences: NDArray[np.float64], *, flips: int = FLIPS, seed: int = 0
) -> NDArray[np.float64]:
    """Two-sided p-values of paired differences, float64[tests, queries] to float64[tests].

    If two systems were the same, the labels on a query's two scores could be swapped: its difference is as
    likely to have the other sign. The p-value is the share of sign patterns that make a mean difference at
    least as large as the observed one (Fisher, 1935; for retrieval: Smucker, Allan & Carterette, 2007).

    Up to ``EXACT_QUERIES`` queries that differ at all, every pattern is tried. Otherwise ``flips`` are
    sampled and the observed one is counted among them, (hits + 1) / (flips + 1), so that p is never 0 and
    the test is valid at any number of flips (Phipson & Smyth, 2010). All tests see the same flips.
    """
    p = np.ones(len(differences))
    few = (differences != 0).sum(axis=1) <= EXACT_QUERIES
    for row in np.flatnonzero(few):
        p[row] = _exact(differences[row][differences[row] != 0])
    if not few.all():
        p[~few] = _sampled(differences[~few], flips, seed)
    return p


def _exact(differences: NDArray[np.float64]) -> float:
    """All patterns of the differences that are not 0; the others change no sum."""
    size = len(differences)
    bits = np.arange(2**size)[:, None] >> np.arange(size) & 1
    sums = np.abs((1 - 2 * bits) @ differences)
    return float((sums >= abs(differences.sum()) - _ROUNDING).mean())


def _sampled(differences: NDArray[np.float64], flips: int, seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    observed = np.abs(differences.sum(axis=1)) - _ROUNDING
    # By size, and without their signs: neither the order of the queries nor of the systems changes p.
    sizes = np.sort(np.abs(differences), axis=1)
    hits = np.zeros(len(differences), dtype=np.int64)
    for start in range(0, flips, _BATCH):
        octets = (min(_BATCH, flips - start), -(-sizes.shape[1] // 8))
        bits = np.unpackbits(random.integers(256, size=octets, dtype=np.uint8), axis=1, count=sizes.shape[1])
        signs = bits * 2.0 - 1
        hits += (np.abs(sizes @ signs.T) >= observed[:, None]).sum(axis=1)
    p: NDArray[np.float64] = (hits + 1) / (flips + 1)
    return p
