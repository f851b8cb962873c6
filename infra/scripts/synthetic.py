"""A corpus of any size from a small real one: what the speed benchmarks search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rag.embedding.base import Vectors

NOISE = 0.5
"""Length of the noise that turns a real vector of length 1 into a new one."""


def mixtures(
    texts: Sequence[str], vectors: Vectors, size: int, seed: int = 0
) -> Iterator[tuple[str, Vectors]]:
    """``size`` texts and vectors (float32 ``[dimension]``, length 1): the real ones first, then mixtures.

    A new text is the first half of one real text and the second half of another; its vector is that of
    the first, turned by noise. Lengths and vocabulary grow as those of real text do; of quality such a
    corpus says nothing.
    """
    random = np.random.default_rng(seed)
    dimension = vectors.shape[1]
    for number in range(size):
        if number < len(texts):
            yield texts[number], vectors[number]
            continue
        one, other = random.integers(len(texts), size=2)
        noise = random.standard_normal(dimension) / np.sqrt(dimension)
        vector = vectors[one] + NOISE * noise
        words, more = texts[one].split(), texts[other].split()
        text = " ".join(words[: len(words) // 2] + more[len(more) // 2 :])
        yield text, (vector / np.linalg.norm(vector)).astype(np.float32)
