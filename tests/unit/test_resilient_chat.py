"""What the policy makes of a backend's failures: retried, waited for, or raised for the ladder to go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import (
    ArdoiseError,
    ContentFiltered,
    DeadlineExceeded,
    ModelCut,
    ModelRefused,
    ModelUnavailable,
    Outage,
    PromptTooLong,
)
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.resilient import ResilientChat
from rag.llm.scripted import Broken, Scripted, ScriptedChat
from rag.llm.tokens import estimate
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policy, PolicyLimits
from rag.resilience.retries import RetryBudget, full_jitter
from rag.telemetry.metrics import Metrics
from tests.clocks import ManualClock

LIMITS = PolicyLimits(retries=3, backoff_base_s=1.0, backoff_cap_s=3.0, failures=4, open_s=10.0, idle_s=5.0)


class Rig:
    """A scripted backend under a policy whose time and chance are in the test's hand (chance: the most)."""

    def __init__(
        self, script: Sequence[Scripted] | Callable[[ChatRequest], Scripted], limits: PolicyLimits = LIMITS
    ):
        self.clock, self.metrics, self.inner = ManualClock(), Metrics(), ScriptedChat(script)
        sleep = self.clock.sleep
        self.policy = Policy("scripted", limits, self.metrics, self.clock, sleep, lambda low, high: high)
        self.chat = ResilientChat(self.inner, self.policy)

    def request(self, seconds: float = 60.0) -> ChatRequest:
        return ChatRequest((Message("user", "?"),), Deadline.after(seconds, self.clock))

    async def say(self, how: str, seconds: float = 60.0) -> str:
        if how == "complete":
            return (await self.chat.complete(self.request(seconds))).text
        return "".join([delta.text async for delta in self.chat.stream(self.request(seconds))])


def down(reason: Outage = "server_error", retry_after_s: float | None = None) -> ModelUnavailable:
    return ModelUnavailable("scripted is down", retry_after_s, reason)


both_ways = pytest.mark.parametrize("how", ["complete", "stream"])


@both_ways
@pytest.mark.parametrize("reason", ["rate_limit", "server_error", "connection"])
async def test_what_may_pass_is_retried_with_a_wait_that_doubles_up_to_its_cap(
    how: str, reason: Outage
) -> None:
    rig = Rig([down(reason)] * 3 + ["answer"])
    assert await rig.say(how) == "answer"
    assert rig.clock.slept == [1.0, 2.0, 3.0]  # base · 2^n, capped; the test's chance draws the most
    assert rig.metrics.count("model_retries", model="scripted", reason=reason) == 3
    assert rig.metrics.count("model_calls", outcome="well") == 1


@both_ways
async def test_after_the_last_retry_the_failure_is_raised_and_says_how_often_it_was_tried(how: str) -> None:
    rig = Rig([down()] * 9)
    with pytest.raises(ModelUnavailable, match="after 3 retries"):
        await rig.say(how)
    assert len(rig.inner.requests) == 4


@both_ways
@pytest.mark.parametrize(
    "error",
    [
        down("broken"),
        down("silent"),
        ModelCut("cut"),
        ContentFiltered("withheld"),
        PromptTooLong("long"),
        ModelRefused("wrong key"),
        DeadlineExceeded("late"),
    ],
)
async def test_what_will_not_pass_is_raised_at_once(how: str, error: ArdoiseError) -> None:
    rig = Rig([error, "answer"])
    with pytest.raises(type(error)):
        await rig.say(how)
    assert len(rig.inner.requests) == 1


async def test_a_stream_that_has_begun_is_not_retried() -> None:
    rig = Rig([Broken("The KV ca", down("connection")), "answer"])
    with pytest.raises(ModelUnavailable):
        await rig.say("stream")
    assert len(rig.inner.requests) == 1


@both_ways
async def test_retry_after_is_waited_for_by_all_calls(how: str) -> None:
    rig = Rig([down("rate_limit", 7.0), "answer", "another"])
    assert await rig.say(how) == "answer"
    assert sum(rig.clock.slept) >= 7


@both_ways
async def test_a_retry_after_past_the_deadline_is_no_reason_to_wait_and_later_calls_do_not_even_ask(
    how: str,
) -> None:
    rig = Rig([down("rate_limit", 70.0), "answer"])
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as refused:
            await rig.say(how)
        assert refused.value.reason == "rate_limit"
    assert rig.clock.slept == []
    assert len(rig.inner.requests) == 1


@both_ways
@pytest.mark.parametrize("retries", [0, 1])
async def test_a_retry_after_holds_for_later_calls_when_no_retry_is_left_either(
    how: str, retries: int
) -> None:
    rig = Rig([down("rate_limit", 7.0)] * (1 + retries) + ["answer"], replace(LIMITS, retries=retries))
    with pytest.raises(ModelUnavailable):
        await rig.say(how)
    waited = sum(rig.clock.slept)
    assert await rig.say(how) == "answer"
    assert sum(rig.clock.slept) - waited == 7


async def test_a_retry_after_in_the_midst_of_a_stream_holds_for_later_calls() -> None:
    rig = Rig([Broken("The KV ca", down("server_error", 7.0)), "answer"])
    with pytest.raises(ModelUnavailable):
        await rig.say("stream")
    assert await rig.say("stream") == "answer"
    assert rig.clock.slept == [7]


async def test_retries_stay_within_their_share_of_the_calls() -> None:
    limits = PolicyLimits(retries=3, budget_share=0.1, budget_burst=5, failures=10_000, backoff_base_s=0.01)
    rig, requests = Rig(lambda _: down(), limits), 200
    for _ in range(requests):
        with pytest.raises(ModelUnavailable):
            await rig.say("complete")
    assert len(rig.inner.requests) <= requests * (1 + 0.1) + 5


async def test_a_backend_that_keeps_failing_is_no_longer_asked_then_tried_once() -> None:
    rig = Rig([down("broken")] * 4 + ["back"])
    for _ in range(6):
        with pytest.raises(ModelUnavailable):
            await rig.say("complete")
    assert len(rig.inner.requests) == 4
    rig.clock.now += 10
    assert await rig.say("complete") == "back"
    assert rig.metrics.count("model_gave_up", reason="circuit_open") == 2


@both_ways
async def test_after_a_count_that_failed_tokens_are_estimated_until_the_backend_has_replied(how: str) -> None:
    rig, asked, counts = Rig(["answer"]), [Message("user", "one two three")], [0]

    async def unanswered(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        counts[0] += 1
        raise down("connection")

    rig.inner.count_tokens = unanswered  # type: ignore[method-assign]
    for _ in range(3):
        assert await rig.chat.count_tokens(asked) == estimate(asked)
    assert counts == [1]
    await rig.say(how)
    assert await rig.chat.count_tokens(asked) == estimate(asked)
    assert counts == [2]


@pytest.mark.parametrize("count", [-1, 0, 10**9])
async def test_a_count_that_cannot_be_one_is_an_estimate(count: int) -> None:
    rig, asked = Rig(["answer"]), [Message("user", "one two three")]

    async def absurd(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        return TokenCount(count)

    rig.inner.count_tokens = absurd  # type: ignore[method-assign]
    assert await rig.chat.count_tokens(asked) == estimate(asked)


async def test_a_backend_that_is_left_alone_is_not_asked_for_tokens_either() -> None:
    rig = Rig(lambda _: down("broken"), PolicyLimits(failures=1))
    with pytest.raises(ModelUnavailable):
        await rig.say("complete")

    async def asked_all_the_same(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        raise AssertionError("the circuit is open")

    rig.inner.count_tokens = asked_all_the_same  # type: ignore[method-assign]
    asked = [Message("user", "one two three")]
    assert await rig.chat.count_tokens(asked) == estimate(asked)


async def test_the_window_is_the_backends_and_unknown_while_it_is_left_alone() -> None:
    rig = Rig(lambda _: down("broken"), PolicyLimits(failures=1))
    rig.inner.window = _window  # type: ignore[method-assign]
    assert await rig.chat.window() == 4096
    with pytest.raises(ModelUnavailable):
        await rig.say("complete")
    assert await rig.chat.window() is None


async def _window() -> int:
    return 4096


async def _half_open(gate: asyncio.Event, limits: PolicyLimits = LIMITS) -> Rig:
    """A backend that is back, but has opened its circuit; each call that reaches it waits at the gate."""
    rig = Rig([down("broken")] * limits.failures + ["back"] * 9, limits)
    for _ in range(limits.failures):
        with pytest.raises(ModelUnavailable):
            await rig.say("complete")
    rig.clock.now += limits.open_s
    rig.inner.requests.clear()
    complete, stream = rig.inner.complete, rig.inner.stream

    async def gated_complete(request: ChatRequest) -> ChatReply:
        reply = await complete(request)
        await gate.wait()
        return reply

    async def gated_stream(request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        async for delta in stream(request):
            await gate.wait()
            yield delta

    rig.inner.complete = gated_complete  # type: ignore[method-assign]
    rig.inner.stream = gated_stream  # type: ignore[method-assign]
    return rig


async def _some_turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@both_ways
async def test_of_100_concurrent_callers_one_probes_and_the_others_are_turned_away_at_once(how: str) -> None:
    # The probe takes the only place: who is not turned away before would queue behind it.
    gate = asyncio.Event()
    rig = await _half_open(gate, replace(LIMITS, start=1, most=1))
    callers = [asyncio.create_task(rig.say(how)) for _ in range(100)]
    await _some_turns()
    assert len(rig.inner.requests) == 1
    turned_away = [caller.exception() for caller in callers if caller.done()]
    assert [getattr(error, "reason", None) for error in turned_away] == ["circuit_open"] * 99
    gate.set()
    [probe] = [caller for caller in callers if not caller.done()]
    assert await probe == "back"
    assert rig.policy.breaker.state == "closed"
    assert await rig.say(how) == "back"


@both_ways
async def test_after_a_probe_whose_caller_left_the_next_one_probes(how: str) -> None:
    gate = asyncio.Event()
    rig = await _half_open(gate)
    leaving = asyncio.create_task(rig.say(how))
    await _some_turns()
    assert len(rig.inner.requests) == 1
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    gate.set()
    assert await rig.say(how) == "back"
    assert rig.policy.breaker.state == "closed"


@pytest.mark.parametrize("error", [down("rate_limit"), ModelRefused("no"), PromptTooLong("long")])
async def test_a_backend_that_limits_or_refuses_is_alive(error: ArdoiseError) -> None:
    rig = Rig(lambda _: error, PolicyLimits(retries=0, failures=2))
    for _ in range(5):
        with pytest.raises(type(error)):
            await rig.say("complete")
    assert rig.policy.breaker.state == "closed"


@both_ways
@pytest.mark.parametrize("useless", [ModelCut("endless", by_content=True), ContentFiltered("withheld")])
async def test_replies_that_are_no_use_neither_open_the_circuit_nor_close_it(
    how: str, useless: ModelCut
) -> None:
    limits = PolicyLimits(retries=0, failures=2)
    rig = Rig([useless] * 5 + [down("broken"), useless, down("broken")], limits)
    for number in range(8):
        with pytest.raises((ModelCut, ModelUnavailable)):
            await rig.say(how)
        assert rig.policy.breaker.state == ("open" if number == 7 else "closed")


async def test_callers_with_little_time_cannot_open_the_circuit_for_all() -> None:
    rig = Rig(lambda _: DeadlineExceeded("late"), PolicyLimits(failures=2))
    for _ in range(5):
        with pytest.raises(DeadlineExceeded):
            await rig.say("complete")
    assert rig.policy.breaker.state == "closed"


async def test_a_limit_that_was_met_lowers_the_number_of_calls_at_once() -> None:
    rig = Rig([down("rate_limit"), "answer"])
    before = rig.policy.limiter.limit
    await rig.say("complete")
    assert rig.policy.limiter.limit == before * 3 // 4


async def test_a_stream_that_is_left_gives_its_place_back() -> None:
    rig = Rig(["a long answer"])
    async with aclosing(rig.chat.stream(rig.request())) as deltas:
        await anext(deltas)
        assert rig.policy.limiter.in_flight == 1
    assert rig.policy.limiter.in_flight == 0


async def test_who_has_the_reply_holds_no_place() -> None:
    rig = Rig(["answer"])
    deltas = rig.chat.stream(rig.request())
    async for delta in deltas:
        if delta.reply is not None:
            break
    assert rig.policy.limiter.in_flight == 0
    assert rig.metrics.count("model_calls", outcome="well") == 1
    await deltas.aclose()


async def test_a_streams_silence_is_bounded_by_the_policy() -> None:
    rig = Rig(["answer"])
    await rig.say("stream")
    assert rig.inner.requests[0].idle_s == LIMITS.idle_s


@given(st.integers(1, 40), st.floats(0.01, 10), st.floats(0.01, 100), st.floats(0, 1))
def test_full_jitter_lies_between_nothing_and_the_doubled_base(
    retry: int, base: float, cap: float, x: float
) -> None:
    wait = full_jitter(retry, base, cap, lambda low, high: low + x * (high - low))
    assert 0 <= wait <= min(cap, base * 2.0 ** (retry - 1))


@given(st.lists(st.booleans(), max_size=300))
def test_a_budget_never_pays_for_more_than_burst_and_share(requests: list[bool]) -> None:
    budget, earned, spent = RetryBudget(0.1, 3), 0, 0
    for is_request in requests:
        if is_request:
            budget.earn()
            earned += 1
        else:
            spent += budget.spend()
    assert spent <= 3 + 0.1 * earned + 1e-9
