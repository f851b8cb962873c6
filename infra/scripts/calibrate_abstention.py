"""Fits the weights by which extraction abstains, and says how well they do where they were not fitted.

``make abstention`` writes the table into docs/generation.md, over the handbook in the settings' collection,
and prints the weights for ``rag/llm/extractive_decision.py``. Each question is asked of the agent and of the
chain, follow-ups in their standalone form, and the signs of what was found noted. A logistic regression is
fitted to the dev and practice questions, both kinds weighing the same; its constant is then set so that the
agent refuses a given share of the answerable ones. Cross-validated by question; the test questions are only
told. Numeric questions are left out: they are computed. ``--signs`` keeps the notes, so that a second run is
quick.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from scipy.stats import mannwhitneyu

from app.evaluation import ask_labelled
from app.parts import build_parts, build_store
from app.settings import Settings, load_settings
from app.system import open_system
from eval.agent import by_itself
from eval.questions import Question, read_questions
from page_section import provenance, write_section
from rag.context import build_context
from rag.language import detect_language
from rag.llm.extractive import first_candidates
from rag.llm.extractive_decision import Signs, Weights
from rag.llm.extractive_scoring import Scorer, Tuning
from rag.llm.tokens import estimated_tokens

DATA = Path(__file__).resolve().parents[2] / "eval" / "data"
QUESTIONS = DATA / "handbook" / "questions.jsonl"
PRACTICE = DATA / "agent_practice"
PAGE = DATA.parents[1] / "docs" / "generation.md"
SIGNS = [field.name for field in fields(Signs)]
REFUSED = 0.07  # of the answerable practice questions, by the agent
DECAY = 0.02  # of the squares of the weights of signs brought to one scale
FOLDS = 10
Row = dict[str, Any]
Floats = NDArray[np.float64]


async def collect(settings: Settings, questions: Sequence[Question]) -> list[Row]:
    """The signs of each question, asked of the agent and of the chain."""
    parts = build_parts(settings, build_store(settings, "calibrate_abstention", None))
    scorer = Scorer(parts.embedder, Tuning())
    async with open_system(settings, "calibrate_abstention", None, parts) as system:
        rows = []
        for question in questions:
            asked = by_itself(question) if question.standalone else question
            for mode in ("agent", "chain"):
                hits = (await ask_labelled(system, asked, agent=mode == "agent")).hits
                evidence = (
                    await build_context(
                        asked.question,
                        hits,
                        detect_language(asked.question),
                        count=_count,
                        budget=settings.generation.prompt_tokens,
                    )
                ).evidence
                if found := first_candidates(evidence):
                    signs = asdict(scorer.signs(evidence, await scorer.score(evidence, found)))
                    known = {"id": question.id, "split": question.split, "answerable": question.answerable}
                    rows.append({**known, "mode": mode, **signs})
        return rows


async def _count(messages: Any) -> int:
    return estimated_tokens(messages)


def matrix(rows: Sequence[Row]) -> tuple[Floats, NDArray[np.bool_]]:
    """Signs ``[rows, signs]``, and which rows are answerable."""
    signs = np.array([[float(row[name]) for name in SIGNS] for row in rows])
    return signs, np.array([row["answerable"] for row in rows], dtype=bool)


def fitted(rows: Sequence[Row]) -> Floats:
    """Weights of greatest likelihood, the constant last; both kinds of question weigh the same."""
    signs, labels = matrix(rows)
    mean, scale = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    scaled = np.column_stack([(signs - mean) / scale, np.ones(len(rows))])
    share = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum())
    side = np.where(labels, 1.0, -1.0)
    ridge = np.append(np.full(len(SIGNS), DECAY), 0.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = side * (scaled @ weights)
        slope = -(share * side * expit(-margin)) @ scaled + 2 * ridge * weights
        return float(-share @ log_expit(margin) + ridge @ weights**2), slope

    found = np.asarray(minimize(loss, np.zeros(len(ridge)), jac=True, method="L-BFGS-B").x)
    plain = found[:-1] / scale
    return np.append(plain, found[-1] - plain @ mean)


def scores(rows: Sequence[Row], weights: Floats) -> Floats:
    """The logarithms of the odds."""
    told: Floats = matrix(rows)[0] @ weights[:-1] + weights[-1]
    return told


def cross_validated(rows: Sequence[Row]) -> Floats:
    """Each row's score by weights that were fitted without its question."""
    found = np.zeros(len(rows))
    ids = np.random.default_rng(0).permutation(sorted({row["id"] for row in rows})).tolist()
    folds = {one: place % FOLDS for place, one in enumerate(ids)}
    for fold in range(FOLDS):
        out = np.array([folds[row["id"]] == fold for row in rows])
        weights = fitted([row for row, left in zip(rows, out, strict=True) if not left])
        found[out] = scores([row for row, left in zip(rows, out, strict=True) if left], weights)
    return found


def constant(rows: Sequence[Row], found: Floats, refused: float) -> float:
    """What to add to the scores, so that the agent refuses that share of the answerable questions."""
    asked = np.array([row["answerable"] and row["mode"] == "agent" for row in rows])
    return -float(np.quantile(found[asked], refused))


def told(name: str, rows: Sequence[Row], found: Floats) -> list[str]:
    """A line of the table for each way of asking."""
    lines = []
    for mode in ("agent", "chain"):
        mine = np.array([row["mode"] == mode for row in rows])
        labels, own = matrix(rows)[1][mine], found[mine]
        yes, no = own[labels], own[~labels]
        area = mannwhitneyu(yes, no).statistic / (len(yes) * len(no))
        refused, abstained = float((yes < 0).mean()), float((no < 0).mean())
        balanced = (1 - refused + abstained) / 2
        shares = f"{abstained:.1%} | {refused:.1%} | {balanced:.1%} | {area:.3f}"
        lines.append(f"| {name} | {mode} | {len(own)} | {len(no)} | {shares} |")
    return lines


def chosen(splits: Sequence[str]) -> list[Question]:
    """The questions of the splits, those for practice with dev; numeric ones are left out."""
    asked = list(read_questions(QUESTIONS))
    for path in sorted(PRACTICE.glob("*.jsonl")):
        asked += read_questions(path)
    return [one for one in asked if one.split in splits and one.type != "numeric"]


def main() -> None:
    """Collects, fits and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--splits", nargs="+", default=["dev", "test"])
    parser.add_argument("--signs", type=Path, help="JSON file that the notes are kept in")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    if given.signs and given.signs.exists():
        rows = json.loads(given.signs.read_text(encoding="utf-8"))
    else:
        rows = asyncio.run(collect(load_settings(), chosen(given.splits)))
        if given.signs:
            given.signs.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    dev = [row for row in rows if row["split"] == "dev"]
    weights, validated = fitted(dev), cross_validated(dev)
    shift = constant(dev, validated, REFUSED)
    weights[-1] += shift
    for name, value in zip([*SIGNS, "constant"], weights, strict=True):
        print(f"    {name}: float = {value:.2f}")  # noqa: T201
    now = np.array([getattr(Weights(), name) for name in (*SIGNS, "constant")])
    lines = [
        "| weights | questions | asked of | number | of them unanswerable | unanswerable: abstained"
        " | answerable: refused | balanced accuracy | AUC |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|",
        *told("fitted anew, cross-validated | dev and practice", dev, validated + shift),
    ]
    for name in given.splits:
        part = [row for row in rows if row["split"] == name]
        lines += told(
            f"as they are | {'dev and practice' if name == 'dev' else name}", part, scores(part, now)
        )
    write_section(given.page, "make abstention", "\n".join([f"{provenance('make abstention')}.", "", *lines]))


if __name__ == "__main__":
    main()
