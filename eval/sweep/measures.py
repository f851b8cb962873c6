"""What a sweep can measure: rankings, or answers; one sweep measures one of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.answer_metrics import METRICS
from eval.metrics import CHOICES, evaluate
from eval.quotes import evaluate_quotes, is_quote_measure
from rag.errors import BadInput, UnknownChoice

RIGHT, ABSTENTION_PRECISION, ABSTENTION_RECALL = "right", "abstention_precision", "abstention_recall"
ANSWER_MEASURES = (RIGHT, *METRICS, ABSTENTION_PRECISION, ABSTENTION_RECALL)
"""Those that need no judge. ``right`` is 1 where ``eval.answer_metrics.is_right`` says so, abstentions
included. ``abstention_precision`` is of the answers that abstain: 1 if the question is unanswerable;
``abstention_recall`` of the unanswerable questions: 1 if the answer abstains."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How answers are made and judged: ``questions`` of the file, spread evenly (``None``: all of them),
    ``repeats`` of each where a model is in the loop; ``judged`` are the metrics wanted of the judge.
    """  # noqa: D205 - one sentence

    questions: int | None = None
    repeats: int = 1
    judge: str = "none"
    judged: tuple[str, ...] = ()


def judge_metrics(judge: str) -> tuple[str, ...]:
    """The metrics of a judge.

    Raises:
        UnknownChoice: there is no such judge.
    """
    match judge:
        case "none":
            return ()
        case "support":
            from eval.judges.support import SupportJudge

            return SupportJudge.metrics
        case "ragas":
            from eval.judges.ragas_metrics import METRICS as RAGAS

            return tuple(metric.name for metric in RAGAS)
    raise UnknownChoice("judge", judge, ("none", "support", "ragas"))


def is_answer_measure(name: str) -> bool:
    """Whether a measure is one of answers, whoever judges them."""
    return name in ANSWER_MEASURES or any(name in judge_metrics(judge) for judge in ("support", "ragas"))


def check_measure(name: str, judge: str) -> None:
    """Makes sure that a measure can be computed with this judge.

    Raises:
        BadInput: there is no such measure, or it is another judge's.
    """
    if name in ANSWER_MEASURES or name in judge_metrics(judge):
        return
    if is_answer_measure(name):
        whose = "support" if name in judge_metrics("support") else "ragas"
        raise BadInput(f"{name!r} is a metric of the judge {whose!r}: add judge: {whose}")
    try:
        if is_quote_measure(name):
            evaluate_quotes({}, {"query": [()]}, [name])
        else:
            evaluate({}, {"query": {}}, [name])
    except UnknownChoice as error:
        if is_quote_measure(name):
            raise
        raise UnknownChoice("measure", name, (*CHOICES, *ANSWER_MEASURES)) from error


def check_measures(names: Sequence[str]) -> None:
    """Makes sure that the measures are all of rankings, or all of answers.

    Raises:
        BadInput: there are some of both.
    """
    answers = [name for name in names if is_answer_measure(name)]
    if answers and len(answers) < len(names):
        other = next(name for name in names if name not in answers)
        raise BadInput(
            f"{answers[0]!r} measures answers and {other!r} rankings: one sweep measures one of the two"
        )
