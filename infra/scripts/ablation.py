"""Writes docs/ablation.md: what each stage of retrieval is worth, in quality and milliseconds.

``python infra/scripts/ablation.py DIR… [--split NAME] [--arms a,b]``: DIR are BEIR folders. Rankings are
kept below ``ARDOISE_HOME/eval/rankings``, so a run that is stopped goes on, and arms can be added one by one;
an arm without a ranking is marked as not run. ``--fresh`` ranks anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from eval.beir import Dataset, read_dataset
from eval.folder import environment
from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.comparison import Comparison, compare_family, p_text
from rankings import MEASURE, Ranked, commits, ranked, shown

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ablation.md"
TEXT = Path(__file__).with_name("ablation.md")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to search: settings, and the arm that it differs from in one thing."""

    name: str
    told: str
    settings: Mapping[str, Any]
    reference: str | None = None


ENGLISH = {"embedding.model": "all-MiniLM-L6-v2"}
BOTH = {"embedding.model": "bilingual"}
CHUNKS = {"chunking.chunker": "recursive", "retrieval.fusion": "convex"}
PLAIN = {"retrieval.dense_weight": 1.0, "retrieval.dense_weight_unknown": 1.0}
ARMS = (
    Arm("sparse", "BM25 alone", {**ENGLISH, "retrieval.mode": "sparse"}),
    Arm("dense", "dense alone, MiniLM", {**ENGLISH, "retrieval.mode": "dense"}, "sparse"),
    Arm("rrf60", "both legs, RRF k=60", {**ENGLISH, **PLAIN, "retrieval.fusion": "rrf"}, "sparse"),
    Arm(
        "rrf10",
        "both legs, RRF k=10",
        {**ENGLISH, **PLAIN, "retrieval.fusion": "rrf", "retrieval.rrf_k": 10},
        "rrf60",
    ),
    Arm("convex", "both legs, min-max, even", {**ENGLISH, **PLAIN, "retrieval.fusion": "convex"}, "rrf60"),
    Arm("dbsf", "both legs, DBSF, even", {**ENGLISH, **PLAIN, "retrieval.fusion": "dbsf"}, "rrf60"),
    Arm("weighted", "weights as configured", {**ENGLISH, "retrieval.fusion": "convex"}, "convex"),
    Arm(
        "late",
        "late interaction, blended as configured",
        {**ENGLISH, "retrieval.fusion": "convex", "retrieval.reranker": "late_interaction"},
        "weighted",
    ),
    Arm(
        "late-alone",
        "late interaction, its order alone",
        {
            **ENGLISH,
            "retrieval.fusion": "convex",
            "retrieval.reranker": "late_interaction",
            "retrieval.rerank_weight": 1.0,
        },
        "weighted",
    ),
    Arm("dense-both", "dense alone, encoder by language", {**BOTH, "retrieval.mode": "dense"}, "dense"),
    Arm(
        "weighted-both",
        "both legs, encoder by language",
        {**BOTH, "retrieval.fusion": "convex"},
        "weighted",
    ),
    Arm(
        "late-both",
        "the same, late interaction",
        {**BOTH, "retrieval.fusion": "convex", "retrieval.reranker": "late_interaction"},
        "weighted-both",
    ),
    Arm("chunks", "chunks of 200 tokens, encoder by language", {**BOTH, **CHUNKS}, "weighted-both"),
    Arm(
        "chunks-late",
        "the same chunks, late interaction",
        {**BOTH, **CHUNKS, "retrieval.reranker": "late_interaction"},
        "chunks",
    ),
    Arm(
        "chunks-decompose",
        "the same chunks, questions taken apart by rule",
        {**BOTH, **CHUNKS, "retrieval.expansion": "decompose"},
        "chunks",
    ),
    Arm(
        "chunks-collapse",
        "the same chunks, near-duplicates collapsed",
        {**BOTH, **CHUNKS, "retrieval.collapse": 0.8},
        "chunks",
    ),
    Arm("chunks-mmr", "the same chunks, MMR", {**BOTH, **CHUNKS, "retrieval.mmr": 0.7}, "chunks"),
)


def main() -> None:
    """Ranks what is to be ranked and writes the page."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("data", type=Path, nargs="+")
    reader.add_argument("--split", help="of collections that have it")
    reader.add_argument("--arms", help="separated by commas; without it all")
    reader.add_argument("--fresh", action="store_true", help="rank anew")
    asked = reader.parse_args()
    chosen = asked.arms.split(",") if asked.arms else [arm.name for arm in ARMS]
    sections: list[str] = []
    used: list[Ranked] = []
    where = environment()  # before the page is written, which makes the tree differ from its commit
    for folder in asked.data:
        has_split = (folder / f"queries_{asked.split}.jsonl").is_file()
        dataset = read_dataset(folder, asked.split if has_split else None)
        found = {
            arm.name: ranked(arm.told, arm.settings, dataset, arm.name in chosen, asked.fresh) for arm in ARMS
        }
        there = {name: one for name, one in found.items() if one}
        used += there.values()
        sections.append(_section(dataset, there))
        PAGE.write_text(_page(sections, asked.data, where, used), encoding="utf-8")


def _section(dataset: Dataset, found: Mapping[str, Ranked]) -> str:
    """A collection's table; each arm is compared with its reference, all together under Holm's correction."""
    names = [arm.name for arm in ARMS if arm.name in found]
    scores = np.array([found[name].scores for name in names])
    of = dict(zip(names, bootstrap_intervals(scores), strict=True)) if names else {}
    pairs = [(arm.name, arm.reference) for arm in ARMS if arm.name in found and arm.reference in found]
    changes = np.array([found[name].scores - found[str(other)].scores for name, other in pairs])
    compared = compare_family([(name, str(other)) for name, other in pairs], changes) if pairs else ()
    change = {one.name: one for one in compared}
    split = f", split {dataset.split}" if dataset.split else ""
    return "\n".join(
        [
            f"### {dataset.name}{split}: {len(dataset.queries)} questions, {dataset.size:,} documents",
            "",
            f"| arm | {MEASURE} | 95% interval | against | change | shown? | median ms |",
            "|---|---:|---:|---|---:|---|---:|",
            *(_row(arm, found.get(arm.name), of, change.get(arm.name)) for arm in ARMS),
        ]
    )


def _row(
    arm: Arm,
    found: Ranked | None,
    intervals: Mapping[str, Sequence[float]],
    change: Comparison | None,
) -> str:
    if found is None:
        return f"| {arm.told} | not run | | | | | |"
    low, high = intervals[arm.name]
    cells = [arm.told, f"{found.scores.mean():.4f}", f"{low:.3f} to {high:.3f}"]
    if change is None:
        cells += ["", "", ""]
    else:
        told = next(one.told for one in ARMS if one.name == change.reference)
        verdict = change.verdict if change.shown else "no"
        cells += [told, f"{change.difference:+.4f}", f"{verdict} (p {p_text(change.adjusted)})"]
    return f"| {' | '.join(cells)} | {np.median(found.ms):.1f} |"


def _page(
    sections: Sequence[str], data: Sequence[Path], where: Mapping[str, Any], used: Sequence[Ranked]
) -> str:
    text = Template(TEXT.read_text(encoding="utf-8"))
    return text.substitute(
        tables="\n\n".join(sections),
        command=f'make ablation DATA="{" ".join(map(shown, data))}"',
        machine=where["machine"],
        date=where["time"][:10],
        commit=commits(where["commit"], used),
        load=f"{max((one.load for one in used), default=0.0):.0f}",
    )


if __name__ == "__main__":
    main()
