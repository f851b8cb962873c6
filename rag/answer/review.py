"""A second look at citations, for what words do not show: nearness in meaning, and a judge's reading.

Only sentences that are not their quote word for word are looked at. Neither look can fail an answer: where
one is late or down the checks by words stand, and the trace says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.answer.judge import MOST, judged
from rag.embedding.base import Embedder
from rag.errors import ArdoiseError
from rag.llm.base import ChatModel
from rag.resilience.deadline import Deadline
from rag.types import Citation, Degradation, Usage

_JUDGING_SHARE = 0.5  # of the time left
_SEEN_THROUGH = "words"
"""The flag that a judge may lift: it reads the same in other words. It cannot lift a number or a name."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The citations after the look; ``detail`` says for the trace who looked, and why somebody did not."""

    citations: tuple[Citation, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)
    degraded: tuple[Degradation, ...] = ()
    usage: Usage = field(default_factory=Usage)


class Review:
    """Compares with ``embedder``, whose figure decides nothing by itself, and asks ``judge``, where set.

    A judge adds the flag ``judge`` where it finds no support, and lifts ``words`` where it finds some. No
    answer waits for the embedder longer than ``comparing_s``.
    """

    def __init__(self, embedder: Embedder, judge: ChatModel | None = None, comparing_s: float = 2.0) -> None:
        self._embedder = embedder
        self._judge = judge
        self._comparing_s = comparing_s

    async def look(self, citations: Sequence[Citation], deadline: Deadline) -> Reviewed:
        """The citations with their similarity and the judge's word; it raises nothing of its own."""
        looked = list(citations)
        places = [place for place, one in enumerate(looked) if one.similarity is None]
        if not places:
            return Reviewed(tuple(looked))
        doubted = [looked[place] for place in places]
        (cosines, compared), (verdicts, asked, degraded, usage) = await asyncio.gather(
            self._cosines(doubted, deadline), self._verdicts(doubted[:MOST], deadline)
        )
        # Either may have fewer than there are places: none where it failed.
        for place, cosine in zip(places, cosines, strict=False):
            looked[place] = replace(looked[place], similarity=cosine)
        for place, supported in zip(places, verdicts, strict=False):
            looked[place] = _with_verdict(looked[place], supported)
        return Reviewed(tuple(looked), {"similarity": compared, "judge": asked}, degraded, usage)

    async def _cosines(
        self, citations: Sequence[Citation], deadline: Deadline
    ) -> tuple[list[float], dict[str, Any]]:
        """The cosine of each claim and its quote, from one batch, and what the trace says of it."""
        until = Deadline(min(deadline.at, deadline.clock() + self._comparing_s), deadline.clock)
        texts = list(dict.fromkeys(text for one in citations for text in (one.claim, one.quote)))
        try:
            async with until.limit("comparing citations"):
                vectors = dict(zip(texts, await self._embedder.embed_documents(texts), strict=True))
        except ArdoiseError as error:
            return [], {"left_out": str(error)}
        cosines = [round(float(vectors[one.claim] @ vectors[one.quote]), 4) for one in citations]
        return cosines, {"compared": len(cosines)}

    async def _verdicts(
        self, citations: Sequence[Citation], deadline: Deadline
    ) -> tuple[Sequence[bool], dict[str, Any], tuple[Degradation, ...], Usage]:
        """The judge's word on each citation, what the trace says of it, and what it took."""
        if self._judge is None:
            return (), {"left_out": "none is configured"}, (), Usage()
        name = self._judge.name
        try:
            verdicts, usage = await judged(citations, self._judge, deadline.share(_JUDGING_SHARE))
        except ArdoiseError as error:
            failed = Degradation("judge of citations", str(error))
            return (), {"model": name, "left_out": str(error)}, (failed,), Usage()
        return verdicts, {"model": name, "judged": len(verdicts)}, (), usage


def _with_verdict(citation: Citation, supported: bool) -> Citation:
    flags = tuple(flag for flag in citation.flags if not (supported and flag == _SEEN_THROUGH))
    flags += () if supported else ("judge",)
    return replace(citation, flags=flags, supported=not flags)
