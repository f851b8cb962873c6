"""What every system of the benchmark is given: texts, vectors, terms and questions, read from a folder.

Both environments import this file, so it needs numpy alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 100
"""Candidates of each leg."""


@dataclass(frozen=True)
class Side:
    """Texts, their vectors (float32 ``[texts, dimension]``) and their terms.

    ``terms`` are the term ids of all texts one after the other, repeated as they occur; the sparse vectors
    (``indices``, ``weights``) are stored likewise. Those of text ``i`` are from ``starts[i]`` to
    ``starts[i + 1]``.
    """

    texts: list[str]
    vectors: NDArray[np.float32]
    terms: NDArray[np.int64]
    term_starts: NDArray[np.int64]
    indices: NDArray[np.int64]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where a text stands; of equal texts the last."""
        return {text: place for place, text in enumerate(self.texts)}

    def vector(self, text: str) -> NDArray[np.float32]:
        """The vector of one of the texts, looked up: no system computes any."""
        found: NDArray[np.float32] = self.vectors[self.place[text]]
        return found

    def numbers(self, text: str) -> list[float]:
        """That vector as a list, as frameworks take it."""
        listed: list[float] = self.vector(text).tolist()
        return listed

    def sparse(self, number: int) -> tuple[list[int], list[float]]:
        """Indices and weights of a text's sparse vector."""
        span = slice(self.starts[number], self.starts[number + 1])
        return self.indices[span].tolist(), self.weights[span].tolist()

    def term_ids(self, number: int) -> list[int]:
        """The terms of a text in order, repeated as they occur."""
        return [int(term) for term in self.terms[self.term_starts[number] : self.term_starts[number + 1]]]

    def save(self, folder: Path, name: str) -> None:
        """Writes the side into the folder."""
        (folder / f"{name}.json").write_text(json.dumps(self.texts), encoding="utf-8")
        arrays: dict[str, Any] = {key: value for key, value in vars(self).items() if key in _ARRAYS}
        np.savez(folder / f"{name}.npz", **arrays)


_ARRAYS = ("vectors", "terms", "term_starts", "indices", "weights", "starts")


def load(folder: Path, name: str) -> Side:
    """The side (``chunks`` or ``queries``) that was saved under this name."""
    texts = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(folder / f"{name}.npz") as arrays:
        return Side(texts, *(arrays[key] for key in _ARRAYS))


def chunk_id(number: int) -> str:
    """The id of a chunk, the same in every system."""
    return str(uuid.UUID(int=number + 1))
