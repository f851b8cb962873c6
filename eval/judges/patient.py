"""A chat model asked as a judge has to be: within limits, again when it is down, every call counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from rag.errors import ModelUnavailable
from rag.llm.base import ChatReply, ChatRequest
from rag.resilience.deadline import Deadline
from rag.types import Usage

Sleep = Callable[[float], Awaitable[None]]


class Completer(Protocol):
    """What a judge needs of a chat model: whole replies."""

    @property
    def name(self) -> str:
        """Backend and model."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """As ``ChatModel.complete``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a judge may be asked.

    ``concurrency`` calls at once, ``per_minute`` of them begun in a minute (evenly spaced), ``attempts`` for
    one reply. The wait before the second attempt is ``wait_s`` and doubles up to ``longest_wait_s``, or what
    the backend asks for where that is more. ``call_s`` seconds are for one attempt, waiting not counted.
    """

    concurrency: int = 8
    per_minute: int | None = None
    attempts: int = 4
    wait_s: float = 1.0
    longest_wait_s: float = 60.0
    call_s: float = 120.0


@dataclass(slots=True)
class Spent:
    """What judging took so far: calls that were made, replies from the cache, second attempts, tokens."""

    calls: int = 0
    cached: int = 0
    retries: int = 0
    usage: Usage = field(default_factory=Usage)

    def view(self) -> dict[str, int]:
        """As a JSON object."""
        return {
            "calls": self.calls,
            "cached": self.cached,
            "retries": self.retries,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
        }


class PatientChat:
    """Asks ``chat`` under ``limits``; ``spent`` counts.

    Only a backend that is down, slow, limited or broken (``ModelUnavailable``) is asked again. A wait that
    it asks for holds for every caller: the limit is the account's, not the call's.
    """

    def __init__(
        self,
        chat: Completer,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.spent = Spent()
        self._chat = chat
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._places = asyncio.Semaphore(self._limits.concurrency)
        self._next_start = clock()

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._chat.name

    def deadline(self) -> Deadline:
        """The deadline of an attempt that begins now."""
        return Deadline.after(self._limits.call_s, self._clock)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The reply; each attempt has a deadline of its own.

        Raises:
            ModelUnavailable: after the last attempt.
            ModelRefused, ModelCut, DeadlineExceeded: as the model raises them, at once.
        """
        for attempt in range(1, self._limits.attempts):
            try:
                return await self._attempt(request)
            except ModelUnavailable as error:
                self.spent.retries += 1
                wait = min(self._limits.wait_s * 2 ** (attempt - 1), self._limits.longest_wait_s)
                if error.retry_after_s is not None:
                    wait = max(wait, min(error.retry_after_s, self._limits.longest_wait_s))
                    self._next_start = max(self._next_start, self._clock() + wait)
                await self._sleep(wait)
        return await self._attempt(request)

    async def _attempt(self, request: ChatRequest) -> ChatReply:
        async with self._places:
            await self._turn()
            self.spent.calls += 1
            reply = await self._chat.complete(replace(request, deadline=self.deadline()))
        self.spent.usage += reply.usage
        return reply

    async def _turn(self) -> None:
        """Waits until one more call may begin."""
        start = max(self._next_start, self._clock())
        if self._limits.per_minute is not None:
            self._next_start = start + 60 / self._limits.per_minute
        if (wait := start - self._clock()) > 0:
            await self._sleep(wait)
