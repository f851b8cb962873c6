"""A backend that keeps failing is left alone, and exactly one call finds out whether it is back."""

from __future__ import annotations

import asyncio

import pytest

from rag.errors import ModelUnavailable
from rag.resilience.breaker import CircuitBreaker, Outcome
from tests.clocks import ManualClock

FAILING: tuple[Outcome, ...] = ("failed", "failed", "failed")
FAILURES, OPEN_S, OPEN_MAX_S = len(FAILING), 10.0, 25.0


def breaker(clock: ManualClock, failures: int = FAILURES) -> CircuitBreaker:
    return CircuitBreaker("mistral:m", failures, OPEN_S, OPEN_MAX_S, clock)


def call(circuit: CircuitBreaker, *outcomes: Outcome) -> None:
    for outcome in outcomes:
        circuit.settle(circuit.admit(), outcome)


def state(circuit: CircuitBreaker) -> str:
    return circuit.state


def opened(clock: ManualClock) -> CircuitBreaker:
    circuit = breaker(clock)
    call(circuit, *FAILING)
    return circuit


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    circuit = breaker(ManualClock())
    call(circuit, "failed", "failed", "well", "failed", "failed")
    assert state(circuit) == "closed"
    call(circuit, "failed")
    assert state(circuit) == "open"


def test_while_open_callers_are_told_who_is_left_alone_why_and_how_long() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    clock.now += OPEN_S - 4
    with pytest.raises(ModelUnavailable, match=r"mistral:m .* 3 failures in a row.* 4\.0 s") as refused:
        circuit.admit()
    assert refused.value.reason == "circuit_open"
    assert refused.value.retry_after_s == 4


async def test_of_100_concurrent_callers_exactly_one_probes() -> None:
    clock = ManualClock()
    circuit, gate = opened(clock), asyncio.Event()
    clock.now += OPEN_S
    admitted = turned_away = 0

    async def caller() -> None:
        nonlocal admitted, turned_away
        try:
            permit = circuit.admit()
        except ModelUnavailable:
            turned_away += 1
            return
        admitted += 1
        await gate.wait()
        circuit.settle(permit, "well")

    callers = [asyncio.create_task(caller()) for _ in range(100)]
    await asyncio.sleep(0)
    assert (admitted, turned_away) == (1, 99)
    gate.set()
    await asyncio.gather(*callers)
    assert state(circuit) == "closed"


def test_each_probe_that_fails_doubles_the_wait_up_to_its_bound_and_success_forgets_it() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    for wait in (OPEN_S, 2 * OPEN_S, OPEN_MAX_S, OPEN_MAX_S):
        clock.now += wait - 1
        assert state(circuit) == "open"
        clock.now += 1
        assert state(circuit) == "half_open"
        call(circuit, "failed")
    clock.now += OPEN_MAX_S
    call(circuit, "well", *FAILING)
    clock.now += OPEN_S
    assert state(circuit) == "half_open"


def test_a_probe_whose_caller_left_leaves_the_next_one_to_try() -> None:
    clock = ManualClock()
    circuit = opened(clock)
    clock.now += OPEN_S
    call(circuit, "unknown", "well")
    assert state(circuit) == "closed"


def test_late_results_of_calls_from_before_change_nothing() -> None:
    clock = ManualClock()
    circuit = breaker(clock)
    late = [circuit.admit() for _ in range(2)]
    call(circuit, "failed", "failed", "failed")
    circuit.settle(late[0], "well")
    assert state(circuit) == "open"
    clock.now += OPEN_S
    circuit.settle(late[1], "failed")
    assert state(circuit) == "half_open"
