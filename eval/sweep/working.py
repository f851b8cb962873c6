"""A stage from its description to its artefact."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from eval.sweep.answering import ANSWERING
from eval.sweep.plan import Stage
from eval.sweep.stages import RANKING, AtWork, Job
from eval.sweep.store import Artefact


def run_stage(stage: Stage, job: Job) -> float:
    """Computes a stage and keeps what it made; returns the seconds that it took.

    Raises:
        ArdoiseError: a part failed, or the artefact cannot be written.
    """
    start = time.perf_counter()
    at_work = AtWork.on(stage, job)
    if stage.kind in ANSWERING:
        arrays, facts = asyncio.run(ANSWERING[stage.kind](at_work))
    else:
        with _collector_at_rest():
            arrays, facts = asyncio.run(RANKING[stage.kind](at_work))
    seconds = round(time.perf_counter() - start, 4)
    facts = {"stage": stage.label, "what": stage.what, **facts, "seconds": seconds}
    at_work.store.save(stage.kind, stage.key, Artefact(arrays, facts))
    return seconds


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No search for cycles: rankings are hundreds of thousands of small objects that have none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
