"""From a question to the legs of its search: what each is asked with, and what it counts for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from rag.embedding.base import Embedder, Vectors
from rag.errors import DeadlineExceeded, ModelError, ModelRefused
from rag.fusion.weights import EVEN, DenseWeight
from rag.index.base import Leg, LegName
from rag.language import detect_language
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.sparse.base import SparseEncoder
from rag.telemetry.stages import Stages
from rag.types import Degradation, SparseVector

_SHARE = 0.5
"""Of the time left, what preparing one leg may take while the other one could still answer."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The legs to search for ``query`` and their weights, by name; its language, if that was looked at."""

    query: str
    legs: tuple[Leg, ...]
    weights: Mapping[str, float]
    language: str | None
    degraded: tuple[Degradation, ...]


@dataclass(frozen=True, slots=True)
class LegMaker:
    """Encodes a question for each leg.

    Attributes:
        embedder: for the dense leg; the one that made the index.
        sparse: for the sparse leg; the same.
        workers: where the question is analyzed.
        dense_weight: what the dense leg counts for.
    """

    embedder: Embedder
    sparse: SparseEncoder
    workers: Workers
    dense_weight: DenseWeight = EVEN

    async def prepare(
        self,
        query: str,
        language: str | None,
        wanted: tuple[LegName, ...],
        limit: int,
        deadline: Deadline,
        stages: Stages,
        hypothetical: Sequence[str] = (),
    ) -> Prepared:
        """The legs for a question; of two, one that is late or fails is left out and named.

        The dense leg looks for what is near the question and the ``hypothetical`` passages, if there are any.

        Raises:
            DeadlineExceeded, ModelError: no leg is left; the error of the first that failed.
            ModelRefused: the embedding server says that key, model name or request is wrong.
        """
        attempt = _Attempt(deadline, alone=len(wanted) == 1)
        # At equal fused scores the leg named first wins. A chunk that one leg alone found ties with the other
        # leg's of the same rank, and the words of the question are the better sign (SciFact, training split).
        legs: list[Leg] = []
        if "sparse" in wanted:
            with stages.time("analyze"), attempt.of("sparse") as share:
                async with share.limit("analyze"):
                    encode = partial(self._analyze, query, language)
                    language, terms = await self.workers.run(encode)
                if terms.indices:
                    legs.append(Leg("sparse", terms, limit))
                else:
                    attempt.leave_out("sparse", "the question has no terms to look up")
        weights = self.dense_weight.by_leg(language, self.embedder.languages)
        if "dense" in wanted and legs and not weights["dense"]:
            attempt.leave_out("dense", f"its weight is 0 for a question in the language {language!r}")
        elif "dense" in wanted:
            with stages.time("embed"), attempt.of("dense") as share:
                async with share.limit("embed"):
                    legs.append(Leg("dense", await self._embed(query, hypothetical), limit))
        if not legs and attempt.failed is not None:
            raise attempt.failed
        return Prepared(query, tuple(legs), weights, language, tuple(attempt.degraded))

    async def _embed(self, query: str, hypothetical: Sequence[str]) -> Vectors:
        """The question's vector, or its mean with the passages' (Gao et al. 2023, arXiv:2212.10496)."""
        vector = await self.embedder.embed_query(query)
        if not hypothetical:
            return vector
        mean = np.vstack([vector, await self.embedder.embed_documents(hypothetical)]).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    def _analyze(self, query: str, language: str | None) -> tuple[str, SparseVector]:
        language = language or detect_language(query)
        return language, self.sparse.encode_query(query, language)


class _Attempt:
    """Collects what went wrong with single legs, so long as another one could still answer."""

    def __init__(self, deadline: Deadline, *, alone: bool) -> None:
        self.degraded: list[Degradation] = []
        self.failed: ModelError | DeadlineExceeded | None = None
        self._deadline = deadline
        self._alone = alone

    def leave_out(self, leg: LegName, why: str) -> None:
        self.degraded.append(Degradation(leg, why))

    @contextmanager
    def of(self, leg: LegName) -> Iterator[Deadline]:
        """The leg's share of the time; what makes it fail within is noted and goes no further."""
        try:
            yield self._deadline if self._alone else self._deadline.share(_SHARE)
        except ModelRefused:
            raise
        except (DeadlineExceeded, ModelError) as error:
            self.failed = self.failed or error
            self.leave_out(leg, str(error))
