"""How far a judge agrees with people: on claims that they labelled as supported by a quote, or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.judges.base import Judge, Judgement, Row
from eval.rows import read_rows
from rag.answer.citations import cite
from rag.answer.support import CHECKS
from rag.errors import BadInput
from rag.llm.base import Passage
from rag.types import Answer, Chunk, Hit

CLAIM_METRICS = ("supported_citations", "faithfulness")
"""Metrics that say whether a passage supports a claim: a share of it, 0 to 1."""
RESAMPLES = 2000
_AT_ONCE = 8


class Claim(BaseModel):
    """A claim, the passage it is said to rest on, and what people say: whether the passage supports it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"\S")
    claim: str = Field(pattern=r"\S")
    quote: str = Field(pattern=r"\S")
    supported: bool = Field(strict=True)
    question: str = ""
    lang: str = Field("en", pattern=r"^[a-z]{2,3}$")
    kind: str = ""

    def row(self) -> Row:
        """The claim as an answer that cites the passage."""
        hit = Hit(Chunk(self.id, self.id, self.quote, 0, len(self.quote)), 1.0)
        text, citations = cite(f"{self.claim} [1]", [Passage(1, self.quote, "", self.lang)], [hit])
        question = self.question or "What does the passage say?"
        return Row(question, Answer(text, citations), (self.quote,), self.lang)


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, the judge's word on it, and which checks of ``rag/answer/support.py`` flag it."""

    claim: Claim
    judgement: Judgement
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """A judge's judgements beside the labels; ``threshold``: the score from which it says "supported"."""

    judge: str
    metric: str
    threshold: float
    judged: tuple[Judged, ...]
    seed: int = 0

    def view(self) -> dict[str, Any]:
        """As a JSON object. Rows that were not scored are in no figure, but are counted and named.

        ``interval`` holds 95% of the figures of ``RESAMPLES`` bootstrap samples of the rows (percentiles).
        """
        scored = [one for one in self.judged if one.judgement.value is not None]
        labels = np.array([one.claim.supported for one in scored], dtype=bool)
        said = np.array([(one.judgement.value or 0.0) >= self.threshold for one in scored], dtype=bool)
        counts = confusion(labels, said)
        return {
            "judge": self.judge,
            "metric": self.metric,
            "threshold": self.threshold,
            "rows": len(self.judged),
            "scored": len(scored),
            "failed": [
                {"id": one.claim.id, "status": one.judgement.status, "why": one.judgement.why}
                for one in self.judged
                if one.judgement.value is None
            ],
            "confusion": dict(zip(_CELLS, map(int, counts), strict=True)),
            "kappa": self._figure(kappa, labels, said),
            "balanced_accuracy": self._figure(balanced_accuracy, labels, said),
            "by_kind": self._by_kind(scored),
            **({"by_check": self._by_check(scored, labels)} if self.metric == CLAIM_METRICS[0] else {}),
        }

    def _figure(self, figure: Any, labels: NDArray[np.bool_], said: NDArray[np.bool_]) -> dict[str, Any]:
        drawn = np.random.default_rng(self.seed).integers(0, max(1, len(labels)), (RESAMPLES, len(labels)))
        values = [figure(confusion(labels[rows], said[rows])) for rows in drawn]
        known = [value for value in values if value is not None]
        value = figure(confusion(labels, said))
        bounds = [round(float(edge), 4) for edge in np.percentile(known, [2.5, 97.5])] if known else None
        return {"value": None if value is None else round(value, 4), "interval": bounds}

    def _by_check(self, scored: Sequence[Judged], labels: NDArray[np.bool_]) -> dict[str, dict[str, Any]]:
        """Of each check: the claims that it flags, and how many of these are not supported.

        ``alone`` is the kappa of this check by itself, ``without`` that of all the others together.
        """

        def agreement(checks: Set[str]) -> float | None:
            said = np.array([not checks & set(one.flags) for one in scored], dtype=bool)
            value = kappa(confusion(labels, said))
            return None if value is None else round(value, 4)

        flagged = {name: [one.claim.supported for one in scored if name in one.flags] for name in CHECKS}
        return {
            name: {
                "flagged": len(supported),
                "rightly": supported.count(False),
                "alone": agreement({name}),
                "without": agreement(CHECKS.keys() - {name}),
            }
            for name, supported in flagged.items()
        }

    def _by_kind(self, scored: Sequence[Judged]) -> dict[str, dict[str, int]]:
        """How many rows of each kind there are, and how many of them the judge got right."""
        rows = Counter(one.claim.kind for one in scored)
        right = Counter(
            one.claim.kind
            for one in scored
            if ((one.judgement.value or 0.0) >= self.threshold) == one.claim.supported
        )
        return {kind: {"right": right[kind], "of": count} for kind, count in sorted(rows.items())}


_CELLS = ("true_supported", "false_supported", "false_unsupported", "true_unsupported")


def confusion(labels: NDArray[np.bool_], said: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Counts by label and verdict, int64[4]: right and wrong "supported", wrong and right "not supported"."""
    return np.array(
        [(labels & said).sum(), (~labels & said).sum(), (labels & ~said).sum(), (~labels & ~said).sum()],
        dtype=np.int64,
    )


def kappa(counts: NDArray[np.int64]) -> float | None:
    """Agreement beyond chance, 1 at best and 0 by chance (Cohen, 1960); ``None`` when chance alone is 1."""
    both, wrong, missed, neither = map(float, counts)
    total = both + wrong + missed + neither
    if not total:
        return None
    observed = (both + neither) / total
    expected = ((both + wrong) * (both + missed) + (missed + neither) * (wrong + neither)) / total**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def balanced_accuracy(counts: NDArray[np.int64]) -> float | None:
    """The mean of the shares of supported and of unsupported claims that were told; ``None`` without both."""
    both, wrong, missed, neither = map(float, counts)
    if not (both + missed) or not (wrong + neither):
        return None
    return (both / (both + missed) + neither / (wrong + neither)) / 2


def read_claims(path: Path) -> tuple[Claim, ...]:
    """The labelled claims of a file.

    Raises:
        BadInput: a row is none (line and field are named), an id stands twice, or all labels are alike.
    """
    claims: dict[str, Claim] = {}
    for row in read_rows(path):
        try:
            claim = Claim.model_validate(row.fields)
        except ValidationError as error:
            mistake = error.errors(include_url=False)[0]
            raise row.wrong(".".join(map(str, mistake["loc"])), str(mistake["msg"])) from None
        if claim.id in claims:
            raise row.wrong("id", f"{claim.id!r} stands there already")
        claims[claim.id] = claim
    if len({claim.supported for claim in claims.values()}) < 2:
        raise BadInput(f"{path}: claims that are supported and claims that are not are wanted, both")
    return tuple(claims.values())


async def calibrate(claims: Sequence[Claim], judge: Judge, threshold: float = 0.5) -> Calibration:
    """Has each claim judged.

    Raises:
        BadInput: the judge has none of ``CLAIM_METRICS``, or ``threshold`` is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise BadInput(f"a threshold is above 0 and at most 1, not {threshold}")
    metric = next((name for name in CLAIM_METRICS if name in judge.metrics), None)
    if metric is None:
        raise BadInput(f"the judge {judge.name} has none of the metrics {', '.join(CLAIM_METRICS)}")
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(claim: Claim) -> Judged:
        row = claim.row()
        flags = tuple(flag for citation in row.answer.citations for flag in citation.flags)
        async with places:
            return Judged(claim, (await judge.score(row))[metric], flags)

    judged = await asyncio.gather(*(one(claim) for claim in claims))
    return Calibration(judge.name, metric, threshold, tuple(judged))
