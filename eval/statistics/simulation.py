"""Sweeps with a known truth: is what is not there reported, and is what is there found?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from eval.statistics.comparison import ALPHA
from eval.statistics.effects import effects
from eval.statistics.power import power_of
from rag.errors import BadInput

AXES = {"retriever": ("old", "new"), "prompt": ("a", "b"), "seed": ("1", "2", "3")}
"""The grid of a simulated sweep: twelve configurations."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """How often an effect was reported, over ``sweeps`` sweeps of ``queries`` queries.

    ``seed`` and ``prompt`` do nothing, so a report of theirs is false; ``retriever`` is better by ``planted``
    on average. ``any_false`` counts sweeps with one false report or more, which Holm holds below alpha.
    ``predicted`` is the power by formula of a single test without correction: what can be hoped for.
    """

    sweeps: int
    queries: int
    planted: float
    found: int
    seed: int
    prompt: int
    any_false: int
    predicted: float


def simulate(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    *,
    planted: float = 0.03,
    queries: int = 300,
    sweeps: int = 100,
    seed: int = 0,
) -> Simulated:
    """Simulates sweeps out of real scores float64[real queries] of two systems on the same queries.

    A simulated query is a real one, drawn with replacement: its score with the first system, and three real
    differences between the two systems, drawn apart, one for each axis. A difference that does nothing gets
    a fair sign; that of ``retriever`` gets the sign for which its mean over queries is ``planted``. So sizes
    of differences, and how many queries do not differ at all, are as real systems have them; only the truth
    is made. Scores may leave [0, 1], which no test here minds.

    Raises:
        BadInput: the two systems differ too little for a mean of ``planted``.
    """
    sizes = np.abs(one - other)
    if planted >= sizes.mean():
        raise BadInput(f"the systems differ by {sizes.mean():.3f} a query: plant less than that")
    reports = [
        _reported(sweep, seed + number)
        for number, sweep in enumerate(_sweeps(one, sizes, planted, queries, sweeps, seed))
    ]
    deviation = float(np.sqrt((sizes**2).mean() - planted**2))
    return Simulated(
        sweeps,
        queries,
        planted,
        found=sum("retriever" in report for report in reports),
        seed=sum("seed" in report for report in reports),
        prompt=sum("prompt" in report for report in reports),
        any_false=sum(bool(report & {"seed", "prompt"}) for report in reports),
        predicted=power_of(planted, deviation, queries, ALPHA),
    )


def _sweeps(
    base: NDArray[np.float64], sizes: NDArray[np.float64], planted: float, queries: int, count: int, seed: int
) -> Iterator[dict[tuple[str, ...], NDArray[np.float64]]]:
    random = np.random.default_rng(seed)

    def difference(mean: float) -> NDArray[np.float64]:
        up = (1 + mean / sizes.mean()) / 2  # the share of signs that point up
        signs = np.where(random.random(queries) < up, 1.0, -1.0)
        drawn: NDArray[np.float64] = random.choice(sizes, queries) * signs
        return drawn

    for _ in range(count):
        score = random.choice(base, queries)
        parts = {
            "retriever": {"old": np.zeros(queries), "new": difference(planted)},
            "prompt": {"a": np.zeros(queries), "b": difference(0.0)},
            "seed": {value: difference(0.0) / np.sqrt(2) for value in AXES["seed"]},
        }
        yield {
            cell: score + sum(parts[axis][value] for axis, value in zip(AXES, cell, strict=True))
            for cell in product(*AXES.values())
        }


def _reported(sweep: dict[tuple[str, ...], NDArray[np.float64]], seed: int) -> set[str]:
    """The axes that a report of the sweep would say have an effect."""
    names = {"-".join(cell): cell for cell in sweep}
    settings = {name: dict(zip(AXES, cell, strict=True)) for name, cell in names.items()}
    found = effects(settings, {name: sweep[cell] for name, cell in names.items()}, seed=seed)
    return {one.axis for one in found.main if one.strongest is not None and one.strongest.shown}
