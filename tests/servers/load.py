"""A provider's limits and outages under load, written into the model's name.

``load:at=20,ms=100,tokens=8,retry=1`` takes 20 requests at a time, answers 429 past it with
``Retry-After: 1``, and takes 100 ms for a reply of 8 tokens, in equal steps. ``down=0.3,burst=2`` answers 503
for 30% of the time, in bursts of 2 s at the start of each period, from the model's first request on.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Self

PREFIX = "load:"


@dataclass(frozen=True, slots=True)
class Load:
    """The numbers in a model's name; ``at`` 0 means no limit."""

    at: int = 0
    ms: float = 0.0
    tokens: int = 8
    retry: int = 1
    down: float = 0.0
    burst: float = 1.0

    @classmethod
    def of(cls, model: str) -> Self:
        pairs = (pair.split("=") for pair in model.removeprefix(PREFIX).split(",") if pair)
        return cls(**{name: int(v) if name in ("at", "tokens", "retry") else float(v) for name, v in pairs})  # type: ignore[arg-type]

    def is_down(self, seconds: float) -> bool:
        """Whether the model is down so many seconds after its first request."""
        return self.down > 0 and seconds % (self.burst / self.down) < self.burst

    async def pace(self) -> None:
        """The time that one token takes."""
        if self.ms:
            await asyncio.sleep(self.ms / 1000 / self.tokens)


@dataclass(slots=True)
class Gauge:
    """What a model under load has seen: requests now, at most, answered, refused (429) and failed (503)."""

    began: float
    now: int = 0
    peak: int = 0
    answered: int = 0
    refused: int = 0
    failed: int = 0

    @classmethod
    def fresh(cls) -> Self:
        return cls(time.monotonic())

    @property
    def age(self) -> float:
        """Seconds since the first request."""
        return time.monotonic() - self.began
