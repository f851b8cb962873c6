"""Time that moves when told: for what waits, retries and opens again."""

from __future__ import annotations


class ManualClock:
    """A clock in seconds; ``sleep`` moves it on at once and remembers how far."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
