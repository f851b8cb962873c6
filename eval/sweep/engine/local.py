"""Stages on this machine: one after the other in this process, or several at a time in others."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor

from eval.sweep.plan import Stage
from eval.sweep.stages import Job
from eval.sweep.working import run_stage


class Inline:
    """Computes a stage while it is submitted: models are loaded once, and nothing disturbs the times."""

    places = 1

    def submit(self, stage: Stage, job: Job) -> Future[float]:
        """The finished stage."""
        future: Future[float] = Future()
        try:
            future.set_result(run_stage(stage, job))
        except Exception as error:  # noqa: BLE001 - the future carries it to whoever asks for the result
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Nothing is held."""


class Processes:
    """A bounded pool of processes; each loads the models that its stages need."""

    def __init__(self, places: int) -> None:
        self.places = places
        # Not forked: a copy of a process that has threads and loaded models may hang.
        self._pool = ProcessPoolExecutor(places, mp_context=multiprocessing.get_context("spawn"))

    def submit(self, stage: Stage, job: Job) -> Future[float]:
        """The stage, computed by the next process that is free."""
        return self._pool.submit(run_stage, stage, job)

    def close(self) -> None:
        """Waits for the stages under way and drops those that have not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)
