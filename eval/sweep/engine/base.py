"""The contract of an engine, and the order of work that all engines share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from eval.index import Progress
from eval.sweep.plan import Stage
from eval.sweep.stages import Job
from rag.errors import ArdoiseError, StorageFull


class Engine(Protocol):
    """Computes stages; the result of each is the seconds that it took."""

    @property
    def places(self) -> int:
        """How many stages it computes at a time."""

    def submit(self, stage: Stage, job: Job) -> Future[float]:
        """Starts a stage; the future carries what ``run_stage`` raises."""

    def close(self) -> None:
        """Waits for what runs, and lets go."""


@dataclass(slots=True)
class Worked:
    """Seconds of the stages that ran, and why others have no result, both by key."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def work_off(
    stages: Iterable[Stage],
    done: Iterable[str],
    engine: Engine,
    job: Job,
    progress: Progress,
    expected: Callable[[Stage], float | None] = lambda _: None,
) -> Worked:
    """Computes every stage that is not ``done``, each once and after its inputs.

    A stage that fails takes down those that need it, and no other. ``stages`` come in an order in which
    inputs go before; ``expected`` is the seconds that a stage may take, for the time left.

    Raises:
        StorageFull: no space is left; what is finished stays.
    """
    ready, worked = set(done), Worked()
    waiting = {stage.key: stage for stage in stages if stage.key not in ready}
    total, running = len(waiting), dict[Future[float], Stage]()
    start = time.perf_counter()
    while waiting or running:
        _give_up(waiting, worked.failed)
        for stage in _startable(waiting, ready, running.values(), engine.places - len(running)):
            del waiting[stage.key]
            running[engine.submit(stage, job)] = stage
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            stage = running.pop(future)
            try:
                worked.seconds[stage.key] = future.result()
                ready.add(stage.key)
            except StorageFull:
                raise
            except ArdoiseError as error:
                worked.failed[stage.key] = f"{stage.label} ({stage.what}): {type(error).__name__}: {error}"
            left = _time_left([*waiting.values(), *running.values()], expected, engine.places)
            spent = time.perf_counter() - start
            told = f"{stage.label}, {spent:.0f} s" + (
                f", about {left:.0f} s left" if left is not None else ""
            )
            progress(told, total - len(waiting) - len(running), total)
    return worked


def _startable(
    waiting: Mapping[str, Stage], ready: set[str], running: Iterable[Stage], places: int
) -> list[Stage]:
    held = {key for stage in running for key in stage.holds}
    chosen: list[Stage] = []
    for stage in waiting.values():
        if len(chosen) >= places:
            break
        if held.isdisjoint(stage.holds) and ready.issuperset(stage.inputs.values()):
            chosen.append(stage)
            held |= stage.holds
    return chosen


def _give_up(waiting: dict[str, Stage], failed: dict[str, str]) -> None:
    """Takes out stages whose inputs failed; in their order, so that one pass reaches all."""
    for stage in list(waiting.values()):
        lost = [key for key in stage.inputs.values() if key in failed]
        if lost:
            failed[stage.key] = failed[lost[0]]
            del waiting[stage.key]


def _time_left(
    stages: Iterable[Stage], expected: Callable[[Stage], float | None], places: int
) -> float | None:
    total = 0.0
    for stage in stages:
        seconds = expected(stage)
        if seconds is None:
            return None
        total += seconds
    return total / places
