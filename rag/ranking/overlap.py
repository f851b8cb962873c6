"""How much two texts share, by their words."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")

Shingles = Set[tuple[str, ...]]


def shingles(text: str, size: int) -> Shingles:
    """The runs of ``size`` words of a text; of a shorter one, all of it; without words, the text itself."""
    words = _WORD.findall(text.lower()) or [text.strip()]
    return frozenset(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def resemblance(one: Shingles, other: Shingles) -> float:
    """``|A ∩ B| / |A ∪ B|``, from 0 to 1 (Jaccard).

    Broder 1997, "On the resemblance and containment of documents", doi:10.1109/SEQUEN.1997.666900. With tens
    of hits the sets are compared as they are; MinHash pays from thousands.
    """
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def similarities(texts: Sequence[str]) -> NDArray[np.float64]:
    """The resemblance of each two texts by their single words: ``[n, n]``, 1 on the diagonal."""
    sets = [shingles(text, 1) for text in texts]
    matrix = np.eye(len(texts))
    for row, one in enumerate(sets):
        for column in range(row):
            matrix[row, column] = matrix[column, row] = resemblance(one, sets[column])
    return matrix
