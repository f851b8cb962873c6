"""What a sweep tries: axes over settings, rules that leave combinations out, a baseline to compare with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from eval.metrics import MEASURES
from eval.prices import Prices
from eval.sweep.measures import Asking, is_answer_measure, judge_metrics

Values = Mapping[str, Any]
"""A value for each of some settings, by ``section.name``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Leaves configurations out: those that match ``when`` and not ``require``; without it, all that match.

    Both map an axis to the values that match.
    """

    when: Mapping[str, Sequence[Any]]
    require: Mapping[str, Sequence[Any]] | None = None

    def allows(self, values: Values) -> bool:
        """Whether a configuration stays."""
        return not _matches(values, self.when) or (
            self.require is not None and _matches(values, self.require)
        )


def _matches(values: Values, wanted: Mapping[str, Sequence[Any]]) -> bool:
    return all(values[axis] in choices for axis, choices in wanted.items())


@dataclass(frozen=True, slots=True)
class Space:
    """A sweep as its file describes it.

    ``fixed`` are settings that all configurations share; ``primary`` is the measure that ``best`` and the
    search go by; ``seed`` is the search's. The rest is of a sweep of answers: ``repeats`` is how often a
    configuration with a model in the loop is tried, ``questions`` how many are asked (``None``: all of them),
    ``judge`` who judges the answers.
    """

    name: str
    axes: Mapping[str, tuple[Any, ...]]
    rules: tuple[Rule, ...] = ()
    baseline: Values = field(default_factory=dict)
    fixed: Values = field(default_factory=dict)
    measures: tuple[str, ...] = MEASURES
    primary: str = "nDCG@10"
    repeats: int = 1
    seed: int = 0
    prices: Prices = field(default_factory=dict)
    questions: int | None = None
    judge: str = "none"

    @property
    def asking(self) -> Asking | None:
        """How answers are made and judged; ``None`` where rankings are measured."""
        if not is_answer_measure(self.primary):
            return None
        wanted = judge_metrics(self.judge)
        judged = tuple(name for name in self.measures if name in wanted)
        return Asking(self.questions, self.repeats, self.judge, judged)

    def configurations(self) -> list[dict[str, Any]]:
        """The values of each configuration: the baseline's, then the others' in the order of the axes."""
        grid = [dict(zip(self.axes, values, strict=True)) for values in product(*self.axes.values())]
        allowed = [values for values in grid if all(rule.allows(values) for rule in self.rules)]
        # Python sorts stably: the baseline comes first and nothing else moves.
        return sorted(allowed, key=lambda values: values != self.baseline)

    @property
    def digest(self) -> str:
        """SHA-256 of what the space says, however its file is laid out."""
        said: list[Any] = [
            self.axes,
            [[rule.when, rule.require] for rule in self.rules],
            self.baseline,
            self.fixed,
            self.measures,
            self.primary,
            self.repeats,
            self.seed,
        ]
        if self.asking:
            said += [self.questions, self.judge]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
