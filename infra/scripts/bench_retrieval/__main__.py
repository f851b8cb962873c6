"""Measures the speed of retrieval, ours and the peers' side by side, and writes it into docs/benchmarks.md.

    PYTHONPATH=infra/scripts python -m bench_retrieval BEIR_FOLDER --peers .venv-peers/bin/python

Each system lives in a process of its own and times itself. They are asked in turn, a few queries each, so
that noise of the machine hits all alike. ``make bench-retrieval DATA=DIR`` sets up the peers' environment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench_retrieval.peers import PEERS
from bench_retrieval.report import Run, report
from bench_retrieval.synthesis import synthesise
from bench_retrieval.worker import Answer, Worker
from page_section import write_section

ROOT = Path(__file__).resolve().parents[3]
_TURN = 5
"""Queries that a system is asked before the next one has its turn."""
_WARM_UP = 3
_QUIET = {"HAYSTACK_TELEMETRY_ENABLED": "False", "LANGSMITH_TRACING": "false"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the arguments, measures each size, writes the page after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="in BEIR's layout: scifact")
    parser.add_argument("--peers", type=Path, required=True, help="the Python of the peers' environment")
    parser.add_argument("--sizes", default="5000,50000,200000")
    parser.add_argument("--peers-up-to", type=int, default=50_000, help="chunks that peers are asked to hold")
    parser.add_argument("--only", choices=list(PEERS), action="append", help="a peer; all without it")
    parser.add_argument("--queries", type=int, default=40, help="peers take seconds for each")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.sizes.split(",")]
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as scratch:
        material = Path(scratch)
        _say(f"Making {', '.join(f'{size:,}' for size in sizes)} chunks from {given.folder.name}")
        asyncio.run(synthesise(given.folder, sizes, given.queries + _WARM_UP, material))
        for size in sizes:
            peers = (given.only or list(PEERS)) if size <= given.peers_up_to else []
            runs.append(_measure(material, size, given.queries, given.peers, peers))
            text = report(runs, given.peers, given.folder.name, given.peers_up_to)
            write_section(given.page, "make bench-retrieval", text)
            _say(f"{given.page} now has {size:,} chunks")


def _measure(material: Path, size: int, queries: int, python: Path, peers: Sequence[str]) -> Run:
    chunks = material / str(size)
    commands: list[list[str | Path]] = [[sys.executable, "-m", "bench_retrieval.ours", material, chunks]]
    commands += [[python, "-m", "bench_retrieval.peers", name, material, chunks] for name in peers]
    with _workers(commands) as (systems, seconds):
        for name, worker in systems.items():
            for number in range(queries, queries + _WARM_UP):
                worker.ask(name, number)
        return Run(size, seconds, _ask_in_turns(systems, queries), os.getloadavg()[0])


@contextmanager
def _workers(
    commands: Sequence[list[str | Path]],
) -> Iterator[tuple[dict[str, Worker], dict[str, float]]]:
    """The worker of each system, and the seconds in which it was built, one after the other."""
    paths = os.pathsep.join(path for path in (str(ROOT / "infra" / "scripts"), str(ROOT)) if path)
    environment = {**os.environ, **_QUIET, "PYTHONPATH": paths}
    workers: list[Worker] = []
    systems: dict[str, Worker] = {}
    seconds: dict[str, float] = {}
    try:
        for command in commands:
            workers.append(Worker(command, environment))
            names, took = workers[-1].ready()
            _say(f"  {names[0]}: built in {took:.0f} s")
            systems |= dict.fromkeys(names, workers[-1])
            seconds |= dict.fromkeys(names, took)
        yield systems, seconds
    finally:
        for worker in workers:
            worker.stop()


def _ask_in_turns(systems: Mapping[str, Worker], queries: int) -> dict[str, list[Answer]]:
    """Every query to every system; who is first goes round."""
    answers: dict[str, list[Answer]] = {name: [] for name in systems}
    names = list(systems)
    for turn, start in enumerate(range(0, queries, _TURN)):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            numbers = range(start, min(start + _TURN, queries))
            answers[name] += [systems[name].ask(name, number) for number in numbers]
    return answers


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
