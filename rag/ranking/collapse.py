"""Near duplicates: of passages that say the same in the same words, the best one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.ranking.overlap import Shingles, resemblance, shingles
from rag.types import Hit

_RUN = 3
"""Words of a shingle: single words make all passages on a subject look alike."""


def collapse(hits: Sequence[Hit], threshold: float) -> list[Hit]:
    """The hits without those that resemble a better one by ``threshold`` (0 to 1) or more.

    A hit that is kept names in ``stands_for`` the chunks that it took the place of. Resemblance is that of
    Broder 1997 (``rag.ranking.overlap``) over runs of three words.
    """
    kept: list[tuple[Shingles, Hit]] = []
    for hit in hits:
        runs = shingles(hit.chunk.text, _RUN)
        twin = next((at for at, (of, _) in enumerate(kept) if resemblance(runs, of) >= threshold), None)
        if twin is None:
            kept.append((runs, hit))
        else:
            of, first = kept[twin]
            names = (*first.stands_for, hit.chunk.id, *hit.stands_for)
            kept[twin] = of, replace(first, stands_for=names)
    return [hit for _, hit in kept]
