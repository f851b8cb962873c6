"""One policy around a backend: who may call, what a failure means for the next call, who may try again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from rag.errors import (
    ContentFiltered,
    DeadlineExceeded,
    ModelCut,
    ModelRefused,
    ModelUnavailable,
    PromptTooLong,
)
from rag.resilience.breaker import CircuitBreaker, Outcome, State
from rag.resilience.deadline import Clock, Deadline
from rag.resilience.limiter import AdaptiveLimiter, Sleep
from rag.resilience.retries import RetryBudget, full_jitter
from rag.telemetry.metrics import Metrics
from rag.types import Usage

RETRIED = ("rate_limit", "server_error", "connection")
"""Outages that a retry may get past; silence and unreadable replies have cost their time already."""


@dataclass(frozen=True, slots=True)
class PolicyLimits:
    """The numbers of a policy; times in seconds."""

    retries: int = 3
    backoff_base_s: float = 0.25
    backoff_cap_s: float = 8.0
    budget_share: float = 0.1
    budget_burst: float = 10.0
    idle_s: float = 15.0
    hedge_after_s: float | None = None
    start: int = 8
    most: int = 64
    waiting: int = 1024
    failures: int = 5
    open_s: float = 1.0
    open_max_s: float = 15.0


class Policy:
    """What all calls to one backend and model share: limiter, breaker, retry budget and metrics.

    Metrics, all by ``model``: calls by how they ended, retries and failures past them by reason, hedges by
    the call that was heard, tokens, the time to the first one; and as they are when they are looked at, the
    breaker's state and the limiter's places.
    """

    def __init__(
        self,
        name: str,
        limits: PolicyLimits,
        metrics: Metrics,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.limits = limits
        self.breaker = CircuitBreaker(name, limits.failures, limits.open_s, limits.open_max_s, clock)
        self.limiter = AdaptiveLimiter(name, limits.start, limits.most, limits.waiting, clock, sleep)
        self._budget = RetryBudget(limits.budget_share, limits.budget_burst)
        self._name = name
        self._metrics = metrics
        self._clock = clock
        self.sleep = sleep
        self._uniform = uniform
        self._show()

    def begin(self) -> float:
        """Notes a request, which earns its share of a retry; returns when that was, by the policy's clock."""
        self._budget.earn()
        return self._clock()

    @asynccontextmanager
    async def call(self, deadline: Deadline) -> AsyncIterator[None]:
        """Around one call of the backend: waits for a place, and learns from how the call ends.

        Raises:
            ModelUnavailable: the circuit is open, the queue is full or a pause outlasts the deadline.
            DeadlineExceeded: no place became free in time.
        """
        self.breaker.check()
        async with self.limiter.slot(deadline) as slot:
            permit = self.breaker.admit()
            began, label = self._clock(), "cancelled"
            outcome: Outcome = "unknown"
            try:
                yield
            except Exception as error:
                # Every kind is looked at and none is kept back.
                outcome, label = self._judged(error, began), failure_label(error)
                if label == "rate_limit":
                    self.limiter.shrink(slot)
                if isinstance(error, ModelUnavailable) and error.retry_after_s is not None:
                    # For all callers, and whether or not this one tries again.
                    self.limiter.pause(error.retry_after_s)
                raise
            else:
                outcome, label = "well", "well"
                self.limiter.grow()
            finally:
                self.breaker.settle(permit, outcome)
                self._metrics.model_calls.labels(self._name, label).inc()

    async def wait_to_retry(self, error: ModelUnavailable, retry: int, deadline: Deadline) -> None:
        """Waits before the ``retry``-th retry (from 1), as long as the backend asks or with full jitter.

        Raises:
            ModelUnavailable: ``error`` itself, where no retry can help or none is affordable.
        """
        if error.reason not in RETRIED or retry > self.limits.retries:
            raise self._given_up(error, retry)
        limits = self.limits
        wait = full_jitter(retry, limits.backoff_base_s, limits.backoff_cap_s, self._uniform)
        wait += error.retry_after_s or 0.0
        if wait >= deadline.remaining or not self._budget.spend():
            raise self._given_up(error, retry)
        self._metrics.model_retries.labels(self._name, error.reason).inc()
        await self.sleep(wait)

    def affords_hedge(self) -> bool:
        """Whether a second call may be made beside a slow one; takes its token of the retry budget.

        It takes a place that is free, never one that others wait for, and leaves a failing backend alone.
        """
        free = self.limiter.in_flight < self.limiter.limit
        return free and self.breaker.state == "closed" and self._budget.spend()

    def count_hedge(self, heard: Literal["first", "second"]) -> None:
        """Notes that two calls were made, and which of them was heard."""
        self._metrics.model_hedges.labels(self._name, heard).inc()

    def count_first_token(self, began: float) -> None:
        """Notes that the request that began then has its first words."""
        self._metrics.model_first_token_seconds.labels(self._name).observe(self._clock() - began)

    def count_usage(self, usage: Usage) -> None:
        """Notes what a reply has used."""
        self._metrics.model_tokens.labels(self._name, "prompt").inc(usage.prompt_tokens)
        self._metrics.model_tokens.labels(self._name, "completion").inc(usage.completion_tokens)

    def _show(self) -> None:
        """Lets the gauges ask this policy; a later one of the same name takes its place."""
        for state in get_args(State):
            gauge = self._metrics.model_breaker.labels(self._name, state)
            gauge.set_function(partial(self._is, state))
        self._metrics.model_limit.labels(self._name).set_function(lambda: self.limiter.limit)
        self._metrics.model_in_flight.labels(self._name).set_function(lambda: self.limiter.in_flight)
        self._metrics.model_waiting.labels(self._name).set_function(lambda: self.limiter.waiting)

    def _is(self, state: State) -> bool:
        return self.breaker.state == state

    def _given_up(self, error: ModelUnavailable, retry: int) -> ModelUnavailable:
        self._metrics.model_gave_up.labels(self._name, error.reason).inc()
        if retry == 1:
            return error
        tried = f"{error} (after {retry - 1} {'retry' if retry == 2 else 'retries'})"
        return ModelUnavailable(tried, error.retry_after_s, error.reason)

    def _judged(self, error: Exception, began: float) -> Outcome:
        """What a failure says of the backend's health.

        A backend that refuses or limits is alive. A reply of no use says nothing: else a prompt that makes
        the model ramble could open the circuit for all. Nor does a deadline, unless the backend had as long
        as it may be silent: callers with little time could open it as well.
        """
        match error:
            case ModelUnavailable(reason="rate_limit") | ModelRefused() | PromptTooLong():
                return "well"
            case ModelUnavailable() | ModelCut(by_content=False):
                return "failed"
            case DeadlineExceeded() if self._clock() - began >= self.limits.idle_s:
                return "failed"
            case _:
                return "unknown"


class Policies:
    """The policies of a system, one for each backend and model: all who ask it share its limits."""

    def __init__(self) -> None:
        self._kept: dict[str, Policy] = {}

    def of(self, name: str, limits: PolicyLimits, metrics: Metrics) -> Policy:
        """The policy of this name; made with these limits and metrics when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = Policy(name, limits, metrics)
        return self._kept[name]


def failure_label(error: Exception) -> str:
    """A failure in one word, for metrics and traces."""
    match error:
        case ModelUnavailable():
            return error.reason
        case ContentFiltered():
            return "filtered"
        case ModelCut():
            return "cut"
        case ModelRefused():
            return "refused"
        case PromptTooLong():
            return "prompt_too_long"
        case DeadlineExceeded():
            return "deadline"
        case _:
            return "error"
