"""A leaderboard that says what it knows: intervals, comparisons, groups, what the queries can show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.comparison import ALPHA, Comparison, compare_family
from eval.statistics.holm import holm
from eval.statistics.randomisation import flips_for, randomisation_test
from eval.statistics.scores import PerQuery, score_table
from rag.errors import UnknownChoice

LEADERS = 5
"""Configurations at the top that are compared with one another."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the leaderboard. ``group`` 1 cannot be told from the best, 2 from the best of the rest."""

    name: str
    mean: float
    interval: tuple[float, float]
    group: int

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {"name": self.name, "mean": self.mean, "interval": list(self.interval), "group": self.group}


@dataclass(frozen=True, slots=True)
class Analysis:
    """Standings, best first, and two families of comparisons, each corrected by itself.

    ``with_baseline`` has every other configuration against the baseline; ``among_leaders`` each pair of the
    first ones. The best was picked by the scores that it is compared with, so its mean flatters it: confirm
    a winner on queries that did not choose it.
    """

    queries: int
    baseline: str
    alpha: float
    standings: tuple[Standing, ...]
    with_baseline: tuple[Comparison, ...]
    among_leaders: tuple[Comparison, ...]

    @property
    def smallest_difference(self) -> float | None:
        """What this query set can show with a power of 80%: the median over comparisons with the baseline."""
        known = [one.smallest for one in self.with_baseline if one.smallest is not None]
        return float(np.median(known)) if known else None

    @property
    def wording(self) -> tuple[str, ...]:
        """What may be concluded, a sentence a line."""
        best, *rest = self.standings
        same = [one.name for one in rest if one.group == 1]
        low, high = best.interval
        lines = [f"{best.name} has the best mean, {best.mean:.3f} [{low:.3f}, {high:.3f}]"]
        if rest:
            lines[0] += f"; {len(same)} of the {len(rest)} others cannot be told from it"
            lines[0] += f": {_some(same)}" if same else ""
        lines += [f"{one.name} against {one.reference}: {one.wording}" for one in self.with_baseline]
        if (smallest := self.smallest_difference) is not None:
            lines.append(
                f"{self.queries} queries, with {len(self.with_baseline)} to compare, show a difference of "
                f"{smallest:.3f} with a power of 80%; one that is smaller will often go unseen"
            )
        return tuple(lines)

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {
            "queries": self.queries,
            "baseline": self.baseline,
            "alpha": self.alpha,
            "standings": [one.view() for one in self.standings],
            "with_baseline": [one.view() for one in self.with_baseline],
            "among_leaders": [one.view() for one in self.among_leaders],
            "smallest_difference": self.smallest_difference,
            "wording": list(self.wording),
        }


def analyse(
    per_query: PerQuery, baseline: str, *, alpha: float = ALPHA, leaders: int = LEADERS, seed: int = 0
) -> Analysis:
    """Everything that a leaderboard needs, from scores float64[queries] by configuration.

    Raises:
        UnknownChoice: the baseline is not one of the configurations.
        BadInput: scores are missing or not of the same queries; see ``complete_queries``.
    """
    table = score_table(per_query)
    names = list(per_query)
    if baseline not in names:
        raise UnknownChoice("baseline", baseline, names)
    reference = names.index(baseline)
    others = [row for row in range(len(names)) if row != reference]
    order = _best_first(table)
    pairs = list(combinations(order[:leaders], 2))
    intervals = bootstrap_intervals(table, seed=seed)
    groups = significance_groups(table, alpha=alpha, seed=seed)
    return Analysis(
        queries=table.shape[1],
        baseline=baseline,
        alpha=alpha,
        standings=tuple(
            Standing(
                names[row],
                float(table[row].mean()),
                (float(intervals[row, 0]), float(intervals[row, 1])),
                int(groups[row]),
            )
            for row in order
        ),
        with_baseline=compare_family(
            [(names[row], baseline) for row in others],
            table[others] - table[reference],
            alpha=alpha,
            seed=seed,
        ),
        among_leaders=compare_family(
            [(names[one], names[other]) for one, other in pairs],
            np.stack([table[one] - table[other] for one, other in pairs]) if pairs else table[:0],
            alpha=alpha,
            seed=seed,
        ),
    )


def significance_groups(
    table: NDArray[np.float64], *, alpha: float = ALPHA, seed: int = 0
) -> NDArray[np.int64]:
    """The group, from 1, of each row of float64[configurations, queries].

    Group 1 is the best mean and whoever cannot be told from it, after Holm over all the others; then the
    same among the rest. Two of one group may still differ from each other: the groups say whom a choice
    of the best could as well have fallen on.
    """
    groups = np.zeros(len(table), dtype=np.int64)
    left, group = _best_first(table), 1
    while left:
        best, *rest = left
        differences = table[best] - table[rest]
        p = randomisation_test(differences, flips=flips_for(len(rest), alpha), seed=seed)
        told = holm(p) <= alpha
        groups[best] = group
        groups[[row for row, apart in zip(rest, told, strict=True) if not apart]] = group
        left = [row for row, apart in zip(rest, told, strict=True) if apart]
        group += 1
    return groups


def _best_first(table: NDArray[np.float64]) -> list[int]:
    """Rows by mean, descending; of equal ones the first given stays first."""
    return [int(row) for row in np.argsort(-table.mean(axis=1), kind="stable")]


def _some(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
