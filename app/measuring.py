"""What each request leaves in the metrics: what came of it, how long it took, which parts it did without."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from agents.events import Done, Event, Token
from rag.errors import ArdoiseError
from rag.telemetry.metrics import Metrics
from rag.types import Degradation

_PARTS = frozenset({"agent", "citations", "dense", "expansion", "reranker", "sparse"})
_BACKENDS = frozenset({"mistral", "vllm"})


class Outcome:
    """What comes of one request; ``label`` until something does: its client has left."""

    def __init__(self, metrics: Metrics) -> None:
        self.label = "left"
        self._metrics = metrics
        self._began = time.perf_counter()
        self._silent = True

    @property
    def seconds(self) -> float:
        """Since the request began."""
        return time.perf_counter() - self._began

    def found(self, stages_ms: Mapping[str, float], degraded: Iterable[Degradation]) -> None:
        """A search has its hits."""
        self._ends("found", stages_ms, degraded)

    def saw(self, event: Event) -> None:
        """An answer is on its way, or there."""
        if isinstance(event, Token) and self._silent:
            self._silent = False
            self._metrics.first_token_seconds.observe(self.seconds)
        if isinstance(event, Done):
            label = "waiting" if event.waiting else event.answer.grade
            self._ends(label, event.answer.timings, event.answer.degraded)

    def _ends(self, label: str, stages_ms: Mapping[str, float], degraded: Iterable[Degradation]) -> None:
        self.label = label
        for stage, ms in stages_ms.items():
            if stage != "total":
                self._metrics.stage_seconds.labels(stage).observe(ms / 1000)
        for part in {_part(one.part) for one in degraded}:
            self._metrics.degraded.labels(part).inc()


@contextmanager
def measured(metrics: Metrics, request: Literal["ask", "search"]) -> Iterator[Outcome]:
    """Around one request, which is counted when it ends, however it ends."""
    outcome = Outcome(metrics)
    metrics.requests_in_flight.inc()
    try:
        yield outcome
    except ArdoiseError as error:
        outcome.label = type(error).__name__
        raise
    except Exception:
        # Whatever it is goes on to whoever answers the caller.
        outcome.label = "failed"
        raise
    finally:
        metrics.requests_in_flight.dec()
        metrics.requests.labels(request, outcome.label).inc()
        metrics.request_seconds.labels(request).observe(outcome.seconds)


def _part(name: str) -> str:
    """A part by its kind: a model can call a tool by any name, so names alone would be no short list."""
    if name.partition(":")[0] in _BACKENDS:
        return "model"
    return name if name in _PARTS else "tool"
