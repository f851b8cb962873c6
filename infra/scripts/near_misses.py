"""Measures how often the semantic answer cache would give the answer to another question.

``make near-misses`` writes the table into docs/generation.md. Each pair is two questions that look alike, or
do not, with the word of a person on whether one answer serves both. A hit is false where it does not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.parts import build_settings_embedder
from app.settings import load_settings
from page_section import provenance, write_section
from rag.answer.cache.answers import same_figures
from rag.embedding import sentence_embedder

ROOT = Path(__file__).resolve().parents[2]
PAIRS = ROOT / "eval" / "data" / "handbook" / "near_misses.jsonl"
PAGE = ROOT / "docs" / "generation.md"
THRESHOLDS = (*np.arange(0.50, 1.0, 0.05), 0.98, 0.99)


async def main() -> None:
    """Reads the pairs, compares their questions as the cache does, and writes the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    pairs = [json.loads(line) for line in given.pairs.read_text(encoding="utf-8").splitlines()]
    embedder = sentence_embedder(build_settings_embedder(load_settings()))
    near = []
    for pair in pairs:
        one, other = [await embedder.embed_query(pair[side]) for side in ("a", "b")]
        # The cache does not take questions with other numbers for one, whatever their similarity.
        near.append(float(one @ other) if same_figures(pair["a"], pair["b"]) else -1.0)
    same = np.array([pair["same_answer"] for pair in pairs])
    lines = [
        f"{provenance('make near-misses')}; {len(pairs)} pairs, {same.sum()} of them with one answer;"
        f" {embedder.name}.",
        "",
        *_table(np.array(near), same),
    ]
    write_section(given.page, "make near-misses", "\n".join(lines))


def _table(similarity: NDArray[np.float64], same: NDArray[np.bool_]) -> list[str]:
    """What each threshold finds, rightly and wrongly."""
    lines = [
        "| cosine from | pairs with one answer: found | pairs with two answers: taken for one |",
        "|---:|---:|---:|",
    ]
    for threshold in THRESHOLDS:
        hits = similarity >= threshold
        right, wrong = (f"{hits[of].sum()} ({hits[of].mean():.0%})" for of in (same, ~same))
        lines.append(f"| {threshold:.2f} | {right} | {wrong} |")
    highest = float(similarity[~same].max())
    left = float((similarity[same] > highest).mean())
    return [
        *lines,
        "",
        f"No false hit above {highest:.3f}, where {left:.0%} of the pairs with one answer are found.",
    ]


if __name__ == "__main__":
    asyncio.run(main())
