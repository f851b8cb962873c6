"""Single flight: of callers that want the same at once, one works and the others wait for what it makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from rag.resilience.deadline import Deadline

T = TypeVar("T")

PATIENCE = 0.5
"""Share of its time left that a caller waits for another one; the rest is for going alone."""


@dataclass(slots=True)
class Flight(Generic[T]):
    """``made`` is there when another caller made it; else the caller makes it, and may put it there."""

    made: T | None = None


class Flights(Generic[T]):
    """The work under way, by key."""

    def __init__(self) -> None:
        self._ahead: dict[str, asyncio.Future[Flight[T] | None]] = {}

    @asynccontextmanager
    async def join(self, key: str, deadline: Deadline) -> AsyncIterator[Flight[T]]:
        """The flight to ``key``: led by this caller, or already made by another.

        Who waits goes alone when the leader fails, makes nothing to share, or takes longer than half of
        the time that the waiter has left. When the leader is cancelled, one of those who wait leads: a
        client that hangs up costs the others nothing but time.
        """
        until = deadline.share(PATIENCE)
        while key in self._ahead:
            ahead = self._ahead[key]
            # ``wait`` leaves the future alone when this caller is cancelled or loses patience.
            await asyncio.wait([ahead], timeout=until.remaining)
            landed = ahead.result() if ahead.done() else Flight[T]()
            if landed is not None:
                yield Flight(landed.made)
                return
        async with self._lead(key) as flight:
            yield flight

    @asynccontextmanager
    async def _lead(self, key: str) -> AsyncIterator[Flight[T]]:
        mine: asyncio.Future[Flight[T] | None] = asyncio.get_running_loop().create_future()
        self._ahead[key], flight = mine, Flight[T]()
        landed: Flight[T] | None = None
        try:
            yield flight
            landed = flight
        except Exception:
            # Whatever it was, it is told to this caller; the others find out for themselves.
            landed = Flight()
            raise
        finally:
            del self._ahead[key]
            mine.set_result(landed)
