"""The page of the benchmark: medians, ratios and what became of the aims, as Markdown."""

from __future__ import annotations

import json
import multiprocessing
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bench_retrieval.worker import Answer

IN_MEMORY = ("LangChain EnsembleRetriever", "LlamaIndex QueryFusionRetriever", "Haystack hybrid pipeline")
_OWN = ("ours", "ours, 100 passages", "bare", "bare, 100 passages")
_NAMES = {"bare": "Qdrant Edge, one bare call", "bare, 100 passages": "Qdrant Edge, bare, 100 passages"}
_PACKAGES = (
    *("langchain-classic", "langchain-community", "langchain-qdrant", "llama-index-core"),
    *("llama-index-retrievers-bm25", "llama-index-vector-stores-qdrant", "haystack-ai"),
    *("qdrant-client", "rank-bm25", "bm25s"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured over ``size`` chunks: seconds to build and answers, by system; queries in order.

    ``load`` is the machine's average at the end: of one core where nothing else runs.
    """

    size: int
    seconds: Mapping[str, float]
    answers: Mapping[str, Sequence[Answer]]
    load: float

    def ms(self, name: str) -> list[float]:
        """Milliseconds of each query."""
        return [answer.ms for answer in self.answers[name]]

    def embedded(self, name: str) -> list[float]:
        """The same with the query's embedding; for others than ours, the encoder's time is added."""
        if name == "ours":
            return self.ms("ours, embedding")
        return [own + encoder for own, encoder in zip(self.ms(name), self.ms("encoder"), strict=True)]

    def median(self, name: str) -> float:
        """The median without the query's embedding."""
        return statistics.median(self.ms(name))

    def shared(self, name: str) -> float:
        """Which share of our ten hits a system has among its first ten, on average."""
        pairs = zip(self.answers["ours"], self.answers[name], strict=True)
        return statistics.fmean(len({*own.ids[:10]} & {*other.ids[:10]}) / 10 for own, other in pairs)


def report(runs: Sequence[Run], peers: Path, data: str, peers_up_to: int) -> str:
    """The whole section."""
    parts = ["## Speed of retrieval", _heading(runs, peers, data)]
    for run in runs:
        parts += [f"### {run.size:,} chunks", f"Load average at the end: {run.load:.1f}.", _hybrid(run)]
        if run.size > peers_up_to:
            parts.append(f"The peers were not asked to hold more than {peers_up_to:,} chunks.")
    parts += ["### The sparse leg alone", _sparse(runs)]
    parts += ["### Where the time goes", _waterfall(runs), "### Against the aims", _aims(runs)]
    return "\n\n".join(parts)


def _heading(runs: Sequence[Run], peers: Path, data: str) -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    queries = len(runs[0].answers["ours"])
    return (
        f"`make bench-retrieval`, {datetime.now(UTC):%Y-%m-%d}, commit {commit or 'unknown'};"
        f" {platform.machine()}, {multiprocessing.cpu_count()} cores; Python {platform.python_version()},"
        f" qdrant-edge-py {version('qdrant-edge-py')}. Peers: {', '.join(_versions(peers))}.\n\n"
        f"Chunks are synthesised from {data} (halves of two texts joined, vectors of its encoder turned by"
        f" noise); {queries} of its test queries. All systems have the same texts and vectors and take 100"
        " candidates of each leg; they are asked in turn, five queries each. Embeddings are looked up. For"
        " *with embedding* our retriever embeds the query itself, and everybody else is charged our"
        " encoder's time for the same query. The Qdrant stores run in the client's local mode and are given"
        " our sparse vectors; the other peers analyze text in their own way. *Same hits*: the share of our"
        " ten hits among a system's first ten. Ours returns 10 passages with the rank and score of each leg;"
        " peers return what they do by themselves, 100 or more; the aims judge them against our ten and"
        " against our hundred, which is charged the encoder's time as they are."
    )


def _versions(python: Path) -> list[str]:
    code = (
        "import json, sys; from importlib.metadata import version;"
        " print(json.dumps([f'{name} {version(name)}' for name in sys.argv[1:]]))"
    )
    done = subprocess.run(  # noqa: S603 - the interpreter that was named to us
        [python, "-c", code, *_PACKAGES], capture_output=True, text=True, check=True
    )
    names: list[str] = json.loads(done.stdout)
    return names


def _hybrid(run: Run) -> str:
    lines = [
        "| system | built in s | median ms | p95 | with embedding, median ms | p95 | × ours | same hits |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    names = [name for name in run.answers if not name.startswith(("sparse", "encoder", "ours, embedding"))]
    for name in sorted(names, key=lambda name: (name not in _OWN, run.median(name))):
        built = "" if name.startswith("bare") else f"{run.seconds[name]:.0f}"
        lines.append(
            f"| {_NAMES.get(name, name)} | {built} | {_spread(run.ms(name))} | {_spread(run.embedded(name))}"
            f" | {run.median(name) / run.median('ours'):.2f} | {run.shared(name):.2f} |"
        )
    return "\n".join(lines)


def _spread(times: Sequence[float]) -> str:
    p50, p95 = np.percentile(times, [50, 95])
    return f"{p50:,.1f} | {p95:,.1f}"


def _sparse(runs: Sequence[Run]) -> str:
    lines = ["| chunks | leg | median ms | p95 | × ours |", "|---:|---|---:|---:|---:|"]
    for run in runs:
        for name in (name for name in run.answers if name.startswith("sparse")):
            ratio = run.median(name) / run.median("sparse: ours")
            lines.append(
                f"| {run.size:,} | {name.removeprefix('sparse: ')} | {_spread(run.ms(name))} | {ratio:.2f} |"
            )
    return (
        "From the query's terms to the best 100 ids; every leg has the terms of our analyzer, k1 and b."
        " bm25s cannot be updated: it computes all scores when it is built.\n\n" + "\n".join(lines)
    )


def _waterfall(runs: Sequence[Run]) -> str:
    """Mean milliseconds by stage of whole searches, embedding included: means add up, medians do not."""
    stages = list(runs[0].answers["ours, embedding"][0].stages)
    lines = [
        f"| chunks | {' | '.join(stages)} | the rest | whole | encoder alone | beyond the encoder |",
        "|---:|" + "---:|" * (len(stages) + 4),
    ]
    for run in runs:
        answers = run.answers["ours, embedding"]
        means = [statistics.fmean(answer.stages.get(stage, 0.0) for answer in answers) for stage in stages]
        whole, floor = statistics.fmean(run.embedded("ours")), statistics.fmean(run.ms("encoder"))
        cells = [*means, whole - sum(means), whole, floor, whole - floor]
        lines.append(f"| {run.size:,} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    return (
        "Mean milliseconds of one query by stage. *The rest* is the event loop and the making of hits; the"
        " floor is the encoder alone, a tokenizer and one forward pass.\n\n" + "\n".join(lines)
    )


def _aims(runs: Sequence[Run]) -> str:
    lines = ["| chunks | aim | measured | |", "|---:|---|---:|---|"]
    for run in runs:
        for aim, measured, met in _checks(run):
            lines.append(f"| {run.size:,} | {aim} | {measured:.1f} | {'met' if met else '**missed**'} |")
    return "\n".join(lines)


def _checks(run: Run) -> list[tuple[str, float, bool]]:
    """Aim, ratio of medians, and whether it is met; those against peers hold at 50,000 chunks.

    Peers return 100 passages or more, so they are held against our ten and against our hundred.
    """
    bare = run.median("ours") / run.median("bare")
    checks = [("ours / bare call ≤ 2", bare, bare <= 2)]
    if {"sparse: rank-bm25", "sparse: bm25s"} <= run.answers.keys():
        slower = run.median("sparse: rank-bm25") / run.median("sparse: ours")
        against = run.median("sparse: ours") / run.median("sparse: bm25s")
        checks += [("rank-bm25 / our sparse leg ≥ 50", slower, slower >= 50)]
        checks += [("our sparse leg / bm25s ≤ 3", against, against <= 3)]
    for name in (name for name in IN_MEMORY if name in run.answers and run.size == 50_000):
        for ours in ("ours", "ours, 100 passages"):
            ratio = run.median(name) / run.median(ours)
            embedded = statistics.median(run.embedded(name)) / statistics.median(run.embedded(ours))
            checks += [(f"{name} / {ours} ≥ 100", ratio, ratio >= 100)]
            checks += [("the same, with embedding ≥ 20", embedded, embedded >= 20)]
    return checks
