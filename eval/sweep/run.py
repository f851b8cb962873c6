"""A sweep from its plan to its folder."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.beir import Dataset
from eval.diagnosis import Diagnosis, Verdict, write_diagnosis
from eval.folder import environment, write_json
from eval.index import Progress
from eval.prices import one_currency
from eval.sweep.answer_result import AnswerReader, AnswerResult
from eval.sweep.asking import digest_of, read_asked
from eval.sweep.costs import expected_spending
from eval.sweep.diagnosing import Diagnoser
from eval.sweep.engine.base import Engine, Worked, work_off
from eval.sweep.kit import Kits
from eval.sweep.plan import KINDS, Plan, Stage, in_order, make_plan
from eval.sweep.result import Outcome, Reader, write_results
from eval.sweep.space import Space, Values
from eval.sweep.stages import Job, embedded
from eval.sweep.store import Claim, Store
from eval.sweep.timings import Timings
from rag.index.base import IndexStore

FORMAT = 1
"""Of the folder's files."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is swept, over what, with which parts, and where it is kept."""

    space: Space
    dataset: Dataset
    kits: Kits
    folder: Path
    timings: Path
    command: str = "ardoise eval sweep"
    indexes: Callable[[Path], IndexStore] = embedded

    def plan(self, configurations: Sequence[Values] | None = None) -> Plan:
        """The plan for all configurations of the space, or for some."""
        chosen = self.space.configurations() if configurations is None else configurations
        return make_plan(chosen, self.space.fixed, self.dataset, self.kits, self.space.asking)

    @property
    def store(self) -> Store:
        """Where artefacts are kept."""
        return Store(self.folder)

    @property
    def job(self) -> Job:
        """What the stages are computed with."""
        dataset, asking = self.dataset, self.space.asking
        return Job(dataset.folder, dataset.split, self.folder, self.kits, self.indexes, asking)

    @property
    def reader(self) -> Reader | AnswerReader:
        """What reads the results of configurations."""
        if self.space.asking:
            return AnswerReader(self.dataset, self.space, self.store, self.kits)
        return Reader(self.dataset, self.space, self.store)

    @property
    def unvaried(self) -> Values:
        """The settings that shape numbers and are no axis."""
        settings = self.kits({**self.space.fixed, **self.space.baseline}).settings
        return {name: value for name, value in settings.items() if name not in self.space.axes}

    @property
    def queries_digest(self) -> str:
        """A digest of the queries, or of the questions, and of what they are judged by."""
        dataset, asking = self.dataset, self.space.asking
        if asking is None:
            return dataset.judged_digest
        return digest_of(read_asked(dataset.folder, dataset.split, asking.questions))

    def claim(self) -> Claim:
        """Takes the folder for this sweep; raises as ``Claim`` does."""
        dataset = self.dataset
        unvaried = json.dumps(self.unvaried, sort_keys=True, default=str)
        identity = {
            "sweep": f"{self.space.name} {self.space.digest[:16]}",
            "dataset": f"{dataset.name} {dataset.digest[:16]}",
            "queries": f"{dataset.split} {self.queries_digest[:16]}",
            "other settings": hashlib.sha256(unvaried.encode()).hexdigest()[:16],
        }
        return Claim(self.folder, identity, self.command)


@dataclass(slots=True)
class Tally:
    """What was done for a sweep so far."""

    worked: Worked = field(default_factory=Worked)
    cached: int = 0
    seconds: float = 0.0


def estimate(sweep: Sweep, plan: Plan, workers: int) -> dict[str, Any]:
    """The plan as it is printed before the work: what there is to do, and what is known of its cost."""
    timings = Timings(sweep.timings, sweep.dataset)
    done = done_stages(sweep.store, plan)
    times = [timings.expected(stage) for stage in plan.stages.values() if stage.key not in done]
    known = [one for one in times if one is not None]
    return {
        "configurations": len(plan.configurations),
        "stages": plan.counts(),
        "stage_runs": len(times),
        "cached": len(done),
        "alike": plan.alike(),
        "repeats": sweep.space.repeats,
        "once": sum(len(one.repeats("generate")) == 1 for one in plan.configurations),
        "without_sharing": plan.without_sharing(),
        "expected_seconds": round(sum(known) / workers, 1) if len(known) == len(times) else None,
        **expected_spending(plan, done, sweep.dataset, sweep.space, sweep.kits),
    }


def done_stages(store: Store, plan: Plan) -> dict[str, float]:
    """The stages whose artefacts are there and whole, with the seconds that they took."""
    found = {key: store.facts(stage.kind, key) for key, stage in plan.stages.items()}
    return {key: float(facts["seconds"]) for key, facts in found.items() if facts is not None}


def work(sweep: Sweep, plan: Plan, engine: Engine, progress: Progress, tally: Tally) -> dict[str, str]:
    """Computes what a plan lacks; returns by key why stages have no result.

    Raises:
        StorageFull: no space is left; the same sweep goes on from what is finished.
    """
    start = time.perf_counter()
    done = done_stages(sweep.store, plan)
    timings = Timings(sweep.timings, sweep.dataset)
    stages = list(in_order(plan.stages))
    worked = work_off(stages, done, engine, sweep.job, progress, timings.expected)
    for key, seconds in worked.seconds.items():
        timings.add(plan.stages[key], seconds)
    if worked.seconds:
        timings.save()
    tally.worked.seconds |= worked.seconds
    tally.worked.failed |= worked.failed
    tally.cached += len(done)
    tally.seconds += time.perf_counter() - start
    return worked.failed


def finish(sweep: Sweep, plan: Plan, tally: Tally) -> dict[str, Any]:
    """Scores every configuration and writes the folder; returns the object of ``eval sweep --json``."""
    start = time.perf_counter()
    reader = sweep.reader
    results: list[Outcome] = [reader.result(one, tally.worked.failed) for one in plan.configurations]
    write_results(sweep.folder, results, sweep.dataset)
    write_diagnosis(sweep.folder, list(_diagnoses(sweep, results)))
    seconds = round(tally.seconds + time.perf_counter() - start, 3)
    done = done_stages(sweep.store, plan)
    write_json(sweep.folder, "sweep.json", _description(sweep, plan, tally, seconds, done))
    from eval.sweep_report import write_report

    report = write_report(sweep.folder)
    return {
        "configurations": len(results),
        "stage_runs": len(tally.worked.seconds),
        "cached": tally.cached,
        "seconds": seconds,
        "report": str(report),
        "best": _best(results, sweep.space.primary),
    }


def _diagnoses(sweep: Sweep, results: Sequence[Outcome]) -> Iterator[Diagnosis]:
    """What became of each query in each configuration; answers were diagnosed when they were made."""
    diagnoser: Diagnoser | None = None
    for one in results:
        if not one.means:
            name = one.configuration.id
            yield from (Diagnosis(name, query.id, Verdict.FAILED) for query in sweep.dataset.queries)
        elif isinstance(one, AnswerResult):
            yield from one.diagnoses()
        else:
            diagnoser = diagnoser or Diagnoser(sweep.dataset, sweep.store, sweep.kits, sweep.space.fixed)
            yield from diagnoser.diagnoses(one.configuration, False)


def _description(
    sweep: Sweep, plan: Plan, tally: Tally, seconds: float, done: Mapping[str, float]
) -> dict[str, Any]:
    dataset, space = sweep.dataset, sweep.space
    return {
        "format": FORMAT,
        "name": space.name,
        "command": sweep.command,
        "dataset": {
            "name": dataset.name,
            "split": dataset.split,
            "documents": dataset.size,
            "queries": len(dataset.queries),
            "corpus_sha256": dataset.digest,
            "queries_sha256": sweep.queries_digest,
        },
        "axes": {name: list(values) for name, values in space.axes.items()},
        "settings": dict(sweep.unvaried),
        "baseline": plan.configurations[0].id,
        "measures": list(space.measures),
        "primary": space.primary,
        "repeats": space.repeats,
        "judge": space.judge,
        "currency": one_currency(space.prices),
        "seconds": seconds,
        "stage_runs": len(tally.worked.seconds),
        "cached": tally.cached,
        "stage_seconds": _by_kind(plan.stages, done),
        "prices": {
            model: {
                "prompt": price.prompt,
                "completion": price.completion,
                "currency": price.currency,
                "date": price.date.isoformat(),
            }
            for model, price in space.prices.items()
        },
        "environment": environment(),
    }


def _by_kind(stages: Mapping[str, Stage], seconds: Mapping[str, float]) -> dict[str, float]:
    total = dict.fromkeys(KINDS, 0.0)
    for key, spent in seconds.items():
        total[stages[key].kind] += spent
    return {kind: round(spent, 3) for kind, spent in total.items() if spent}


def _best(results: Sequence[Outcome], primary: str) -> dict[str, Any] | None:
    """The configuration with the highest mean; of equals the first."""
    means = [one.means.get(primary) for one in results]
    known = {place: mean for place, mean in enumerate(means) if mean is not None}
    if not known:
        return None
    view = results[max(known, key=lambda place: known[place])].view()
    return {name: view[name] for name in ("id", "settings", "metrics", "latency_ms")}
