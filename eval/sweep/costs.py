"""What a sweep of answers will ask of models, in calls, tokens and money, told before it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping
from typing import Any

from eval.beir import Dataset
from eval.judges.rehearsal import Assumed, estimate
from eval.prices import Prices, model_of, one_currency
from eval.sweep.answer_kit import AnswerKit, Spending
from eval.sweep.asking import read_asked
from eval.sweep.kit import Kits
from eval.sweep.measures import Asking
from eval.sweep.plan import Plan, Stage
from eval.sweep.space import Space
from rag.types import Usage


def expected_spending(
    plan: Plan, done: Container[str], dataset: Dataset, space: Space, kits: Kits
) -> dict[str, Any]:
    """Calls, tokens and cost of the stages that are not ``done``, as part of the plan's JSON object.

    It is an estimate from what the settings allow and from the questions' reference answers; calls made
    again after a failure are not in it. ``expected_cost`` is ``None`` if a model's price is not known, and
    where no model is called, since nothing is paid by the token then.
    """
    spent: dict[str, Spending] = {}
    if space.asking:
        for stage in plan.stages.values():
            answers = kits(stage.values).answers
            if stage.key not in done and answers is not None:
                model, spending = _of(stage, answers, dataset, space.asking)
                spent[model] = spent.get(model, Spending()) + spending
    called = {model_of(model): one for model, one in spent.items() if one.calls}
    total = sum(called.values(), Spending())
    return {
        "calls": total.calls,
        "prompt_tokens": total.prompt_tokens,
        "completion_tokens": total.completion_tokens,
        "expected_cost": _cost(called, space.prices),
    }


def _of(stage: Stage, answers: AnswerKit, dataset: Dataset, asking: Asking) -> tuple[str, Spending]:
    """The model that a stage calls, and how much."""
    questions = read_asked(dataset.folder, dataset.split, asking.questions)
    if stage.kind == "judge" and asking.judge == "ragas":
        model, assumed = answers.judge_model, Assumed(*answers.passages)
        told = asyncio.run(estimate(questions, model, assumed, asking.judged))
        return model, Spending(told.calls, told.usage.prompt_tokens, told.usage.completion_tokens)
    spending = {"assemble": answers.to_find, "generate": answers.to_say}.get(stage.kind, Spending())
    if stage.kind == "generate" and answers.agent:
        spending += answers.to_find
    return answers.model, spending.times(len(questions))


def _cost(spent: Mapping[str, Spending], prices: Prices) -> dict[str, Any] | None:
    if not spent or any(model not in prices for model in spent):
        return None
    amount = sum(
        prices[model].cost(Usage(one.prompt_tokens, one.completion_tokens)) for model, one in spent.items()
    )
    dates = [prices[model].date for model in spent]
    return {
        "amount": round(amount, 6),
        "currency": one_currency({model: prices[model] for model in spent}),
        "priced": min(dates).isoformat(),
    }
