"""``ardoise eval sweep``: many configurations over one collection, which share their stages."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, err, errors_told, out, print_json
from app.evaluation import evaluation_home, settings_prices
from app.settings import load_settings
from app.sweeping import SettingsChecks, SettingsKits
from eval.beir import read_dataset
from eval.prices import one_currency
from eval.sweep.asking import asked_dataset, check_gold
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
    """Try every configuration of a sweep on a collection; stages that they share run once.

    Measures of answers need a questions.jsonl beside the collection.
    """
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
    kits, settings = SettingsKits(), load_settings()
    data = read_dataset(dataset, split)
    space = read_space(file, SettingsChecks(kits, dataset))
    # The file knows best, since it is kept with what it describes.
    space = replace(space, prices={**settings_prices(settings), **space.prices})
    if space.asking:
        kits = kits.answering()
        data = asked_dataset(data, space.questions)
        check_gold(data, space.questions)
        one_currency(space.prices)
    home = evaluation_home(settings)
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
            *_repeats_told(planned),
            *_asked_told(planned),
        ]
    )


def _repeats_told(planned: Mapping[str, Any]) -> list[str]:
    """How often the same is tried, and where that would say nothing."""
    repeats, once = planned["repeats"], planned["once"]
    if repeats == 1:
        return []
    only = f"; {once} run once, since without a model they come out alike each time" if once else ""
    return [f"repeats   {repeats} of each configuration{only}"]


def _asked_told(planned: Mapping[str, Any]) -> list[str]:
    """What models will be asked, and what that costs."""
    if not planned["calls"]:
        return ["cost      unknown: nothing here is paid by the token"]
    cost = planned["expected_cost"]
    price = "unknown: a model has no price in the file or in the settings"
    if cost:
        price = f"about {cost['amount']:,.4g} {cost['currency']}, with prices of {cost['priced']}"
    tokens = f"{planned['prompt_tokens']:,} tokens of prompts, {planned['completion_tokens']:,} of replies"
    return [f"calls     about {planned['calls']:,}: {tokens}", f"cost      {price}"]


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
