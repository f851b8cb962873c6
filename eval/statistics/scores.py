"""Per-query scores as the statistics take them: complete, finite, the same queries in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.errors import BadInput

Scores = NDArray[np.float64]
PerQuery = Mapping[str, Scores]
"""Scores float64[queries] by configuration; the same place is the same query in each of them."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The queries that every configuration has a score for.

    ``kept`` bool[queries] says which; ``missing`` counts, by configuration, its queries without a score.
    """

    per_query: PerQuery
    kept: NDArray[np.bool_]
    missing: Mapping[str, int]

    @property
    def left_out(self) -> int:
        """Queries that are left out of ``per_query``, for all configurations alike."""
        return int((~self.kept).sum())


def complete_queries(per_query: PerQuery) -> Complete:
    """Leaves out, for every configuration, the queries that one of them has no score (NaN) for.

    A comparison over what is left is paired and fair, but only of those queries: whoever prints it prints
    ``missing`` with it. Where a missing score is a failure of the system, 0 in its place is the right score,
    and nothing is left out.

    Raises:
        BadInput: no query is left, or the arrays cannot be scores of the same queries.
    """
    table = _stacked(per_query)
    if np.isinf(table).any():
        raise BadInput("a score is infinite: scores are finite numbers")
    gaps = np.isnan(table)
    kept: NDArray[np.bool_] = np.logical_not(gaps.any(axis=0))
    missing = {name: int(count) for name, count in zip(per_query, gaps.sum(axis=1), strict=True) if count}
    if not kept.any():
        raise BadInput(f"no query has a score in every configuration: {_counted(missing, table.shape[1])}")
    return Complete({name: table[row][kept] for row, name in enumerate(per_query)}, kept, missing)


def score_table(per_query: PerQuery) -> Scores:
    """The scores as one array, float64[configurations, queries].

    Raises:
        BadInput: nothing to compare, other shapes, or a score that is missing: a NaN is never averaged away.
    """
    table = _stacked(per_query)
    if not np.isfinite(table).all():
        gaps = (~np.isfinite(table)).sum(axis=1)
        counts = {name: int(count) for name, count in zip(per_query, gaps, strict=True) if count}
        raise BadInput(
            f"scores are missing: {_counted(counts, table.shape[1])}: count failures as 0, "
            "or leave those queries out for all (complete_queries) and say so"
        )
    return table


def _stacked(per_query: PerQuery) -> Scores:
    arrays = {name: np.asarray(scores, np.float64) for name, scores in per_query.items()}
    if not arrays:
        raise BadInput("there are no scores: give those of one configuration or more")
    shapes = {name: array.shape for name, array in arrays.items()}
    first, shape = next(iter(shapes.items()))
    if len(shape) != 1 or not shape[0]:
        raise BadInput(f"{first}: one score a query is wanted, not an array of shape {shape}")
    if other := next((name for name in shapes if shapes[name] != shape), None):
        raise BadInput(f"{other} has {shapes[other]} scores and {first} {shape}: score the same queries")
    return np.stack(list(arrays.values()))


def _counted(counts: Mapping[str, int], queries: int) -> str:
    first = list(counts.items())[:3]
    more = f" and {len(counts) - 3} more configurations" if len(counts) > 3 else ""
    return ", ".join(f"{count} of {queries} queries in {name}" for name, count in first) + more
