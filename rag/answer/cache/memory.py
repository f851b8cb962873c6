"""Answers in the process: least recently used goes first, and nothing outlives its time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from rag.answer.cache.base import Kept, Scope
from rag.embedding.base import Vectors
from rag.resilience.deadline import Clock


class MemoryStore:
    """At most ``entries`` answers, each for ``kept_s`` seconds of ``clock``."""

    def __init__(self, entries: int, kept_s: float, clock: Clock = time.monotonic) -> None:
        self._entries = entries
        self._kept_s = kept_s
        self._clock = clock
        self._kept: OrderedDict[tuple[Scope, str], tuple[float, Kept]] = OrderedDict()

    async def get(self, scope: Scope, key: str) -> Kept | None:
        """See ``AnswerStore``."""
        until, kept = self._kept.get((scope, key), (0.0, None))
        if kept is None or until <= self._clock():
            self._kept.pop((scope, key), None)
            return None
        self._kept.move_to_end((scope, key))
        return kept

    async def put(self, scope: Scope, key: str, kept: Kept) -> None:
        """See ``AnswerStore``."""
        self._kept[scope, key] = (self._clock() + self._kept_s, kept)
        self._kept.move_to_end((scope, key))
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    async def vectors(self, scope: Scope) -> tuple[Sequence[str], Vectors]:
        """See ``AnswerStore``."""
        now = self._clock()
        found = {
            key: kept.vector
            for (its, key), (until, kept) in self._kept.items()
            if its == scope and until > now and kept.vector is not None
        }
        return list(found), np.array(list(found.values()), dtype=np.float32)

    async def forget(self, collection: str) -> None:
        """See ``AnswerStore``."""
        for scope, key in list(self._kept):
            if scope.collection == collection:
                del self._kept[scope, key]

    async def close(self) -> None:
        """Nothing to let go of."""
