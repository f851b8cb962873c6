"""The limiter finds a backend's limit, stays below it, and makes callers wait in order and within bounds."""

from __future__ import annotations

import asyncio

import pytest

from rag.errors import DeadlineExceeded, ModelUnavailable
from rag.resilience.deadline import Deadline
from rag.resilience.limiter import AdaptiveLimiter, Slot
from tests.clocks import ManualClock

LONG = 60.0


def limiter(clock: ManualClock, start: int = 2, most: int = 64, waiting: int = 8) -> AdaptiveLimiter:
    return AdaptiveLimiter("mistral:m", start, most, waiting, clock, clock.sleep)


async def test_no_more_than_the_limit_run_at_once_and_the_others_in_their_order() -> None:
    clock = ManualClock()
    gate, limits, order, most = asyncio.Event(), limiter(clock), list[int](), 0

    async def caller(number: int) -> None:
        nonlocal most
        async with limits.slot(Deadline.after(LONG, clock)):
            order.append(number)
            most = max(most, limits.in_flight)
            await gate.wait()

    callers = [asyncio.create_task(caller(number)) for number in range(6)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*callers)
    assert (order, most, limits.in_flight) == (list(range(6)), 2, 0)


async def test_a_full_queue_turns_callers_away() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=1, waiting=0)
    async with limits.slot(Deadline.after(LONG, clock)):
        with pytest.raises(ModelUnavailable) as refused:
            async with limits.slot(Deadline.after(LONG, clock)):
                pytest.fail("it got a place")
    assert refused.value.reason == "queue_full"


async def test_who_waits_too_long_or_leaves_takes_no_place_away() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=1)
    async with limits.slot(Deadline.after(LONG, clock)):
        with pytest.raises(DeadlineExceeded, match="the wait for mistral:m"):
            async with limits.slot(Deadline.after(0.01)):
                pytest.fail("it got a place")
    assert limits.in_flight == 0
    async with limits.slot(Deadline.after(LONG, clock)):
        assert limits.in_flight == 1


async def test_a_caller_that_leaves_as_its_place_comes_passes_it_on() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=1)

    async def caller() -> None:
        async with limits.slot(Deadline.after(LONG, clock)):
            pass

    async with limits.slot(Deadline.after(LONG, clock)):
        waiting = asyncio.create_task(caller())
        await asyncio.sleep(0)
    waiting.cancel()  # its place was given in the line above
    await asyncio.gather(waiting, return_exceptions=True)
    assert limits.in_flight == 0


async def test_during_a_pause_no_call_starts_and_who_cannot_wait_is_told_at_once() -> None:
    clock = ManualClock()
    limits = limiter(clock)
    limits.pause(7)
    with pytest.raises(ModelUnavailable, match=r"7\.0 s without calls") as refused:
        async with limits.slot(Deadline.after(5, clock)):
            pytest.fail("it started")
    assert (refused.value.reason, refused.value.retry_after_s) == ("rate_limit", 7)
    async with limits.slot(Deadline.after(LONG, clock)):
        assert clock.slept == [7]


async def test_an_absurd_pause_lasts_ten_minutes() -> None:
    clock = ManualClock()
    limits = limiter(clock)
    limits.pause(99_999_999_999)
    async with limits.slot(Deadline.after(1000, clock)):
        assert clock.slept == [600]


async def test_the_limit_grows_by_one_a_round_while_it_is_used_and_not_when_idle() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=4)
    for _ in range(100):
        async with limits.slot(Deadline.after(LONG, clock)):
            limits.grow()
    assert limits.limit == 4
    await rounds(limits, clock, 1, capacity=64)
    assert limits.limit == 4  # 4 + 4 · 1/4, each step by a limit that has grown: a little less than 5
    await rounds(limits, clock, 1, capacity=64)
    assert limits.limit == 5


async def rounds(
    limits: AdaptiveLimiter, clock: ManualClock, count: int, capacity: int
) -> list[tuple[int, int]]:
    """So many rounds of as many calls as fit, against a backend of ``capacity``: (calls, refused) of each."""
    done = []
    for _ in range(count):
        calls, slots = limits.limit, list[Slot]()
        entered = [limits.slot(Deadline.after(LONG, clock)) for _ in range(calls)]
        slots = [await slot.__aenter__() for slot in entered]
        for place, slot in enumerate(slots):
            limits.grow() if place < capacity else limits.shrink(slot)
        for one in entered:
            await one.__aexit__(None, None, None)
        done.append((calls, max(0, calls - capacity)))
    return done


@pytest.mark.parametrize("capacity", [3, 20, 50])
async def test_it_settles_under_the_backends_limit(capacity: int) -> None:
    clock = ManualClock()
    limits = limiter(clock, start=8)
    await rounds(limits, clock, 200, capacity)
    settled = await rounds(limits, clock, 200, capacity)
    calls, refused = (sum(column) for column in zip(*settled, strict=True))
    assert refused / calls <= 0.05
    assert calls >= 0.8 * 200 * capacity
    assert max(calls for calls, _ in settled) <= capacity + 1


async def test_refusals_of_one_burst_lower_the_limit_once() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=16)
    await rounds(limits, clock, 1, capacity=0)
    assert limits.limit == 16 * 3 // 4


async def test_the_limit_never_falls_below_one_nor_rises_past_its_bound() -> None:
    clock = ManualClock()
    limits = limiter(clock, start=4, most=6)
    await rounds(limits, clock, 50, capacity=0)
    assert limits.limit == 1
    await rounds(limits, clock, 200, capacity=64)
    assert limits.limit == 6
