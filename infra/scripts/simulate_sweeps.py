"""Simulates sweeps with a planted effect and axes that do nothing, out of the real scores of two runs."""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from eval.compare import compare_runs, read_run  # noqa: E402
from eval.gate import read_scores  # noqa: E402
from eval.statistics.simulation import simulate  # noqa: E402

STORED = ROOT / "eval" / "expected" / "handbook.yaml"


def main() -> None:
    """Prints how often the planted effect was found, and how often one that is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "runs", nargs="*", help="two folders of `ardoise eval run --out`; else the stored scores"
    )
    parser.add_argument("--measure", default="nDCG@10")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--sweeps", type=int, default=100)
    given = parser.parse_args()
    if given.runs:
        runs = [read_run(word) for word in given.runs]
        compare_runs(runs, given.measure)  # refuses runs of other queries
        one, other = (run.aligned(runs[0].queries, given.measure) for run in runs)
    else:
        first, second = list(read_scores(STORED).values())[:2]
        one, other = np.array(list(first.values())), np.array([second[query] for query in first])
    say = sys.stdout.write
    say(f"real scores: {len(one)} queries, means {one.mean():.4f} and {other.mean():.4f}, ")
    say(f"deviation of the differences {np.std(one - other, ddof=1):.3f}\n")
    say("planted  found  one test by formula  not there: seed  prompt  either  sweeps  queries\n")
    for planted in (0.0, 0.01, 0.02, 0.03, 0.05):
        if planted >= np.abs(one - other).mean():
            break
        told = simulate(one, other, planted=planted, queries=given.queries, sweeps=given.sweeps)
        say(f"{planted:7.2f}  {told.found:5}  {told.predicted:19.0%}  {told.seed:15}  {told.prompt:6}  ")
        say(f"{told.any_false:6}  {told.sweeps:6}  {told.queries:7}\n")


if __name__ == "__main__":
    main()
