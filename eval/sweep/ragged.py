"""Rankings of different lengths as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.sweep.store import Arrays

Row = tuple[int, float]
"""The place of a chunk in its corpus, and a score."""


def packed(name: str, rankings: Iterable[Sequence[Row]]) -> dict[str, NDArray[Any]]:
    """Rankings as the arrays ``name_rows``, ``name_scores`` and ``name_ends``; scores keep every digit."""
    lists = list(rankings)
    flat = [item for ranking in lists for item in ranking]
    return {
        f"{name}_rows": np.array([row for row, _ in flat], dtype=np.int32),
        f"{name}_scores": np.array([score for _, score in flat], dtype=np.float64),
        f"{name}_ends": np.cumsum([len(ranking) for ranking in lists], dtype=np.int64),
    }


def unpacked(name: str, arrays: Arrays) -> list[list[Row]]:
    """The rankings that ``packed`` was given."""
    rows, scores = arrays[f"{name}_rows"].tolist(), arrays[f"{name}_scores"].tolist()
    ends = arrays[f"{name}_ends"].tolist()
    starts = [0, *ends[:-1]]
    return [
        list(zip(rows[start:end], scores[start:end], strict=True))
        for start, end in zip(starts, ends, strict=True)
    ]
