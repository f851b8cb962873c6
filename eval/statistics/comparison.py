"""Two systems on the same queries: the difference, what it may be, and the words that it allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.holm import holm
from eval.statistics.power import POWER, effect_size, paired_deviation, smallest_difference
from eval.statistics.randomisation import flips_for, randomisation_test

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """``name`` minus ``reference``, per query, one of a family of ``comparisons``.

    ``interval`` (95%, bootstrap) is of this difference alone; ``p`` is the test's, ``adjusted`` after Holm.
    ``smallest`` is the true difference that these queries would show with a power of 80% after correction.
    """

    name: str
    reference: str
    difference: float
    interval: tuple[float, float]
    p: float
    adjusted: float
    effect: float | None
    better: int
    worse: int
    queries: int
    smallest: float | None
    comparisons: int
    alpha: float = ALPHA

    @property
    def shown(self) -> bool:
        """Whether a difference was shown."""
        return self.adjusted <= self.alpha

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, or ``no difference was shown``."""
        if not self.shown:
            return "no difference was shown"
        return "better" if self.difference > 0 else "worse"

    @property
    def wording(self) -> str:
        """What may be said, in one sentence."""
        of = "1 comparison" if self.comparisons == 1 else f"{self.comparisons} comparisons"
        after = f"p {p_text(self.adjusted)}" + (f" after Holm over {of}" if self.comparisons > 1 else "")
        interval = f"[{self.interval[0]:.3f}, {self.interval[1]:.3f}]"
        if self.shown:
            return f"{self.verdict} by {abs(self.difference):.3f} {self._outward()}, {after}"
        if self.better == self.worse == 0:
            return f"no difference was shown: the same score on each of {self.queries} queries"
        return f"no difference was shown: {self.difference:+.3f} {interval}, {after}{self._limit()}"

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {
            "name": self.name,
            "reference": self.reference,
            "difference": self.difference,
            "interval": list(self.interval),
            "p": self.p,
            "p_holm": self.adjusted,
            "comparisons": self.comparisons,
            "effect_size": self.effect,
            "queries": self.queries,
            "better": self.better,
            "worse": self.worse,
            "ties": self.queries - self.better - self.worse,
            "smallest_detectable": self.smallest,
            "verdict": self.verdict,
            "wording": self.wording,
        }

    def _outward(self) -> str:
        """The interval of "by how much", which is positive for a worse system too."""
        low, high = sorted(edge if self.difference > 0 else -edge for edge in self.interval)
        return f"[{low:.3f}, {high:.3f}]"

    def _limit(self) -> str:
        if self.smallest is None:
            return ""
        return f"; {self.queries} queries would show {self.smallest:.3f} with a power of {POWER:.0%}"


def compare_family(
    names: Sequence[tuple[str, str]],
    differences: NDArray[np.float64],
    *,
    alpha: float = ALPHA,
    seed: int = 0,
) -> tuple[Comparison, ...]:
    """Comparisons that are judged together: (name, reference) and float64[comparisons, queries]."""
    count, queries = len(names), differences.shape[1]
    if not count:
        return ()
    p = randomisation_test(differences, flips=flips_for(count, alpha), seed=seed)
    adjusted = holm(p)
    intervals = bootstrap_intervals(differences, seed=seed)
    return tuple(
        Comparison(
            name,
            reference,
            difference=float(row.mean()),
            interval=(float(intervals[place, 0]), float(intervals[place, 1])),
            p=float(p[place]),
            adjusted=float(adjusted[place]),
            effect=effect_size(row),
            better=int((row > 0).sum()),
            worse=int((row < 0).sum()),
            queries=queries,
            smallest=smallest_difference(paired_deviation(row), queries, alpha=alpha / count),
            comparisons=count,
            alpha=alpha,
        )
        for place, ((name, reference), row) in enumerate(zip(names, differences, strict=True))
    )


def compare_apart(
    names: Sequence[tuple[str, str]], differences: Sequence[NDArray[np.float64]], *, alpha: float = ALPHA
) -> tuple[Comparison, ...]:
    """As ``compare_family`` where each comparison is of queries of its own: a float64[queries] for each."""
    alone = [
        compare_family([name], row[None], alpha=alpha)[0]
        for name, row in zip(names, differences, strict=True)
    ]
    adjusted = holm(np.array([one.p for one in alone]))
    return tuple(
        replace(
            one,
            adjusted=float(p),
            comparisons=len(alone),
            smallest=smallest_difference(paired_deviation(row), one.queries, alpha=alpha / len(alone)),
        )
        for one, p, row in zip(alone, adjusted, differences, strict=True)
    )


def p_text(p: float) -> str:
    """A p-value as papers write it: ``= .002``, ``< .001``, ``= 1``; one digit more where .05 is near."""
    if p < 0.001:
        return "< .001"
    if p > 0.9995:
        return "= 1"
    return f"= {p:.{4 if 0.0495 <= p < 0.0505 else 3}f}".replace("0.", ".", 1)
