"""Measures how often the semantic answer cache would give the answer to another question.

python infra/scripts/near_misses.py [--pairs FILE]

Each pair is two questions that look alike, or do not, with the word of a person on whether one answer serves
both. A hit is false where it does not. Prints a line per threshold, and the lowest one without a false hit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

import numpy as np

from app.parts import build_settings_embedder
from app.settings import load_settings
from rag.answer.cache.answers import same_figures
from rag.embedding import sentence_embedder

ROOT = Path(__file__).resolve().parents[2]
PAIRS = ROOT / "eval" / "data" / "handbook" / "near_misses.jsonl"
THRESHOLDS = (*np.arange(0.50, 1.0, 0.05), 0.98, 0.99)


async def main() -> None:
    """Reads the pairs, compares their questions as the cache does, and prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    lines = parser.parse_args().pairs.read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    embedder = sentence_embedder(build_settings_embedder(load_settings()))
    near = []
    for pair in pairs:
        one, other = [await embedder.embed_query(pair[side]) for side in ("a", "b")]
        # The cache does not take questions with other numbers for one, whatever their similarity.
        near.append(float(one @ other) if same_figures(pair["a"], pair["b"]) else -1.0)
    similarity, same = np.array(near), np.array([pair["same_answer"] for pair in pairs])

    lines = [f"{len(pairs)} pairs, {same.sum()} with one answer; {embedder.name}", ""]
    lines += [
        "| threshold | hits among pairs with one answer | false hits among the others |",
        "|---|---|---|",
    ]
    for threshold in THRESHOLDS:
        hits = similarity >= threshold
        lines.append(f"| {threshold:.2f} | {hits[same].mean():.0%} | {hits[~same].mean():.0%} |")
    highest = float(similarity[~same].max())
    left = float((similarity[same] > highest).mean())
    lines += [
        "",
        f"No false hit above {highest:.3f}, where {left:.0%} of the pairs with one answer are hits.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
