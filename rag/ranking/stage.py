"""The steps after ranking, in their order and within bounds: collapse, diversify, widen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from rag.ranking.collapse import collapse
from rag.ranking.mmr import mmr
from rag.ranking.overlap import similarities
from rag.ranking.source import Sources
from rag.ranking.widen import Widening, widen
from rag.reranking.stage import followed
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.types import Hit


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was done: its name, and all hits as it left them, best first."""

    name: str
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Review:
    """What is done with ranked hits; each step is off unless it is given.

    Attributes:
        workers: where texts are compared.
        near: resemblance (0 to 1) from which a hit is a near duplicate of a better one.
        diversity: MMR's weight of relevance, 0 to 1.
        widening: how hits grow, and where from (``sources``).
        depth: hits that are looked at; those behind keep their order.
    """

    workers: Workers
    near: float | None = None
    diversity: float | None = None
    widening: Widening | None = None
    sources: Sources | None = None
    depth: int = 30

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps that are on, for ``parts``."""
        steps = (
            f"collapse({self.near:g})" if self.near is not None else "",
            f"mmr({self.diversity:g})" if self.diversity is not None else "",
            self.widening.name if self.widening and self.sources else "",
        )
        return tuple(filter(None, steps))

    def wanted(self, top_k: int) -> int:
        """How many hits to ask for, so that ``top_k`` are left where some are collapsed or joined."""
        return max(top_k, self.depth) if self.steps else top_k

    async def run(self, hits: Sequence[Hit], deadline: Deadline) -> tuple[Step, ...]:
        """What each step makes of the hits of the one before; some may be gone into others.

        Raises:
            DeadlineExceeded: the time ran out.
            StorageError, IndexUnavailable: the documents cannot be read.
            Overloaded: too much is being computed already.
        """
        seen, behind = list(hits[: self.depth]), hits[self.depth :]
        names, done = iter(self.steps), list[Step]()
        async with deadline.limit("review"):
            if self.near is not None or self.diversity is not None:
                for compared in await self.workers.run(partial(self._compared, seen)):
                    done.append(Step(next(names), compared))
            if self.widening and self.sources:
                seen = list(done[-1].hits) if done else seen
                sources = await self.sources({hit.chunk.document_id for hit in seen})
                done.append(Step(next(names), widen(seen, sources, self.widening)))
        return tuple(replace(step, hits=self._all(list(step.hits), behind)) for step in done)

    def _all(self, seen: list[Hit], behind: Sequence[Hit]) -> list[Hit]:
        """With those that no step looked at; MMR gives scores of its own, which theirs must follow."""
        return followed(seen, behind) if self.diversity is not None else [*seen, *behind]

    def _compared(self, hits: list[Hit]) -> list[list[Hit]]:
        """The hits after each step that compares texts."""
        done = [hits]
        if self.near is not None:
            done.append(collapse(done[-1], self.near))
        if self.diversity is not None:
            texts = [hit.chunk.text for hit in done[-1]]
            done.append(mmr(done[-1], similarities(texts), self.diversity))
        return done[1:]
