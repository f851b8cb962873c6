"""Measures what retrieval finds as installed, whole documents, and writes it into docs/benchmarks.md.

``python infra/scripts/bench_quality.py DIR… [--fresh]``: DIR are BEIR folders, of which the judged questions
without a split, the test questions, are asked. Rankings are kept below ``ARDOISE_HOME/eval/rankings``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.beir import read_dataset
from eval.folder import environment
from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.comparison import compare_family, p_text
from page_section import write_section
from rankings import MEASURE, Ranked, commits, ranked, shown

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
WAYS: Mapping[str, Mapping[str, Any]] = {
    "BM25 alone": {"retrieval.mode": "sparse"},
    "dense alone": {"retrieval.mode": "dense"},
    "textbook RRF, k=60": {
        "retrieval.fusion": "rrf",
        "retrieval.rrf_k": 60,
        "retrieval.dense_weight": 1.0,
        "retrieval.dense_weight_unknown": 1.0,
    },
    "**hybrid**": {},
    "hybrid, late interaction": {"retrieval.reranker": "late_interaction"},
}
"""Each way of searching: what it has other than the settings as installed, where nothing reranks."""
INSTALLED, RERANKED = "**hybrid**", "hybrid, late interaction"
AIMS = {
    ("scifact", "BM25 alone"): 0.679 - 0.010,
    ("scifact", INSTALLED): 0.720,
    ("scifact", RERANKED): 0.730,
    ("cranfield", INSTALLED): 0.465,
    ("fr_public_faq", INSTALLED): 0.71,
}
"""Least values of the measure, by collection."""
_SECTION = """## Quality of retrieval, as installed

{measure} over whole documents with the settings as they come, in one configuration for all collections; 95%
interval of the mean (bootstrap over questions). Fusion, weights and the reranker's weight were chosen on
scifact's training split and the handbook's dev split. The last column compares late interaction with the
hybrid search before it, question by question (paired randomisation test).

{table}

{aims}

Machine: {machine}; Python {python}. Date: {time}. Commit: {commit}. Command: `{command}`."""


def main() -> None:
    """Ranks what is not yet ranked, and writes the section."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    reader.add_argument("data", type=Path, nargs="+")
    reader.add_argument("--fresh", action="store_true", help="rank anew")
    reader.add_argument("--page", type=Path, default=PAGE)
    asked = reader.parse_args()
    found: dict[str, dict[str, Ranked]] = {}
    for folder in asked.data:
        dataset = read_dataset(folder)
        ways = {told: ranked(told, of, dataset, fresh=asked.fresh) for told, of in WAYS.items()}
        found[dataset.name] = {told: one for told, one in ways.items() if one}
    where = environment()
    where["commit"] = commits(where["commit"], [one for of in found.values() for one in of.values()])
    text = _SECTION.format(
        measure=MEASURE,
        table=_table(found),
        aims=_aims(found),
        command=f'make bench-quality DATA="{" ".join(map(shown, asked.data))}"',
        **where,
    )
    write_section(asked.page, "make bench-quality", text)


def _table(found: Mapping[str, Mapping[str, Ranked]]) -> str:
    changes = {name: of[RERANKED].scores - of[INSTALLED].scores for name, of in found.items()}
    rows = []
    for name, of in found.items():
        intervals = bootstrap_intervals(np.array([of[told].scores for told in WAYS]))
        cells = [
            f"{of[told].scores.mean():.4f} ({low:.3f}–{high:.3f})"
            for told, (low, high) in zip(WAYS, intervals, strict=True)
        ]
        [compared] = compare_family([(RERANKED, INSTALLED)], np.array([changes[name]]))
        cells.append(f"{compared.difference:+.4f} (p {p_text(compared.adjusted)})")
        rows.append(f"| {name} ({len(changes[name])}) | {' | '.join(cells)} |")
    head = f"| collection (questions) | {' | '.join(WAYS)} | late interaction's change |"
    return "\n".join([head, f"|---|{'---:|' * (len(WAYS) + 1)}", *rows])


def _aims(found: Mapping[str, Mapping[str, Ranked]]) -> str:
    rows: list[Sequence[str]] = []
    for (name, told), least in AIMS.items():
        if name in found:
            rows.append(_checked(f"{name}, {told.strip('*')}", f"≥ {least:.3f}", found[name][told], least))
    for name, of in found.items():
        better = max(of["BM25 alone"].scores.mean(), of["dense alone"].scores.mean()) - 0.005
        rows.append(_checked(f"{name}, hybrid", f"≥ better leg - .005 = {better:.4f}", of[INSTALLED], better))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(["| what | aim | measured | |", "|---|---:|---:|---|", *lines])


def _checked(what: str, aim: str, found: Ranked, least: float) -> Sequence[str]:
    value = float(found.scores.mean())
    return what, aim, f"{value:.4f}", "met" if value >= least else "**missed**"


if __name__ == "__main__":
    main()
