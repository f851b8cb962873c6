"""The answer cache: which answers are kept, and which question asks for one of them."""

from __future__ import annotations

import hashlib
import logging
import time
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer.cache.base import AnswerStore, Kept, Scope
from rag.answer.cache.flights import Flights
from rag.embedding.base import Embedder, Vectors
from rag.errors import ArdoiseError
from rag.lexical import numbers
from rag.resilience.deadline import Clock, Deadline
from rag.telemetry.metrics import Metrics
from rag.types import Answer, Usage

_SHARE = 0.1  # of the time left that looking something up may take
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer given before: to which question, how long ago, and how near that question is (cosine)."""

    answer: Answer
    question: str
    age_s: float
    match: Literal["exact", "semantic"]
    similarity: float = 1.0


class AnswerCache:
    """Answers by question, from a store. It raises nothing: one that does not work is as good as empty.

    ``flights`` joins callers that ask the same at once; their keys come from ``key``.
    """

    def __init__(
        self,
        store: AnswerStore,
        fresh_s: float,
        embedder: Embedder | None = None,
        similarity: float | None = None,
        metrics: Metrics | None = None,
        clock: Clock = time.time,
    ) -> None:
        self._store = store
        self._fresh_s = fresh_s
        self._embedder = embedder if similarity is not None else None
        self._similarity = similarity or 1.0
        self._metrics = metrics or Metrics()
        self._clock = clock
        self.flights = Flights[Answer]()

    def key(self, scope: Scope, question: str) -> str:
        """What two callers share who ask the same at once."""
        return scope.digest + question_key(question)

    async def find(
        self, scope: Scope, question: str, deadline: Deadline, stale: bool = False
    ) -> Found | None:
        """The answer to this question, or to one that means the same; ``stale``: also an old one."""
        outcome, found = "unavailable", None
        try:
            async with deadline.share(_SHARE).limit("the answer cache"):
                found = await self._exact(scope, question) or await self._semantic(scope, question)
            if found is not None and found.age_s > self._fresh_s and not stale:
                found = None
            outcome = found.match if found else "miss"
        except ArdoiseError as error:
            _log.warning("the answer cache is left out: %s", error)
        if not stale:  # what is recalled while models are down is a rung of the ladder, and counted as one
            self._metrics.answer_cache.labels(outcome).inc()
        return found

    def shared(self, made: Answer, question: str) -> Found:
        """An answer that another caller has just made to the same question."""
        self._metrics.answer_cache.labels("shared").inc()
        return Found(made, question, 0.0, "exact")

    async def keep(self, scope: Scope, question: str, answer: Answer, deadline: Deadline) -> None:
        """Keeps an answer that is worth giving again; without how it came about."""
        if not worth_keeping(answer):
            return
        bare = replace(answer, usage=Usage(), timings={}, trace=())
        try:
            async with deadline.share(_SHARE).limit("the answer cache"):
                kept = Kept(question, bare, self._clock(), await self._vector(question))
                await self._store.put(scope, question_key(question), kept)
        except ArdoiseError as error:
            _log.warning("an answer was not kept: %s", error)

    async def forget(self, collection: str) -> None:
        """Erases what is kept about a collection: what its next version cannot find is not gone yet."""
        try:
            await self._store.forget(collection)
        except ArdoiseError as error:
            _log.warning("answers about %r stay until they expire: %s", collection, error)

    async def close(self) -> None:
        """Closes the store."""
        await self._store.close()

    async def _exact(self, scope: Scope, question: str) -> Found | None:
        kept = await self._store.get(scope, question_key(question))
        return self._found(kept, "exact") if kept else None

    async def _semantic(self, scope: Scope, question: str) -> Found | None:
        """The answer to the nearest question, if that is near enough and speaks of the same numbers."""
        vector = await self._vector(question)
        if vector is None:
            return None
        keys, vectors = await self._store.vectors(scope)
        if not keys:
            return None
        near = vectors @ vector
        best = int(near.argmax())
        if near[best] < self._similarity:
            return None
        kept = await self._store.get(scope, keys[best])
        if kept is None or not same_figures(kept.question, question):
            return None
        return self._found(kept, "semantic", float(near[best]))

    def _found(self, kept: Kept, match: Literal["exact", "semantic"], similarity: float = 1.0) -> Found:
        age = max(0.0, self._clock() - kept.at)
        return Found(kept.answer, kept.question, age, match, similarity)

    async def _vector(self, question: str) -> Vectors | None:
        return await self._embedder.embed_query(question) if self._embedder else None


def worth_keeping(answer: Answer) -> bool:
    """Whether an answer may stand in for a new one: whole, with sources, and made as configured."""
    made_as_configured = answer.grade in ("full", "extractive") and not answer.degraded
    return made_as_configured and not answer.abstained and bool(answer.citations)


def question_key(question: str) -> str:
    """A name for a question: the same whatever its case, white space and final punctuation."""
    text = " ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(" ?!.")
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def same_figures(one: str, other: str) -> bool:
    """Whether two questions speak of the same numbers: an embedder hardly tells 4,096 from 32,768."""
    return numbers(one) == numbers(other)
