"""Stages on a Ray cluster, whose nodes share the folder of the sweep and of the data set."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from eval.sweep.plan import Stage
from eval.sweep.stages import Job
from eval.sweep.working import run_stage
from rag.errors import ArdoiseError, MissingExtra


class RayEngine:
    """Sends each stage to the cluster that ``RAY_ADDRESS`` names, or to one started on this machine."""

    def __init__(self, places: int) -> None:
        """Connects to the cluster.

        Raises:
            MissingExtra: Ray is not installed.
        """
        try:
            import ray
        except ModuleNotFoundError:
            raise MissingExtra("the engine ray", "ray", "ray") from None
        self.places = places
        self._ray: Any = ray
        self._own = not ray.is_initialized()
        if self._own:
            ray.init(include_dashboard=False, log_to_driver=False)
        self._run = ray.remote(run_stage)

    def submit(self, stage: Stage, job: Job) -> Future[float]:
        """The stage, computed on some node; the future carries the stage's own error."""
        sent: Future[float] = self._run.remote(stage, job).future()
        told: Future[float] = Future()
        sent.add_done_callback(lambda future: _tell(future, told))
        return told

    def close(self) -> None:
        """Leaves the cluster."""
        if self._own:
            self._ray.shutdown()


def _tell(sent: Future[float], told: Future[float]) -> None:
    error = sent.exception()
    cause = getattr(error, "cause", None)
    if error is None:
        told.set_result(sent.result())
    else:
        told.set_exception(cause if isinstance(cause, ArdoiseError) else error)
