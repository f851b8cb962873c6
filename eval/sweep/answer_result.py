"""What a configuration of a sweep of answers came to: scores, cost and failures, answer by answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.answer_metrics import METRICS, is_right, score_answer
from eval.answers import Asked
from eval.beir import Dataset
from eval.diagnosis import Diagnosis, Verdict
from eval.judges.base import Judgement
from eval.metrics import percentiles
from eval.prices import Price, cost_view, model_of
from eval.questions import Question
from eval.sweep.answering import asked_of
from eval.sweep.asking import read_asked
from eval.sweep.kit import Kits
from eval.sweep.measures import ABSTENTION_PRECISION, ABSTENTION_RECALL, RIGHT
from eval.sweep.plan import Configuration
from eval.sweep.result import SHOWN, built_indexes, failed_rows
from eval.sweep.space import Space
from eval.sweep.store import Store
from rag.types import Usage

_ABSENT = Judgement.not_applicable("the judge was not asked")


@dataclass(frozen=True, slots=True)
class Answered:
    """One question in one repeat: ``asked``, or ``error`` that says why there is no answer.

    ``noted`` is what a part before the answer could not do, ``judged`` what a judge said.
    """

    question: Question
    asked: Asked | None
    error: str | None
    ms: float
    verdict: Verdict
    judged: Mapping[str, Judgement]
    noted: str | None = None

    def scores(self, measures: Sequence[str]) -> dict[str, float | None]:
        """The value of each measure; ``None`` where it says nothing about such a row.

        A failure is 0 in every measure that an answer to this question would have had.
        """
        if self.asked is None:
            return {name: 0.0 if self._applies(name) else None for name in measures}
        answer, question = self.asked.answer, self.question
        found = {**score_answer(question, answer), **self.judged}
        values: dict[str, float | None] = {name: found.get(name, _ABSENT).value for name in measures}
        told = {
            RIGHT: float(is_right(question, answer, found)),
            ABSTENTION_PRECISION: float(not question.answerable) if answer.abstained else None,
            ABSTENTION_RECALL: None if question.answerable else float(answer.abstained),
        }
        return values | {name: value for name, value in told.items() if name in values}

    def _applies(self, measure: str) -> bool:
        if measure in (RIGHT, ABSTENTION_PRECISION, ABSTENTION_RECALL):
            return measure == RIGHT or (measure == ABSTENTION_RECALL and not self.question.answerable)
        if measure in ("exact_match", "token_f1") or measure not in METRICS:
            return self.question.answerable and bool(self.question.answer.strip())
        return self.question.answerable

    @property
    def usage(self) -> Usage:
        """The tokens of the answer and of the way to it; those of a failure are not known."""
        return self.asked.answer.usage if self.asked else Usage()


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """One configuration: its answers by repeat, or the error that left it without.

    ``judging`` is what the judge took, which is no cost of answering; ``price`` is that of the model.
    """

    configuration: Configuration
    measures: Sequence[str]
    repeats: Sequence[Sequence[Answered]]
    index: Mapping[str, Any] | None
    price: Price | None = None
    judging: Mapping[str, Any] | None = None
    error: str | None = None

    @property
    def means(self) -> dict[str, float | None]:
        """The mean of each measure over the questions, each averaged over its repeats; ``None`` of nothing.

        A question that a repeat has no value for is left out, as the report leaves it out.
        """
        if not self.repeats:
            return {}
        scores = [[list(one.scores(self.measures).values()) for one in rows] for rows in self.repeats]
        by_question: NDArray[np.float64] = np.array(scores, np.float64).mean(axis=0)
        return {name: _mean(by_question[:, place]) for place, name in enumerate(self.measures)}

    @property
    def latency(self) -> dict[str, float] | None:
        """Percentiles in milliseconds, from the question to the answer; failures do not count."""
        times = [one.ms for rows in self.repeats for one in rows if one.asked]
        return percentiles(times) if self.repeats else None

    @property
    def cost(self) -> float | None:
        """Of asking all questions once, in the currency of the price; ``None`` if there is no price."""
        if self.price is None or not self.repeats:
            return None
        price = self.price
        return sum(price.cost(one.usage) for rows in self.repeats for one in rows) / len(self.repeats)

    def view(self) -> dict[str, Any]:
        """The line of ``configurations.jsonl``; tokens and cost are of asking all questions once."""
        every = [one for rows in self.repeats for one in rows]
        answers = [one.asked.answer for one in every if one.asked]
        usage = sum((one.usage for one in every), Usage())
        return {
            "id": self.configuration.id,
            "settings": dict(self.configuration.values),
            "status": "done" if self.repeats else "failed",
            "error": self.error,
            "metrics": self.means,
            "latency_ms": self.latency,
            "cost": self.cost,
            "tokens": (usage.prompt_tokens + usage.completion_tokens) / len(self.repeats) if every else None,
            "index": self.index,
            "stages": dict(self.configuration.stages),
            "repeats": len(self.repeats),
            "answers": len(answers),
            "abstained": sum(answer.abstained for answer in answers),
            "failed": dict(Counter(one.error for one in every if one.error)),
            "grades": dict(Counter(answer.grade for answer in answers)),
            "judging": dict(self.judging) if self.judging is not None else None,
            "not_judged": _not_judged(every),
        }

    def rows(self, dataset: Dataset, measures: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows of ``rows.parquet``."""
        if not self.repeats:
            yield from failed_rows(self.configuration, self.error, dataset, measures)
        for repeat, rows in enumerate(self.repeats):
            for one in rows:
                scores = one.scores(measures)
                yield {
                    "configuration": self.configuration.id,
                    "repeat": repeat,
                    "query": one.question.id,
                    # Not null: beside an error that would be read as a score of 0.
                    **{name: math.nan if value is None else value for name, value in scores.items()},
                    "ms": one.ms if one.asked else None,
                    "cost": self.price.cost(one.usage) if self.price and one.asked else None,
                    "error": one.error or one.noted,
                }

    def hits(self) -> Iterator[dict[str, Any]]:
        """The documents of the passages that each question was answered from, in the first repeat."""
        for one in self.repeats[0] if self.repeats else ():
            hits = one.asked.hits if one.asked else ()
            best = {hit.chunk.document_id: hit.score for hit in reversed(hits)}
            order = list(dict.fromkeys(hit.chunk.document_id for hit in hits))
            for rank, document in enumerate(order[:SHOWN], 1):
                yield {
                    "configuration": self.configuration.id,
                    "repeat": 0,
                    "query": one.question.id,
                    "rank": rank,
                    "document": document,
                    "score": best[document],
                }

    def diagnoses(self) -> Iterator[Diagnosis]:
        """Where each question went wrong, in the first repeat."""
        for one in self.repeats[0] if self.repeats else ():
            yield Diagnosis(self.configuration.id, one.question.id, one.verdict)


class AnswerReader:
    """Reads the results of configurations out of the store of a sweep of answers."""

    def __init__(self, dataset: Dataset, space: Space, store: Store, kits: Kits) -> None:
        self._dataset = dataset
        self._space = space
        self._store = store
        self._kits = kits
        self._questions = read_asked(dataset.folder, dataset.split, space.questions)

    def result(self, configuration: Configuration, failed: Mapping[str, str]) -> AnswerResult:
        """What a configuration came to; ``failed`` says by key why a stage has no artefact."""
        measures, keys = self._space.measures, configuration.stages
        for key in keys.values():
            if key in failed:
                return AnswerResult(configuration, measures, (), None, error=failed[key])
        kit = self._kits({**self._space.fixed, **configuration.values})
        model = kit.answers.model if kit.answers else ""
        judged = [self._store.load("judge", keys[label]).facts for label in configuration.repeats("judge")]
        scores = [one["scores"] for one in judged]
        repeats = [
            self._answered(configuration, label, scores[number] if scores else None)
            for number, label in enumerate(configuration.repeats("generate"))
        ]
        return AnswerResult(
            configuration,
            measures,
            repeats,
            built_indexes(self._store, configuration),
            self._space.prices.get(model_of(model)),
            self._judging([one["spent"] for one in judged], kit.answers.judge_model if kit.answers else ""),
        )

    def _judging(self, spent: Sequence[Mapping[str, int]], model: str) -> dict[str, Any] | None:
        """What judging all repeats took; a judge without a model took nothing that is counted."""
        if not any(spent):
            return None
        total = {name: sum(one[name] for one in spent) for name in spent[0]}
        usage = Usage(total["prompt_tokens"], total["completion_tokens"])
        return {**total, "cost": cost_view(usage, model_of(model), self._space.prices)}

    def _answered(
        self, configuration: Configuration, label: str, judged: Sequence[Mapping[str, Any]] | None
    ) -> list[Answered]:
        keys = configuration.stages
        artefact = self._store.load("generate", keys[label])
        noted = self._store.load("assemble", keys["assemble"]).facts["found"] if "assemble" in keys else {}
        rows = zip(self._questions, artefact.facts["rows"], artefact.arrays["ms"].tolist(), strict=True)
        return [
            Answered(
                question,
                asked_of(row),
                row["error"],
                ms,
                Verdict(row["verdict"]),
                {name: Judgement(**one) for name, one in judged[place].items()} if judged else {},
                "; ".join(noted[question.id]["degraded"]) or None if noted else None,
            )
            for place, (question, row, ms) in enumerate(rows)
        ]


def _mean(values: NDArray[np.float64]) -> float | None:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else None


def _not_judged(answered: Sequence[Answered]) -> int:
    """Judgements that failed, of answers that are there: they are in no mean."""
    return sum(one.status == "failed" for row in answered if row.asked for one in row.judged.values())
