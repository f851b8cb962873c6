"""A circuit breaker: a backend that keeps failing is left alone, then tried by exactly one call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from rag.errors import ModelUnavailable
from rag.resilience.deadline import Clock

State = Literal["closed", "open", "half_open"]
Outcome = Literal["well", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to make one call; ``probe`` marks the one call that may close an open circuit."""

    probe: bool


class CircuitBreaker:
    """Opens after ``failures`` in a row, for ``open_s`` seconds; then one call probes.

    Each probe that fails doubles the time to the next, up to ``open_max_s``: a short outage is soon over,
    a long one costs few calls, and no fixed period falls in step with the outages of the backend. The
    pattern is Nygard's (*Release It!*).
    While the probe is under way all others are turned away, however many there are: ``admit`` has no
    ``await`` in it, so on one event loop no two callers can both become the probe.
    """

    def __init__(
        self, name: str, failures: int, open_s: float, open_max_s: float, clock: Clock = time.monotonic
    ) -> None:
        self._name = name
        self._limit = failures
        self._open_s = open_s
        self._open_max_s = open_max_s
        self._wait_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """``closed``: calls pass; ``open``: none does; ``half_open``: one may, or does, probe."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._wait() <= 0 else "open"

    def check(self) -> None:
        """Turns a caller away before it queues for nothing.

        Raises:
            ModelUnavailable: no call would be admitted now.
        """
        if self.state == "open" or self._probing:
            wait = max(self._wait(), 0.0)
            when = f"it is tried again in {wait:.1f} s" if wait else "one call is trying it now"
            raise ModelUnavailable(
                f"{self._name} is not asked after {self._failures} failures in a row: {when}",
                wait,
                "circuit_open",
            )

    def admit(self) -> Permit:
        """The right to one call, which the caller must give back to ``settle``; raises as ``check`` does."""
        self.check()
        self._probing = self.state == "half_open"
        return Permit(self._probing)

    def settle(self, permit: Permit, outcome: Outcome) -> None:
        """What became of an admitted call. An ``unknown`` probe (its caller left) leaves the next one to try.

        A late result of a call from before the circuit opened neither closes nor prolongs it.
        """
        if permit.probe:
            self._probing = False
        elif self._opened_at is not None:
            return
        if outcome == "well":
            self._failures, self._opened_at, self._wait_s = 0, None, self._open_s
        elif outcome == "failed":
            self._failures += 1
            if permit.probe:
                self._wait_s = min(2 * self._wait_s, self._open_max_s)
            if permit.probe or self._failures >= self._limit:
                self._opened_at = self._clock()

    def _wait(self) -> float:
        return 0.0 if self._opened_at is None else self._opened_at + self._wait_s - self._clock()
