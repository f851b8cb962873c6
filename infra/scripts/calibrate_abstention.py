"""Chooses when extraction abstains, on labelled questions, and says how well that does on others.

``make abstention`` writes the table into docs/generation.md, over the handbook in the settings' collection.
For each question of the dev and the test split it retrieves as `ardoise search` does and notes what the
decision could rest on. The bar is chosen on dev by balanced accuracy (the mean of the shares of answerable
questions answered and of unanswerable ones abstained from; of bars about as good, the one that abstains
more), and reported on test once. ``--features`` keeps the notes, so that a second run is quick.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.parts import build_parts, build_store
from app.requests import SearchRequest
from app.settings import Settings, load_settings
from app.system import open_system
from eval.questions import Question, read_questions
from page_section import provenance, write_section
from rag.context import build_context
from rag.language import detect_language
from rag.llm.extractive_scoring import Scorer, Tuning, missing_names
from rag.llm.extractive_sentences import candidates
from rag.llm.tokens import estimated_tokens
from rag.types import Chunk, Hit, LegScore

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "eval" / "data" / "handbook" / "questions.jsonl"
PAGE = ROOT / "docs" / "generation.md"
MOST = 64  # sentences that extraction looks at
LOWEST = 0.33
ABOUT_AS_GOOD = 0.005  # of balanced accuracy: one question in a hundred
Row = dict[str, Any]


async def collect(settings: Settings, questions: list[Question]) -> list[Row]:
    """What the decision can rest on, for each question."""
    parts = build_parts(settings, build_store(settings, "calibrate_abstention", None))
    scorer = Scorer(parts.embedder, Tuning())
    async with open_system(settings, "calibrate_abstention", None, parts) as system:
        rows = []
        for question in questions:
            text = question.standalone or question.question
            found = await system.search(SearchRequest(query=text))
            hits = [_hit(shown) for shown in found["hits"]]
            rows.append(await _row(question, text, hits, scorer, settings.generation.prompt_tokens))
        return rows


def _hit(shown: Row) -> Hit:
    text, headings = shown["text"], tuple(shown["headings"])
    metadata = {"language": detect_language(text)}
    chunk = Chunk(shown["chunk_id"], shown["document_id"], text, 0, len(text), headings, metadata=metadata)
    legs = {name: LegScore(leg["rank"], leg["score"]) for name, leg in shown["legs"].items()}
    return Hit(chunk, shown["score"], legs)


async def _row(question: Question, text: str, hits: list[Hit], scorer: Scorer, budget: int) -> Row:
    async def count(messages: Any) -> int:
        return estimated_tokens(messages)

    evidence = (await build_context(text, hits, question.lang, count=count, budget=budget)).evidence
    sentences = candidates(evidence.passages)[:MOST]
    similarity = (await scorer.score(evidence, sentences)).similarity if sentences else np.zeros(1)
    dense = [hit.legs["dense"].score for hit in hits if "dense" in hit.legs]
    return {
        "id": question.id,
        "split": question.split,
        "answerable": question.answerable,
        "similarity": float(similarity.max()),
        "cosine": max(dense, default=0.0),
        "missing": min(2, len(missing_names(evidence))),
    }


def rates(rows: list[Row], answered: NDArray[np.bool_]) -> dict[str, float]:
    """Balanced accuracy, and precision and recall of abstaining."""
    labels = np.array([row["answerable"] for row in rows], dtype=bool)
    right = float((~answered & ~labels).sum())
    return {
        "balanced_accuracy": (answered[labels].mean() + (~answered)[~labels].mean()) / 2,
        "answered": float(answered[labels].mean()),
        "abstention_precision": right / max(1.0, float((~answered).sum())),
        "abstention_recall": right / max(1.0, float((~labels).sum())),
    }


def decide(rows: list[Row], answers: float, missing_name: float) -> NDArray[np.bool_]:
    """Extraction's own rule: the best sentence is similar enough; names that occur nowhere raise the bar."""
    return np.array([row["similarity"] >= answers + missing_name * row["missing"] for row in rows])


def chosen(rows: list[Row]) -> tuple[float, float]:
    """Of the bars whose balanced accuracy is about the best, the one that abstains most often rightly."""
    steps = itertools.product(np.arange(LOWEST, 0.60, 0.01), np.arange(0.0, 0.31, 0.01))
    grid = [(float(answers), float(missing_name)) for answers, missing_name in steps]
    found = {bar: rates(rows, decide(rows, *bar)) for bar in grid}
    enough = max(one["balanced_accuracy"] for one in found.values()) - ABOUT_AS_GOOD
    good = [bar for bar in grid if found[bar]["balanced_accuracy"] >= enough]
    best = max(good, key=lambda bar: (found[bar]["abstention_recall"], found[bar]["answered"]))
    return round(best[0], 2), round(best[1], 2)


def main() -> None:
    """Collects, chooses and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--limit", type=int, help="answerable questions of each split")
    parser.add_argument("--features", type=Path, help="JSON file that the notes are kept in")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    if given.features and given.features.exists():
        rows = json.loads(given.features.read_text(encoding="utf-8"))
    else:
        asked = []
        for split in ("dev", "test"):
            mine = [one for one in read_questions(QUESTIONS) if one.split == split]
            answerable = [one for one in mine if one.answerable]
            step = max(1, len(answerable) // given.limit) if given.limit else 1
            asked += [one for one in mine if not one.answerable] + answerable[::step]
        rows = asyncio.run(collect(load_settings(), asked))
        if given.features:
            given.features.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    write_section(
        given.page, "make abstention", "\n".join([f"{provenance('make abstention')}.", "", *table(rows)])
    )


def table(rows: list[Row]) -> list[str]:
    """How the bar as it is, and the one that dev would choose now, do on both splits."""
    lines = [
        "| bar | split | questions | of them unanswerable | answerable: answered | unanswerable: abstained"
        " | abstentions that are right | balanced accuracy |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    splits = {split: [row for row in rows if row["split"] == split] for split in ("dev", "test")}
    bars = {"as it is": (Tuning().answers, Tuning().missing_name), "best on dev": chosen(splits["dev"])}
    for name, bar in bars.items():
        for split, part in splits.items():
            found, none = rates(part, decide(part, *bar)), sum(not row["answerable"] for row in part)
            shown = [found[key] for key in ("answered", "abstention_recall", "abstention_precision")]
            figures = " | ".join(f"{value:.1%}" for value in (*shown, found["balanced_accuracy"]))
            called = f"{name}: {bar[0]:.2f}, {bar[1]:+.2f} a missing name"
            lines.append(f"| {called} | {split} | {len(part)} | {none} | {figures} |")
    return lines


if __name__ == "__main__":
    main()
