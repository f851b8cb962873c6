"""How long to wait before a retry, and how many retries a process may afford."""

from __future__ import annotations

from collections.abc import Callable


def full_jitter(retry: int, base_s: float, cap_s: float, uniform: Callable[[float, float], float]) -> float:
    """Seconds before the ``retry``-th retry (from 1): uniform between 0 and ``base_s * 2^(retry-1)``, capped.

    "Full jitter" of Brooker, *Exponential Backoff and Jitter* (AWS Architecture Blog, 2015): callers that
    failed together do not come back together.
    """
    return uniform(0.0, min(cap_s, base_s * 2.0 ** (retry - 1)))


class RetryBudget:
    """A token bucket that calls fill and retries empty, so that retries stay a share of the calls.

    A backend that is down is then asked ``1 + share`` times as often as one that is well, not several times.
    ``burst`` tokens lie in it at the start and at most.
    """

    def __init__(self, share: float, burst: float) -> None:
        self._share = share
        self._burst = burst
        self._tokens = burst

    def earn(self) -> None:
        """A first call was made."""
        self._tokens = min(self._burst, self._tokens + self._share)

    def spend(self) -> bool:
        """Whether one retry more is affordable; takes its token."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
