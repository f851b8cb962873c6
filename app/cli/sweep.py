"""``ardoise eval sweep``: many configurations over one collection, which share their stages."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, err, errors_told, out, print_json
from app.evaluation import evaluation_home
from app.settings import load_settings
from app.sweeping import SettingsChecks, SettingsKits
from eval.beir import read_dataset
from eval.sweep.engine import build_engine
from eval.sweep.file import read_space
from eval.sweep.run import Sweep, Tally, estimate, finish, work
from eval.sweep.search import explore


def sweep(
    file: Annotated[Path, typer.Argument(help="A YAML file: axes, constraints, baseline, measures.")],
    dataset: Annotated[Path, typer.Option(help="A BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv.")],
    split: Annotated[str | None, typer.Option(help="Reads queries_SPLIT.jsonl and qrels_SPLIT.tsv.")] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder of the sweep, which goes on from what is there.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or ray for a cluster.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Stages at a time. [default: half of the cores]")
    ] = None,
    search: Annotated[
        int | None, typer.Option(min=1, help="Try this many configurations, chosen by Optuna, not all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and do nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Try every configuration of a sweep on a collection; stages that they share run once."""
    with errors_told():
        made = _sweep(file, dataset, split, out_dir)
        places = workers or max(1, (os.cpu_count() or 1) // 2)
        plan = made.plan()
        planned = estimate(made, plan, places)
        if dry_run:
            print_json(planned) if as_json else out.print(_plan_told(planned), markup=False)
            return
        err.print(_plan_told(planned), markup=False)
        claim = made.claim()
        try:
            with progress_bar() as bar:
                task = bar.add_task(made.space.name, total=None)

                def told(stage: str, done: int, total: int) -> None:
                    bar.update(task, description=stage, completed=done, total=total)

                running = build_engine(engine, places)
                try:
                    tally = Tally()
                    if search:
                        plan = explore(made, search, running, told, tally)
                    else:
                        work(made, plan, running, told, tally)
                finally:
                    running.close()
            view = finish(made, plan, tally)
        finally:
            claim.release()
    if as_json:
        print_json(view)
    else:
        out.print(_result_told(view, made.space.primary), markup=False)


def _sweep(file: Path, dataset: Path, split: str | None, folder: Path | None) -> Sweep:
    kits = SettingsKits()
    space = read_space(file, SettingsChecks(kits))
    data = read_dataset(dataset, split)
    home = evaluation_home(load_settings())
    name = "-".join(part for part in (space.name, data.name, split) if part)
    return Sweep(
        space,
        data,
        kits,
        folder or home / "sweeps" / name,
        home / "sweep_timings.json",
        shlex.join(["ardoise", *sys.argv[1:]]),
    )


def _plan_told(planned: Mapping[str, Any]) -> str:
    seconds = planned["expected_seconds"]
    known = "unknown: some kinds of stage were never timed here"
    time = known if seconds is None else f"about {seconds:.0f} s"
    stages = ", ".join(f"{count} {kind}" for kind, count in planned["stages"].items())
    same = planned["alike"]
    alike = f", {same} the same as another: a constraint can leave them out" if same else ""
    return "\n".join(
        [
            f"{planned['configurations']} configurations{alike}",
            f"stages    {planned['without_sharing']} if each ran by itself",
            f"shared    {stages}",
            f"to run    {planned['stage_runs']}, {planned['cached']} are there already",
            f"time      {time}",
            "cost      unknown: nothing here is paid by the token",
        ]
    )


def _result_told(view: Mapping[str, Any], primary: str) -> str:
    best = view["best"]
    found = "no configuration has a result" if best is None else f"{primary} {best['metrics'][primary]:.4f}"
    values = "" if best is None else ", ".join(f"{name}={value}" for name, value in best["settings"].items())
    return "\n".join(
        [
            f"{view['configurations']} configurations in {view['seconds']:.1f} s",
            f"stages    {view['stage_runs']} run, {view['cached']} were there already",
            f"best      {found}  {values}",
            f"report    {view['report']}",
        ]
    )
