"""Better in one thing, worse in another: which choices nothing beats."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rag.errors import BadInput

Direction = Literal["max", "min"]


@dataclass(frozen=True, slots=True)
class Front:
    """What is worth choosing from, and why the others are not.

    ``best``: the configurations that no other dominates, in the order given. ``dominated``: each of the
    others with one of the front that beats it. ``unknown``: those left out, with what is not known of them.
    """

    best: tuple[str, ...]
    dominated: Mapping[str, str]
    unknown: Mapping[str, tuple[str, ...]]


def pareto_front(
    points: Mapping[str, Mapping[str, float | None]], objectives: Mapping[str, Direction]
) -> Front:
    """The Pareto front of configurations (name to value by objective).

    One dominates another if it is at least as good in every objective and better in one; so of equal ones
    all stay. A configuration with an unknown value (``None`` or NaN: a cost without a price) is not compared:
    it would be wrong to take it for free, and is named in ``unknown``.

    Raises:
        BadInput: no objective.
    """
    if not objectives:
        raise BadInput("a Pareto front needs one objective or more, each max or min")
    unknown = {
        name: missing
        for name, values in points.items()
        if (missing := tuple(goal for goal in objectives if _is_unknown(values.get(goal))))
    }
    costs = {
        name: tuple(_cost(values[goal], way) for goal, way in objectives.items())
        for name, values in points.items()
        if name not in unknown
    }
    dominated: dict[str, str] = {}
    front: list[str] = []
    # In lexicographic order whatever dominates a point stands before it, and one of the front among them.
    for name in sorted(costs, key=lambda name: costs[name]):
        by = next((other for other in front if _dominates(costs[other], costs[name])), None)
        if by is None:
            front.append(name)
        else:
            dominated[name] = by
    return Front(tuple(name for name in points if name in set(front)), dominated, unknown)


def _is_unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _cost(value: float | None, way: Direction) -> float:
    assert value is not None  # noqa: S101 - the unknown were left out
    return value if way == "min" else -value


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
