"""What each leg counts for in the fusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DenseWeight:
    """What the dense leg counts for, against 1 for the sparse one.

    ``unknown`` takes the place of ``known`` for a question in a language that the embedder does not know: its
    vectors then say little, and fusing them in evenly makes the ranking worse than BM25's alone.
    """

    known: float = 1.0
    unknown: float = 1.0

    def by_leg(self, language: str | None, languages: frozenset[str] | None) -> Mapping[str, float]:
        """The weights for a question in ``language``, where known, and an embedder's ``languages``."""
        foreign = language is not None and languages is not None and language not in languages
        return {"dense": self.unknown if foreign else self.known, "sparse": 1.0}


EVEN = DenseWeight()
"""Both legs count the same for every question."""
