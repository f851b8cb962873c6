"""Reranking within its time: batch by batch, blended with the order that was there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.errors import DeadlineExceeded, IndexUnavailable, ModelError, ModelRefused, Overloaded
from rag.fusion.convex import min_max
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.types import Degradation, Hit


@dataclass(frozen=True, slots=True)
class Reranking:
    """How the best of the fused hits are ordered anew.

    Attributes:
        reranker: scores them.
        depth: how many hits it is given; those behind keep their order.
        weight: what its scores count for against the scores that the hits have: 1 is its order alone.
        share: of the time left, what it may take.
    """

    reranker: Reranker
    depth: int = 30
    weight: float = 1.0
    share: float = 0.5

    @property
    def window(self) -> int:
        """How many hits are ordered anew: none without a reranker."""
        return 0 if isinstance(self.reranker, NoReranker) else self.depth

    async def run(
        self, query: str, hits: Sequence[Hit], deadline: Deadline
    ) -> tuple[list[Hit], tuple[Degradation, ...]]:
        """The hits with the first ``depth`` in their new order, and why some could not be scored.

        What was not scored, because time ran out or a model or the index failed, stays behind what was, as
        it stood.

        Raises:
            ModelRefused: a model's provider says that key, model name or request is wrong.
        """
        window = hits[: self.window]
        limit = deadline.share(self.share)
        scored: list[Hit] = []
        degraded: tuple[Degradation, ...] = ()
        step = max(1, self.reranker.batch_size)
        try:
            for start in range(0, len(window), step):
                async with limit.limit("rerank"):
                    scored += await self.reranker.rerank(query, window[start : start + step])
        except ModelRefused:
            raise
        except (DeadlineExceeded, IndexUnavailable, ModelError, Overloaded) as error:
            degraded = (Degradation("reranker", f"scored {len(scored)} of {len(window)} hits: {error}"),)
        order = {hit.chunk.id: place for place, hit in enumerate(window)}
        scored.sort(key=lambda hit: order[hit.chunk.id])
        return followed(blend(scored, self.weight), hits[len(scored) :]), degraded


def blend(hits: Sequence[Hit], weight: float) -> list[Hit]:
    """The hits, given in the order that they had, by ``(1 - weight) · score + weight · rerank_score``.

    Both scores are first brought to 0 to 1 over the hits given. Equal sums keep their order.
    """
    before = min_max([hit.score for hit in hits])
    after = min_max([hit.score if hit.rerank_score is None else hit.rerank_score for hit in hits])
    blended = [
        replace(hit, score=(1 - weight) * old + weight * new)
        for hit, old, new in zip(hits, before, after, strict=True)
    ]
    return sorted(blended, key=lambda hit: -hit.score)


def followed(first: list[Hit], behind: Sequence[Hit]) -> list[Hit]:
    """All hits in this order, with scores that follow it: those behind keep their distances to each other."""
    if not first or not behind:
        return [*first, *behind]
    shift = first[-1].score - 1 - behind[0].score
    return first + [replace(hit, score=hit.score + shift) for hit in behind]
