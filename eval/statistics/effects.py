"""What each axis of a sweep does, over all configurations that differ in nothing else; and which two meet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.statistics.comparison import ALPHA, Comparison, compare_family, p_text
from eval.statistics.holm import holm
from eval.statistics.randomisation import flips_for, randomisation_test
from eval.statistics.scores import PerQuery, score_table
from rag.errors import BadInput

Settings = Mapping[str, Mapping[str, Any]]
"""The value of every axis, by configuration and axis."""
_Cells = dict[tuple[str, ...], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class AxisEffect:
    """``means`` by value over the ``matched`` groups of configurations that have all values of the axis.

    ``None`` where no group has them all. ``pairs`` compares values over the configurations that are equal
    in every other axis; ``unmatched`` are pairs of values that never occur so.
    """

    axis: str
    means: Mapping[str, float] | None
    matched: int
    pairs: tuple[Comparison, ...]
    unmatched: tuple[tuple[str, str], ...]

    @property
    def strongest(self) -> Comparison | None:
        """The pair with the smallest p; of equal ones that with the largest difference."""
        return min(self.pairs, key=lambda one: (one.adjusted, -abs(one.difference)), default=None)

    @property
    def wording(self) -> str:
        """What may be said of the axis, in one sentence."""
        pair = self.strongest
        if pair is None:
            return f"{self.axis}: no two of its values were run with everything else equal"
        if not pair.shown:
            return f"{self.axis}: no effect was shown; {pair.name} against {pair.reference}: {pair.wording}"
        return f"{self.axis}: {pair.name} is {pair.wording} against {pair.reference}"

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {
            "axis": self.axis,
            "effect": self.strongest is not None and self.strongest.shown,
            "means": None if self.means is None else dict(self.means),
            "matched": self.matched,
            "pairs": [pair.view() for pair in self.pairs],
            "unmatched": [list(pair) for pair in self.unmatched],
            "wording": self.wording,
        }


@dataclass(frozen=True, slots=True)
class Interaction:
    """The largest departure of two axes from adding up: the difference of two differences.

    Going from ``values[0][1]`` to ``values[0][0]`` on the first axis brings ``departure`` more at
    ``values[1][0]`` of the second axis than at ``values[1][1]``.
    """

    axes: tuple[str, str]
    values: tuple[tuple[str, str], tuple[str, str]]
    departure: float
    p: float
    adjusted: float
    contrasts: int
    alpha: float = ALPHA

    @property
    def wording(self) -> str:
        """What may be said, in one sentence."""
        (one, other), (here, there) = self.values
        after = f"p {p_text(self.adjusted)} after Holm over {self.contrasts} contrasts"
        if self.adjusted > self.alpha:
            return f"{self.axes[0]} and {self.axes[1]}: no interaction was shown ({after})"
        return (
            f"{self.axes[0]} {one} instead of {other} brings {self.departure:+.3f} more "
            f"with {self.axes[1]} {here} than with {there}, {after}"
        )

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {
            "axes": list(self.axes),
            "values": [list(pair) for pair in self.values],
            "departure": self.departure,
            "p": self.p,
            "p_holm": self.adjusted,
            "contrasts": self.contrasts,
            "shown": self.adjusted <= self.alpha,
            "wording": self.wording,
        }


@dataclass(frozen=True, slots=True)
class Effects:
    """Main effects in the order of the axes; interactions, the largest departure of each two axes."""

    main: tuple[AxisEffect, ...]
    interactions: tuple[Interaction, ...]

    def view(self) -> dict[str, Any]:
        """The object in a report."""
        return {
            "main": [one.view() for one in self.main],
            "interactions": [one.view() for one in self.interactions],
        }


def effects(settings: Settings, per_query: PerQuery, *, alpha: float = ALPHA, seed: int = 0) -> Effects:
    """Main effects of the axes that vary, and their two-way interactions.

    For two values of an axis, each query's difference is the mean over the matched pairs of configurations;
    the paired test is over queries, so running more configurations never makes it surer of a query sample.
    Holm goes over all pairs of values of all axes, and over all contrasts of all interactions.

    Raises:
        BadInput: settings and scores are of other configurations, axes differ, or scores are missing.
    """
    grid = _Grid.of(settings, per_query)
    return Effects(_main(grid, alpha, seed), _interactions(grid, alpha, seed))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The axes that vary, the values of each in order of appearance, and scores by cell."""

    axes: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    cells: _Cells

    @classmethod
    def of(cls, settings: Settings, per_query: PerQuery) -> _Grid:
        table = score_table(per_query)
        if other := set(settings) ^ set(per_query):
            raise BadInput(f"settings and scores are not of the same configurations: {sorted(other)[:3]}")
        axes = tuple(next(iter(settings.values())))
        if wrong := next((name for name, one in settings.items() if set(one) != set(axes)), None):
            raise BadInput(f"{wrong} has the axes {sorted(settings[wrong])}, the first one {sorted(axes)}")
        values = {axis: _distinct(_text(one[axis]) for one in settings.values()) for axis in axes}
        varying = tuple(axis for axis in axes if len(values[axis]) > 1)
        cells: _Cells = {}
        for name, scores in zip(per_query, table, strict=True):
            cell = tuple(_text(settings[name][axis]) for axis in varying)
            if cell in cells:
                raise BadInput(
                    f"{name} has the same settings as another configuration: average repeats first"
                )
            cells[cell] = scores
        return cls(varying, values, cells)

    def rest(self, *axes: str) -> dict[tuple[str, ...], dict[tuple[str, ...], NDArray[np.float64]]]:
        """Scores by the values of the other axes, then by those of these."""
        places = [self.axes.index(axis) for axis in axes]
        blocks: dict[tuple[str, ...], dict[tuple[str, ...], NDArray[np.float64]]] = {}
        for cell, scores in self.cells.items():
            others = tuple(value for place, value in enumerate(cell) if place not in places)
            blocks.setdefault(others, {})[tuple(cell[place] for place in places)] = scores
        return blocks


def _main(grid: _Grid, alpha: float, seed: int) -> tuple[AxisEffect, ...]:
    names: list[tuple[str, str, str]] = []
    differences: list[NDArray[np.float64]] = []
    unmatched: dict[str, list[tuple[str, str]]] = {axis: [] for axis in grid.axes}
    for axis in grid.axes:
        blocks = grid.rest(axis).values()
        for one, other in combinations(grid.values[axis], 2):
            both = [block[one,] - block[other,] for block in blocks if (one,) in block and (other,) in block]
            if both:
                names.append((axis, one, other))
                differences.append(np.mean(both, axis=0))
            else:
                unmatched[axis].append((one, other))
    family = compare_family(
        [(one, other) for _, one, other in names],
        np.stack(differences) if differences else np.empty((0, 1)),
        alpha=alpha,
        seed=seed,
    )
    return tuple(
        AxisEffect(
            axis,
            *_means(grid, axis),
            tuple(pair for (of, *_), pair in zip(names, family, strict=True) if of == axis),
            tuple(unmatched[axis]),
        )
        for axis in grid.axes
    )


def _means(grid: _Grid, axis: str) -> tuple[dict[str, float] | None, int]:
    values = grid.values[axis]
    full = [block for block in grid.rest(axis).values() if len(block) == len(values)]
    if not full:
        return None, 0
    return {value: float(np.mean([block[value,] for block in full])) for value in values}, len(full)


def _interactions(grid: _Grid, alpha: float, seed: int) -> tuple[Interaction, ...]:
    found: list[tuple[tuple[str, str], tuple[tuple[str, str], tuple[str, str]]]] = []
    contrasts: list[NDArray[np.float64]] = []
    for axes in combinations(grid.axes, 2):
        blocks = grid.rest(*axes).values()
        for first in combinations(grid.values[axes[0]], 2):
            for second in combinations(grid.values[axes[1]], 2):
                corners = [(one, other) for one in first for other in second]
                full = [block for block in blocks if all(corner in block for corner in corners)]
                if full:
                    found.append((axes, (first, second)))
                    contrasts.append(np.mean([_departure(block, corners) for block in full], axis=0))
    if not contrasts:
        return ()
    p = randomisation_test(np.stack(contrasts), flips=flips_for(len(contrasts), alpha), seed=seed)
    every = [
        Interaction(axes, values, float(contrast.mean()), float(raw), float(adjusted), len(contrasts), alpha)
        for (axes, values), contrast, raw, adjusted in zip(found, contrasts, p, holm(p), strict=True)
    ]
    return tuple(
        max((one for one in every if one.axes == axes), key=lambda one: abs(one.departure))
        for axes in _distinct(one.axes for one in every)
    )


def _departure(
    block: Mapping[tuple[str, ...], NDArray[np.float64]], corners: Sequence[tuple[str, str]]
) -> NDArray[np.float64]:
    """What the first axis brings at the first value of the second axis, less what it brings at the other."""
    here, there, other_here, other_there = (block[corner] for corner in corners)
    return (here - other_here) - (there - other_there)


def _distinct(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _text(value: Any) -> str:
    """A value of an axis as it is shown: words as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
