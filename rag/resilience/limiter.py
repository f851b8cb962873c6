"""Adaptive concurrency: finds out how many calls at once a backend takes, and stays just below."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rag.errors import ModelUnavailable
from rag.resilience.deadline import Clock, Deadline

_CUT = 0.75  # of the limit is kept when the backend says that it is too much
_LONGEST_PAUSE_S = 600.0
_SLOW = 0.1  # of the usual growth, once near a limit that was refused before

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Slot:
    """A place for one call; ``epoch`` tells which limit it started under."""

    epoch: int


class AdaptiveLimiter:
    """Additive increase, multiplicative decrease (Chiu and Jain, 1989), with a memory of the last refusal.

    The limit grows by one a round while it is used, falls to three quarters at a refusal, and slows down
    below the level that was refused: so it settles there and probes above it only now and then. Refusals of
    calls that started before the last fall count no second time. After a refusal that names a time no call
    starts before it.
    """

    def __init__(
        self,
        name: str,
        start: int,
        most: int,
        waiting: int,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._name = name
        self._most = most
        self._waiting = waiting
        self._clock = clock
        self._sleep = sleep
        self._limit = float(start)
        self._refused_at = float("inf")
        self._epoch = 0
        self._in_flight = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._paused_until = 0.0

    @property
    def limit(self) -> int:
        """Calls that may run at once, as of now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """Calls that hold a slot."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """Calls that wait for a slot."""
        return len(self._queue)

    @asynccontextmanager
    async def slot(self, deadline: Deadline) -> AsyncIterator[Slot]:
        """A place for one call, in the order of arrival; waits also for the end of a pause.

        Raises:
            ModelUnavailable: the queue is full, or the pause lasts longer than the deadline.
            DeadlineExceeded: no place became free in time.
        """
        self._check_pause(deadline)
        async with deadline.limit(f"the wait for {self._name}"):
            await self._enter()
        try:
            while (pause := self._check_pause(deadline)) > 0:
                await self._sleep(pause)
            yield Slot(self._epoch)
        finally:
            self._in_flight -= 1
            self._wake()

    def grow(self) -> None:
        """A call went well: raises the limit by 1 / limit, if the limit is what holds calls back."""
        if self._in_flight < self.limit:
            return
        if self._limit > self._refused_at + 1:
            self._refused_at = float("inf")  # the backend takes more than it did
        pace = _SLOW if self._limit + 1 >= self._refused_at else 1.0
        self._limit = min(float(self._most), self._limit + pace / self._limit)

    def shrink(self, slot: Slot) -> None:
        """The call in ``slot`` was refused for coming on top of too many others."""
        if slot.epoch != self._epoch:
            return
        self._epoch += 1
        self._refused_at = self._limit
        self._limit = max(1.0, self._limit * _CUT)

    def pause(self, seconds: float) -> None:
        """Starts no call for so many seconds, ten minutes at most; those under way go on.

        Longer waits are not believed: a single absurd header would end the backend for this process.
        """
        self._paused_until = max(self._paused_until, self._clock() + min(seconds, _LONGEST_PAUSE_S))

    def _check_pause(self, deadline: Deadline) -> float:
        left = self._paused_until - self._clock()
        if left > deadline.remaining:
            raise ModelUnavailable(
                f"{self._name} asked for {left:.1f} s without calls, longer than this request has",
                left,
                "rate_limit",
            )
        return left

    async def _enter(self) -> None:
        if self._in_flight < self.limit and not self._queue:
            self._in_flight += 1
            return
        if len(self._queue) >= self._waiting:
            raise ModelUnavailable(
                f"{self._name}: {self._waiting} calls are waiting already", reason="queue_full"
            )
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._in_flight -= 1  # the place came in the moment in which its caller left
                self._wake()
            else:
                self._queue.remove(place)
            raise

    def _wake(self) -> None:
        while self._queue and self._in_flight < self.limit:
            place = self._queue.popleft()
            if not place.cancelled():
                self._in_flight += 1
                place.set_result(None)
