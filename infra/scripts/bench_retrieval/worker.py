"""A system in a process of its own: it builds, then answers one numbered query at a time and says how long.

Lines of JSON over standard input and output. Each worker times itself, so that the pipe is not on the clock;
what a system prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Ask = Callable[[int], list[str]]
"""From the number of a query to the ids found, best first."""
Extra = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one query took, in milliseconds, and the ids found."""

    ms: float
    ids: tuple[str, ...]
    stages: Mapping[str, float]


def serve(build: Callable[[], Mapping[str, Ask]], stages: Callable[[], Mapping[str, float]] = dict) -> None:
    """The worker's side: builds, says so, and answers until its input ends.

    ``stages`` tells where the time of the last query went, where a system knows.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    start = time.perf_counter()
    systems = build()
    _write(answers, {"systems": list(systems), "seconds": time.perf_counter() - start})
    for line in sys.stdin:
        name, number = json.loads(line)
        start = time.perf_counter()
        ids = systems[name](number)
        ms = (time.perf_counter() - start) * 1000
        _write(answers, {"ms": ms, "ids": ids, "stages": stages()})


def _write(file: Any, value: Mapping[str, Any]) -> None:
    file.write(json.dumps(value) + "\n")
    file.flush()


class Worker:
    """The benchmark's side of a worker."""

    def __init__(self, command: list[str | Path], environment: Mapping[str, str]) -> None:
        """Starts it; it builds meanwhile."""
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(environment)
        )

    def ready(self) -> tuple[list[str], float]:
        """Waits until it is built: the names of its systems and the seconds that they took."""
        built = self._read()
        return built["systems"], built["seconds"]

    def ask(self, name: str, number: int) -> Answer:
        """One query to one of its systems."""
        assert self._process.stdin is not None  # noqa: S101 - as it was started
        self._process.stdin.write(json.dumps([name, number]) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        return Answer(answer["ms"], tuple(answer["ids"]), answer["stages"])

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - as it was started
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a system ended ({self._process.wait()}): the lines above say why")
        read: dict[str, Any] = json.loads(line)
        return read
