"""What the stages of answers compute: passages gathered as the system searches, answers, judgements."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from functools import cache
from typing import Any, cast

import numpy as np
from pydantic import TypeAdapter

from eval.answers import AnswerRow, Asked, evaluate_answers, judged_row
from eval.diagnosis import Seen
from eval.judges.base import Judge, Judgement
from eval.questions import Question
from eval.sweep.answer_kit import AnswerKit, Found, Ground
from eval.sweep.asking import read_asked
from eval.sweep.legs import LegIndexes
from eval.sweep.stages import AtWork, Made, Work, open_leg
from rag.errors import BadInput
from rag.index.base import Index
from rag.retriever import SearchResult, legs_of
from rag.types import Answer, Hit


async def _assemble(at: AtWork) -> Made:
    """What the chain's search finds for each question, how long it takes, and what each stage of it had."""
    found, times = [], []
    async with _searched(at) as index, _kit(at).respondent(Ground(at.dataset, at.cut(), index)) as respondent:
        questions = _questions(at)
        await respondent.passages(questions[0])  # the first search reads files and loads models
        for question in questions:
            start = time.perf_counter()
            result = await respondent.passages(question)
            times.append((time.perf_counter() - start) * 1000)
            asked = Asked(Answer(""), (), hits=result.hits, searches=(question.question,))
            found.append(_found_view(result, await respondent.look_back(question, asked)))
    return {"ms": np.array(times)}, {"found": dict(zip([one.id for one in questions], found, strict=True))}


def _found_view(result: SearchResult, seen: Seen) -> dict[str, Any]:
    return {
        "hits": _adapter(tuple[Hit, ...]).dump_python(result.hits, mode="json"),
        # That a question has no word in common with the corpus is no failure of a part.
        "degraded": [f"{one.part}: {one.why}" for one in result.degraded if one.part != "sparse"],
        "seen": {**asdict(replace(seen, gold=[])), "gold": [sorted(holders) for holders in seen.gold]},
    }


async def _generate(at: AtWork) -> Made:
    """The answer to each question, or why there is none; the stage at which a wrong one went wrong."""
    answers, questions = _kit(at), _questions(at)
    if answers.agent:
        async with _searched(at) as index:
            rows = await _rows(answers, questions, Ground(at.dataset, at.cut(), index), {})
        searched = np.zeros(len(rows))
    else:
        gathered = at.input("assemble")
        assembled = gathered.facts["found"]
        found: Found = {
            one.question.strip(): _adapter(tuple[Hit, ...]).validate_python(assembled[one.id]["hits"])
            for one in questions
        }
        rows = await _rows(answers, questions, Ground(at.dataset, ([], []), _no_index(), found), assembled)
        searched = gathered.arrays["ms"]
    return {"ms": searched + np.array([row.ms for row in rows])}, {"rows": [_row_view(row) for row in rows]}


async def _rows(
    answers: AnswerKit, questions: tuple[Question, ...], ground: Ground, assembled: Mapping[str, Any]
) -> tuple[AnswerRow, ...]:
    async with answers.respondent(ground) as respondent:

        async def look_back(question: Question, asked: Asked) -> Seen:
            if answers.agent:
                return await respondent.look_back(question, asked)
            return _seen(assembled[question.id]["seen"], asked)

        run = await evaluate_answers(
            questions, respondent.ask, look_back=look_back, concurrency=answers.concurrency
        )
    return run.rows


def _seen(kept: Mapping[str, Any], asked: Asked) -> Seen:
    """What the stages of the chain's search had, and what then stood in the prompt."""
    context = [
        chunk for step in asked.answer.trace if step.node == "answer" for chunk in step.detail["passages"]
    ]
    gold = [frozenset(holders) for holders in kept["gold"]]
    return Seen(gold, kept["legs"], kept["fused"], kept["reranked"], context)


async def _judge(at: AtWork) -> Made:
    """The judge's metrics of each answer, and what judging took."""
    asking = at.asking
    assert asking is not None  # noqa: S101 - a sweep of answers
    (inputs,) = at.stage.inputs
    rows = at.input(inputs).facts["rows"]
    async with _kit(at).judge(asking.judge, asking.judged) as judge:
        assert judge is not None  # noqa: S101 - the plan has this stage for a judge alone
        # The judge bounds how many calls it makes at a time.
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_judged(judge, question, row))
                for question, row in zip(_questions(at), rows, strict=True)
            ]
        scores = [task.result() for task in tasks]
        spent = dict(judge.spent)
    return {}, {"scores": scores, "spent": spent}


async def _judged(judge: Judge, question: Question, row: Mapping[str, Any]) -> dict[str, Any]:
    asked = asked_of(row)
    if asked is None:
        scores: Mapping[str, Judgement] = dict.fromkeys(judge.metrics, Judgement.failed("there is no answer"))
    else:
        scores = await judge.score(judged_row(question, asked))
    return {name: asdict(one) for name, one in scores.items()}


@asynccontextmanager
async def _searched(at: AtWork) -> AsyncIterator[Index]:
    """The index of the configuration, as one, though each leg has its own."""
    opened: dict[Any, Index] = {}
    try:
        for leg in legs_of(at.kit.mode):
            opened[leg], _ = await open_leg(at, leg)
        yield cast("Index", LegIndexes(opened))
    finally:
        for index in opened.values():
            await index.close()


def _no_index() -> Index:
    """For a chain, whose search is done: whoever asks it for something is wrong."""
    return cast("Index", LegIndexes({}))


def _row_view(row: AnswerRow) -> dict[str, Any]:
    """A row as JSON. Contexts are left out: they are the texts of the hits."""
    asked = row.asked
    return {
        "asked": _adapter(Asked).dump_python(replace(asked, contexts=()), mode="json") if asked else None,
        "error": f"{type(row.error).__name__}: {row.error}" if row.error else None,
        "verdict": row.verdict,
    }


def asked_of(row: Mapping[str, Any]) -> Asked | None:
    """What came of a question, out of the artefact of a stage; ``None`` if it failed."""
    if row["asked"] is None:
        return None
    asked: Asked = _adapter(Asked).validate_python(row["asked"])
    return replace(asked, contexts=tuple(hit.chunk.text for hit in asked.hits))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _kit(at: AtWork) -> AnswerKit:
    answers = at.kit.answers
    if answers is None:
        raise BadInput("this sweep has no way to answer: its kits are for rankings")
    return answers


def _questions(at: AtWork) -> tuple[Question, ...]:
    assert at.asking is not None  # noqa: S101 - a sweep of answers
    return read_asked(at.dataset.folder, at.dataset.split, at.asking.questions)


ANSWERING: Mapping[str, Work] = {"assemble": _assemble, "generate": _generate, "judge": _judge}
"""What each kind of stage computes on the way from an index to judged answers."""
