"""The contract of a fusion: the rankings of several legs to one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from rag.errors import ConfigurationError
from rag.index.base import Scored

_SCORE = attrgetter("score")


class Fused(NamedTuple):
    """A candidate and its fused score; ``id`` is the chunk's."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Fusion:
    """A named pure function: candidates by leg, each best first, and weights by leg, to one ranking.

    The weights are not negative, one for each leg of the candidates; with all of them 1 no leg counts more.
    """

    name: str
    fuse: Callable[[Mapping[str, Sequence[Scored]], Mapping[str, float]], list[Fused]]


def checked_weights(weights: Sequence[float] | None, rankings: int) -> Sequence[float]:
    """One weight for each of ``rankings``, all 1 where none are given.

    Raises:
        ConfigurationError: they are of another number, negative, or not finite.
    """
    if weights is None:
        return [1.0] * rankings
    if len(weights) != rankings or not all(0 <= weight < math.inf for weight in weights):
        raise ConfigurationError(
            f"fusion of {rankings} rankings needs {rankings} weights ≥ 0, one a ranking, not {list(weights)}"
        )
    return weights


def summed(shares: Iterable[tuple[str, float]]) -> list[Fused]:
    """Each id with the sum of its shares, best first; equal sums in the order in which ids first come."""
    parts: dict[str, list[float]] = {}
    for item, share in shares:
        parts.setdefault(item, []).append(share)
    # fsum: sums must not depend on the order of their terms, or ties would not be ties.
    fused = [Fused(item, math.fsum(terms)) for item, terms in parts.items()]
    return sorted(fused, key=_SCORE, reverse=True)
