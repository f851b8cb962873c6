"""Answer quality on labelled questions: every mean says how many rows it is of, and what of the others."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eval.answer_metrics import METRICS, is_right, score_answer
from eval.diagnosis import Diagnosis, Said, Seen, Verdict, counts, diagnose, write_diagnosis
from eval.folder import environment, write_json, write_rows
from eval.judges.base import Called, Judge, Judgement, Row
from eval.metrics import percentiles
from eval.prices import Prices, cost_view
from eval.questions import Question
from eval.table import write_table
from rag.errors import ArdoiseError, BadInput
from rag.types import Answer, Citation, Hit, Usage


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, the passages from which it was written, and the tool calls on the way to it.

    ``hits`` are those passages as they were found, ``searches`` the queries that found them.
    """

    answer: Answer
    contexts: tuple[str, ...]
    calls: tuple[Called, ...] = ()
    hits: tuple[Hit, ...] = ()
    searches: tuple[str, ...] = ()


Ask = Callable[[Question], Awaitable[Asked]]
LookBack = Callable[[Question, Asked], Awaitable[Seen]]
"""Says what each stage had of a question's gold passages; asked where an answer is wrong."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One question and what came of it: ``asked`` or ``error``; ``ms`` is the time to the answer.

    ``verdict`` says at which stage it went wrong, if that was looked into.
    """

    question: Question
    asked: Asked | None
    error: ArdoiseError | None
    ms: float
    judgements: Mapping[str, Judgement]
    verdict: Verdict | None = None

    def view(self) -> dict[str, Any]:
        """The row as a JSON object."""
        answer = self.asked.answer if self.asked else None
        return {
            "id": self.question.id,
            "type": self.question.type,
            "lang": self.question.lang,
            "question": self.question.question,
            "answerable": self.question.answerable,
            "answer": answer.text if answer else None,
            "abstained": answer.abstained if answer else None,
            "grade": answer.grade if answer else None,
            "degraded": [f"{item.part}: {item.why}" for item in answer.degraded] if answer else [],
            "citations": [_citation_view(citation) for citation in answer.citations] if answer else [],
            "error": _reason(self.error) if self.error else None,
            "ms": round(self.ms, 2),
            "verdict": self.verdict,
            "scores": {
                name: {"status": one.status, "value": one.value, "why": one.why}
                for name, one in self.judgements.items()
            },
        }

    def figures(self) -> dict[str, Any]:
        """The row as ``eval.table`` keeps it; a metric that was not scored is null."""
        return {
            "query": self.question.id,
            **{name: one.value for name, one in self.judgements.items()},
            "ms": self.ms,
            "error": _reason(self.error) if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class AnswersRun:
    """All rows of one evaluation, in the order of the questions; ``config`` says what made them.

    ``judging`` is what the judge took: calls, replies from its cache, retries, tokens. ``prices`` are those
    of the models, ``model`` is the one that answered, ``judge_model`` the one that judged.
    """

    rows: tuple[AnswerRow, ...]
    judge: str
    config: Mapping[str, Any]
    judging: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    judge_model: str = ""
    prices: Prices = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        """The summary as a JSON object; a rate or a mean of nothing is ``null``."""
        answers = [row.asked.answer for row in self.rows if row.asked]
        abstained = sum(answer.abstained for answer in answers)
        usage = sum((answer.usage for answer in answers), Usage())
        return {
            "questions": len(self.rows),
            "judge": self.judge,
            "answered": _rate(len(answers) - abstained, len(self.rows)),
            "abstained": _rate(abstained, len(self.rows)),
            "failed": {**_rate(len(self.rows) - len(answers), len(self.rows)), "reasons": self._errors()},
            "abstention": self._abstention(),
            "metrics": {name: self._summary(name) for name in self.rows[0].judgements},
            "latency_ms": percentiles([row.ms for row in self.rows if row.asked]),
            "grades": dict(Counter(answer.grade for answer in answers)),
            "degraded": dict(Counter(f"{one.part}: {one.why}" for a in answers for one in a.degraded)),
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
            },
            "cost": cost_view(usage, self.model, self.prices),
            "judging": self._judging(),
            "diagnosis": self._verdicts(),
        }

    def write(self, folder: Path) -> None:
        """Writes the evaluation into a folder: configuration, environment, summary, and the rows twice.

        ``answers.jsonl`` is for reading; ``rows.parquet`` holds the figures alone.

        Raises:
            StorageFull, StorageError: the folder cannot be written.
        """
        write_json(folder, "config.json", self.config)
        write_json(folder, "environment.json", environment())
        write_json(folder, "summary.json", self.view())
        write_rows(folder, "answers.jsonl", (row.view() for row in self.rows))
        write_table(folder, [row.figures() for row in self.rows])
        if diagnoses := self._diagnoses():
            write_diagnosis(folder, diagnoses)

    def _diagnoses(self) -> list[Diagnosis]:
        return [Diagnosis("answers", row.question.id, row.verdict) for row in self.rows if row.verdict]

    def _verdicts(self) -> dict[str, int] | None:
        """How often each verdict fell; ``None`` when nobody looked into the wrong answers."""
        found = counts(self._diagnoses()).get("answers")
        return {verdict.value: count for verdict, count in found.items()} if found else None

    def _judging(self) -> dict[str, Any]:
        if not self.judging:
            return {}
        usage = Usage(self.judging["prompt_tokens"], self.judging["completion_tokens"])
        return {**self.judging, "cost": cost_view(usage, self.judge_model, self.prices)}

    def _errors(self) -> dict[str, int]:
        return dict(Counter(_reason(row.error) for row in self.rows if row.error))

    def _abstention(self) -> dict[str, Any]:
        """How often an abstention was right, and how many of the unanswerable questions got one."""
        told = [(row.asked.answer.abstained, row.question.answerable) for row in self.rows if row.asked]
        right = sum(abstained and not answerable for abstained, answerable in told)
        return {
            "precision": _rate(right, sum(abstained for abstained, _ in told)),
            "recall": _rate(right, sum(not answerable for _, answerable in told)),
        }

    def _summary(self, metric: str) -> dict[str, Any]:
        judgements = [row.judgements[metric] for row in self.rows]
        values = [one.value for one in judgements if one.value is not None]
        status = Counter(one.status for one in judgements)
        return {
            "mean": round(sum(values) / len(values), 6) if values else None,
            "scored": status["scored"],
            "failed": status["failed"],
            "not_applicable": status["not_applicable"],
            "reasons": dict(Counter(one.why for one in judgements if one.status != "scored")),
        }


async def evaluate_answers(
    questions: Sequence[Question],
    ask: Ask,
    judge: Judge | None = None,
    *,
    concurrency: int = 4,
    look_back: LookBack | None = None,
    settings: Mapping[str, Any] | None = None,
    model: str = "",
    judge_model: str = "",
    prices: Prices | None = None,
    progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> AnswersRun:
    """Asks each question, ``concurrency`` at a time, and scores what comes back.

    A question that cannot be answered (any ``ArdoiseError``) is a failed row with its reason, and so is
    each of its metrics. ``look_back`` is asked about each wrong answer (``is_right`` says which) and makes
    the diagnosis; without it there is none. ``progress`` is told how many questions are done, and of how
    many. ``settings`` is more of the configuration, to be kept with the rows; ``prices`` make costs of the
    tokens of ``model``, which answers, and of ``judge_model``.

    Raises:
        BadInput: there are no questions.
        ArdoiseError: the first question's error, when not one of them could be asked.
    """
    if not questions:
        raise BadInput("there are no questions to ask")
    places = asyncio.Semaphore(concurrency)
    done = 0

    async def one(question: Question) -> AnswerRow:
        nonlocal done
        async with places:
            row = await _row(question, ask, judge, clock)
            if look_back:
                row = replace(row, verdict=await _verdict(row, look_back))
        done += 1
        if progress:
            progress(done, len(questions))
        return row

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(question)) for question in questions]
    rows = tuple(task.result() for task in tasks)
    if rows[0].error and all(row.error for row in rows):
        raise rows[0].error
    name = judge.name if judge else "none"
    config = {"judge": name, "questions": len(questions), "concurrency": concurrency, **(settings or {})}
    spent = judge.spent if judge else {}
    return AnswersRun(rows, name, config, spent, model, judge_model, prices or {})


async def _row(question: Question, ask: Ask, judge: Judge | None, clock: Callable[[], float]) -> AnswerRow:
    start = clock()
    try:
        asked = await ask(question)
    except ArdoiseError as error:
        names = (*METRICS, *(judge.metrics if judge else ()))
        failed = Judgement.failed(f"no answer: {_reason(error)}")
        return AnswerRow(question, None, error, (clock() - start) * 1000, dict.fromkeys(names, failed))
    ms = (clock() - start) * 1000
    judgements = dict(score_answer(question, asked.answer))
    if judge:
        judgements |= await judge.score(judged_row(question, asked))
    return AnswerRow(question, asked, None, ms, judgements)


async def _verdict(row: AnswerRow, look_back: LookBack) -> Verdict:
    if row.asked is None:
        return diagnose(None)
    answer = row.asked.answer
    if is_right(row.question, answer, row.judgements):
        return Verdict.RIGHT
    seen = await look_back(row.question, row.asked)
    said = Said(False, answer.abstained, any(citation.supported for citation in answer.citations))
    return diagnose(replace(seen, said=said))


def judged_row(question: Question, asked: Asked) -> Row:
    """What a judge sees of a question and of what came of it."""
    return Row(
        question.standalone or question.question,
        asked.answer,
        asked.contexts,
        question.lang,
        reference=question.answer,
        turns=question.turns,
        tools=question.tools,
        calls=asked.calls,
        topics=question.topics,
    )


def _rate(part: int, whole: int) -> dict[str, Any]:
    return {"share": round(part / whole, 6) if whole else None, "count": part, "of": whole}


def _reason(error: ArdoiseError) -> str:
    return f"{type(error).__name__}: {error}"


def _citation_view(citation: Citation) -> dict[str, Any]:
    return {
        "marker": citation.marker,
        "document_id": citation.document_id,
        "quote": citation.quote,
        "supported": citation.supported,
        "flags": list(citation.flags),
    }
