"""A search through a space too large to try out: Optuna proposes, the shared stages answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eval.index import Progress
from eval.sweep.engine.base import Engine
from eval.sweep.plan import Plan
from eval.sweep.result import Outcome
from eval.sweep.run import Sweep, Tally, work
from eval.sweep.space import Space
from rag.errors import MissingExtra

if TYPE_CHECKING:
    import optuna

_PATIENCE = 20
"""Proposals, for each configuration wanted, that a constraint forbids or that were tried already."""


def explore(sweep: Sweep, trials: int, engine: Engine, progress: Progress, tally: Tally) -> Plan:
    """Tries the baseline and ``trials`` configurations more; returns the plan of those that were tried.

    Two objectives: the primary measure up, the median latency down (NSGA-II, Deb et al. 2002, with the seed
    of the space). Cost is no objective: it is often unknown. Again in the same folder, the
    search takes the same way, since measured times are kept with the stages.

    Raises:
        MissingExtra: Optuna is not installed.
        StorageFull: as ``work``.
    """
    study = _study(sweep.space)
    reader = sweep.reader
    tried = [dict(sweep.space.baseline)]
    work(sweep, sweep.plan(tried), engine, progress, tally)
    wanted = min(trials + 1, len(sweep.space.configurations()))
    for _ in range(trials * _PATIENCE):
        if len(tried) >= wanted:
            break
        trial = study.ask()
        values = {
            name: choices[trial.suggest_int(name, 0, len(choices) - 1)]
            for name, choices in sweep.space.axes.items()
        }
        if not all(rule.allows(values) for rule in sweep.space.rules):
            study.tell(trial, state=_pruned())
            continue
        if values not in tried:
            tried.append(values)
        number = tried.index(values)
        plan = sweep.plan(tried)
        one = replace(plan, configurations=plan.configurations[number : number + 1])
        failed = work(sweep, _only(one), engine, progress, tally)
        result = reader.result(plan.configurations[number], failed)
        _tell(study, trial, result, sweep.space.primary)
    return sweep.plan(tried)


def _only(plan: Plan) -> Plan:
    keys = {key for one in plan.configurations for key in one.stages.values()}
    return replace(plan, stages={key: stage for key, stage in plan.stages.items() if key in keys})


def _study(space: Space) -> optuna.Study:
    try:
        import optuna
    except ModuleNotFoundError:
        raise MissingExtra("--search", "optuna", "sweep") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.NSGAIISampler(population_size=10, seed=space.seed)
    return optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)


def _pruned() -> Any:
    import optuna

    return optuna.trial.TrialState.FAIL


def _tell(study: optuna.Study, trial: optuna.Trial, result: Outcome, primary: str) -> None:
    quality = result.means.get(primary)
    if quality is None or result.latency is None:
        study.tell(trial, state=_pruned())
    else:
        study.tell(trial, [quality, result.latency["p50"]])
