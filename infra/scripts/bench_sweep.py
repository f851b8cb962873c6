"""Measures a sweep against one run per configuration: time, identical numbers, and a kill at half.

Prints Markdown. ``python infra/scripts/bench_sweep.py DIR [--split NAME] [--space FILE] [--sample N | --full]
[--home DIR]``. The sweep runs in processes of its own: one is killed when half of its stages are done, the
next goes on from there. Then some configurations, or all, run alone: with ``ardoise eval run``, and in this
process, which spares the start. All begin with the same cache of embedded passages: that of a home, or else
of a first sweep that is not timed.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ARDOISE = [sys.executable, "-m", "app.cli"]


@dataclass(frozen=True)
class Bench:
    """What is measured, and where it is put; ``home`` has models and embedded passages."""

    data: Path
    split: str | None
    space: Path
    scratch: Path
    home: Path

    @property
    def fixed(self) -> dict[str, Any]:
        """The settings that all configurations share."""
        return dict(yaml.safe_load(self.space.read_text(encoding="utf-8")).get("fixed") or {})

    @property
    def dataset(self) -> list[str]:
        """The words of a command that name the data set."""
        return ["--dataset", str(self.data), *(["--split", self.split] if self.split else [])]


def main() -> None:
    """Runs the benchmark and prints its table."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("dataset", type=Path)
    reader.add_argument("--split")
    reader.add_argument("--space", type=Path, default=ROOT / "eval/configs/handbook.yaml")
    reader.add_argument("--sample", type=int, default=6, help="configurations that run alone")
    reader.add_argument("--full", action="store_true", help="all of them")
    reader.add_argument("--home", type=Path, help="a home whose models and cache are copied")
    chosen = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        home = chosen.home or scratch / "home-warm"
        bench = Bench(chosen.dataset.resolve(), chosen.split, chosen.space.resolve(), scratch, home)
        if chosen.home is None:
            _sweep(bench, "warm")
        print(_report(bench, None if chosen.full else chosen.sample))  # noqa: T201


def _report(bench: Bench, sample: int | None) -> str:
    whole = _sweep(bench, "timed")
    before, after = _killed_and_resumed(bench)
    folder = bench.scratch / "timed"
    lines = (folder / "configurations.jsonl").read_text(encoding="utf-8").splitlines()
    configurations = [json.loads(line) for line in lines]
    step = 1 if sample is None else max(1, len(configurations) // sample)
    chosen = configurations[::step][:sample]
    alone = [(one, *_alone(bench, one["settings"])) for one in chosen]
    within = [_within(bench, one["settings"]) for one in chosen]
    digits = sum(_rows(folder, one["id"]) == _rows(run) for one, _, run in alone)
    sweep = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    where, many, wall = sweep["environment"], len(configurations), whole["wall"]
    unshared = sum(_stage_seconds(folder, key) for one in configurations for key in one["stages"].values())
    processes, inside = fmean(seconds for _, seconds, _ in alone) * many, fmean(within) * many
    said = "" if sample is None else f" (extrapolated from {len(alone)})"
    rows = {
        "configurations": f"{many}",
        "stages, shared": f"{whole['stage_runs']}",
        "stages, each configuration by itself": f"{sum(len(one['stages']) for one in configurations)}",
        "sweep with its report, a process of its own": f"{wall:.0f} s",
        f"`eval run` × {many}, processes{said}": f"{processes:.0f} s",
        f"`eval run` × {many}, in one process{said}": f"{inside:.0f} s",
        "every stage anew for each configuration (sum of the stages' times)": f"{unshared:.0f} s",
        "times faster than `eval run`, processes": f"{processes / wall:.1f}",
        "times faster than `eval run`, in one process": f"{inside / wall:.1f}",
        "times faster than every stage anew": f"{unshared / wall:.1f}",
        "configurations with identical numbers, query by query": f"{digits} of {len(alone)}",
        "stages done when SIGKILL came": f"{len(before)}",
        "stages run by the sweep that went on": f"{after['stage_runs']}",
        "stages run twice": f"{len(before) + after['stage_runs'] - whole['stage_runs']}",
    }
    return "\n".join(
        [
            f"Machine: {where['machine']}; Python {where['python']}. Date: {where['time'][:10]}. "
            f"Collection: {sweep['dataset']['name']}, {sweep['dataset']['queries']} queries.",
            "",
            "| what | value |",
            "|---|---:|",
            *(f"| {what} | {value} |" for what, value in rows.items()),
        ]
    )


def _command(bench: Bench, folder: Path) -> list[str]:
    return [*ARDOISE, "eval", "sweep", str(bench.space), *bench.dataset, "--out", str(folder), "--json"]


def _home(bench: Bench, name: str) -> Path:
    """A home with models and embedded passages and nothing else."""
    folder = bench.scratch / f"home-{name}"
    for part in ("models", "cache"):
        if (bench.home / part).is_dir() and not (folder / part).exists():
            shutil.copytree(bench.home / part, folder / part)
    return folder


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "ARDOISE_HOME": str(home)}


def _sweep(bench: Bench, name: str) -> dict[str, Any]:
    environment = _environment(_home(bench, name))
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        _command(bench, bench.scratch / name),
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return {**json.loads(done.stdout), "wall": time.perf_counter() - start}


def _killed_and_resumed(bench: Bench) -> tuple[set[str], dict[str, Any]]:
    """The stages that were there when the sweep was killed, and what the next one did."""
    half = sum(1 for _ in (bench.scratch / "timed" / "stages").glob("*/*.npz")) // 2
    process = subprocess.Popen(  # noqa: S603 - our own command
        _command(bench, bench.scratch / "killed"),
        env=_environment(_home(bench, "killed")),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = bench.scratch / "killed" / "stages"
    while process.poll() is None and sum(1 for _ in folder.glob("*/*.npz")) < half:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path.stem for path in folder.glob("*/*.npz")}
    return before, _sweep(bench, "killed")


def _alone(bench: Bench, settings: dict[str, Any]) -> tuple[float, Path]:
    """Seconds and the folder of one configuration, run by a command of its own."""
    chosen = {**bench.fixed, **settings}
    pairs = [word for name, value in chosen.items() for word in ("--set", f"{name}={value}")]
    home = _home(bench, "alone")
    out = bench.scratch / "alone" / hashlib.sha256(json.dumps(settings).encode()).hexdigest()
    start = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own command
        [*ARDOISE, "eval", "run", *bench.dataset, "--out", str(out), "--json", *pairs],
        env=_environment(home),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.perf_counter() - start
    shutil.rmtree(home / "eval", ignore_errors=True)  # no index of one run is there for the next
    return seconds, out


def _within(bench: Bench, settings: dict[str, Any]) -> float:
    """Seconds of one configuration in this process."""
    from app.evaluation import evaluate_dataset
    from app.settings import load_settings
    from eval.beir import read_dataset

    home = _home(bench, "within")
    defaults = {"home": home, "chunking.chunker": "whole", "retrieval.reranker": "none"}
    start = time.perf_counter()
    chosen = load_settings(overrides={**defaults, **bench.fixed, **settings})
    asyncio.run(evaluate_dataset(chosen, read_dataset(bench.data, bench.split)))
    seconds = time.perf_counter() - start
    shutil.rmtree(home / "eval", ignore_errors=True)
    return seconds


def _stage_seconds(folder: Path, key: str) -> float:
    from eval.sweep.store import Store

    (path,) = (folder / "stages").glob(f"*/{key}.npz")
    return float(Store(folder).load(path.parent.name, key).facts["seconds"])


def _rows(folder: Path, configuration: str | None = None) -> dict[str, dict[str, float]]:
    """The scores of each query, with every digit."""
    from eval.table import NOT_MEASURES, read_table

    columns = read_table(folder, configuration=configuration)
    measures = [name for name in columns if name not in NOT_MEASURES]
    return {
        query: {name: columns[name][place] for name in measures}
        for place, query in enumerate(columns["query"])
    }


if __name__ == "__main__":
    main()
