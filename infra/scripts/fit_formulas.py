"""Fits the weights by which the offline agent chooses a formula, and says how well they do on unseen pages.

    python infra/scripts/fit_formulas.py [--questions eval/data/agent_practice]

Each numeric question chooses among the formulas that fit it and none of them, with odds of ``exp(score)`` to
one; the weights make the right choices most likely. The shares are of cross-validation by the page of the
formula.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from agents.tools.calculator import calculator
from agents.tools.gpu_memory import gpu_memory
from agents.tools.kv_cache_size import kv_cache_size
from agents.tools.model_flops import model_flops
from app.parts import build_settings_embedder
from app.settings import load_settings
from eval.agent_metrics import value_match
from eval.questions import Question, read_questions
from rag.errors import ToolError
from rag.language import detect_language
from rag.llm.extractive_numbers import call_of
from rag.llm.formulas import FORMULAS
from rag.llm.formulas.likeness import Likeness
from rag.llm.formulas.matching import Weights, fits
from rag.llm.quantities import mentions, plain
from rag.resilience.deadline import Deadline

PRACTICE = Path(__file__).parents[2] / "eval" / "data" / "agent_practice"
TOOLS = {tool.name: tool for tool in (calculator(), kv_cache_size(), model_flops(), gpu_memory())}
NAMES = tuple(field.name for field in fields(Weights) if field.name != "least")
FOLDS = 8
DECAY = 0.001  # of the squares of the weights
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's candidates: features ``[candidates, weights]``, which are right, what they compute."""

    page: str
    features: Floats
    right: NDArray[np.bool_]
    results: Sequence[str]
    complete: Sequence[bool]


async def choice(question: Question, alike: Mapping[str, float]) -> Choice:
    """The candidates for ``question``, each carried out to see whether it is right."""
    text = plain(question.question)
    found = mentions(text)
    fitting = fits(text, found, FORMULAS, alike)
    right = []
    for fit in fitting:
        name, arguments = call_of(fit.match, text)
        try:
            result = (await TOOLS[name].run(arguments, Deadline.after(20))).text
        except ToolError:
            result = ""
        right.append(bool(value_match(question, [result])))
    # What a weight of one adds, with the others at nothing, is the feature that it weighs.
    none = dict.fromkeys(NAMES, 0.0)
    units = [Weights(**(none | {name: 1.0})) for name in NAMES]
    return Choice(
        page=question.gold[0].document_id,
        features=np.array([[fit.score(unit) for unit in units] for fit in fitting]).reshape(-1, len(NAMES)),
        right=np.array(right, dtype=bool),
        results=[fit.match.result for fit in fitting],
        complete=[not fit.unused for fit in fitting],
    )


def fitted(choices: Sequence[Choice]) -> Floats:
    """The weights of greatest likelihood."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = DECAY * float(weights @ weights), 2 * DECAY * weights
        for one in choices:
            odds = np.exp(np.clip(one.features @ weights, -40, 40))
            chances = odds / (1 + odds.sum())
            wanted = np.where(one.right, odds, 0.0)
            hit = wanted.sum() if one.right.any() else 1.0
            total += float(np.log(1 + odds.sum()) - np.log(hit)) / len(choices)
            slope = slope - ((wanted / hit - chances) @ one.features) / len(choices)
        return total, slope

    return np.asarray(minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B").x)


def chosen(one: Choice, weights: Floats) -> tuple[float, bool]:
    """How sure the best candidate is, and whether it is right; as ``best_match`` decides."""
    if not one.results:
        return 0.0, False
    odds = np.exp(np.clip(one.features @ weights, -40, 40))
    best = int(odds.argmax())
    same = sum(
        chance for chance, result in zip(odds, one.results, strict=True) if result == one.results[best]
    )
    return float(same / (1 + odds.sum())) * one.complete[best], bool(one.right[best])


async def main() -> None:
    """Prints the weights, and the shares right and wrong at several chances from which a number is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, default=PRACTICE)
    asked = parser.parse_args()
    likeness = Likeness(build_settings_embedder(load_settings()), FORMULAS)
    choices = []
    for path in sorted(asked.questions.glob("*.jsonl")):
        for question in (one for one in read_questions(path) if one.type == "numeric"):
            alike = await likeness.to(question.question, detect_language(question.question))
            choices.append(await choice(question, alike))
    pages = sorted({one.page for one in choices})
    decided = []
    for fold in range(FOLDS):
        left_out = set(pages[fold::FOLDS])
        weights = fitted([one for one in choices if one.page not in left_out])
        decided += [chosen(one, weights) for one in choices if one.page in left_out]
    lines = []
    for least in (0.3, 0.4, 0.5, 0.6):
        right = np.mean([sure >= least and good for sure, good in decided])
        wrong = np.mean([sure >= least and not good for sure, good in decided])
        lines.append(f"from a chance of {least}: {right:.1%} right, {wrong:.1%} wrong of {len(decided)}")
    for name, value in zip(NAMES, fitted(choices), strict=True):
        lines.append(f"    {name}: float = {value:.2f}")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
