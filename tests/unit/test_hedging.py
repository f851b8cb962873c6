"""A second call beside a slow one: made only where it can be spared, and one of the two is heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from rag.answer.answerer import Answerer
from rag.errors import ArdoiseError, ModelUnavailable
from rag.llm import build_chat_model
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message
from rag.llm.extractive import ExtractiveChat
from rag.llm.resilient import ResilientChat
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policy, PolicyLimits
from rag.telemetry.metrics import Metrics
from rag.types import Chunk, Hit
from tests.clocks import ManualClock
from tests.fakes import HASHED, HashingEmbedder
from tests.servers.provider import KEY, TEXT, Provider, running_provider

AFTER_S = 2.0
HEDGING = PolicyLimits(hedge_after_s=AFTER_S, retries=0)
PATIENT = replace(HEDGING, idle_s=100.0)  # where real time passes, on machines that may be busy


@dataclass
class Call:
    """What one call says, or fails with, once ``when`` is set."""

    says: str | ArdoiseError
    when: asyncio.Event | None = None


class Racing(ScriptedChat):
    """Carries out ``calls`` in their order and remembers which of them were cancelled."""

    def __init__(self, *calls: Call) -> None:
        super().__init__([])
        self._calls = calls
        self.cancelled: list[int] = []

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        number = len(self.requests)
        self.requests.append(request)
        call = self._calls[number]
        try:
            if call.when is not None:
                await call.when.wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        if isinstance(call.says, ArdoiseError):
            raise call.says
        yield ChatDelta(call.says)
        yield ChatDelta(reply=ChatReply(call.says, "stop", self.name))


class Rig:
    """A racing backend under a policy whose waits are over at once, or never where ``patient``."""

    def __init__(self, *calls: Call, limits: PolicyLimits = HEDGING, patient: bool = False) -> None:
        self.clock, self.metrics, self.inner = ManualClock(), Metrics(), Racing(*calls)
        sleep = _never if patient else self.clock.sleep
        self.policy = Policy("scripted", limits, self.metrics, self.clock, sleep)
        self.chat = ResilientChat(self.inner, self.policy)

    def request(self) -> ChatRequest:
        return ChatRequest((Message("user", "?"),), Deadline.after(60, self.clock))

    async def reply(self) -> ChatReply:
        deltas = [delta async for delta in self.chat.stream(self.request())]
        reply = deltas[-1].reply
        assert reply is not None
        assert "".join(delta.text for delta in deltas) == reply.text
        return reply


async def _never(_seconds: float) -> None:
    await asyncio.Event().wait()


async def _some_turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what it waits for are steps of the code under test
        await asyncio.sleep(0)


def silent() -> Call:
    return Call("", asyncio.Event())


def down() -> ModelUnavailable:
    return ModelUnavailable("down", reason="connection")


async def test_a_call_that_is_slow_to_begin_is_cancelled_once_a_second_one_speaks() -> None:
    rig = Rig(silent(), Call("second"))
    reply = await rig.reply()
    assert (reply.text, reply.hedged) == ("second", True)
    assert rig.clock.slept == [AFTER_S]
    assert rig.inner.cancelled == [0]
    assert rig.policy.limiter.in_flight == 0
    assert rig.metrics.count("model_hedges", model="scripted", heard="second") == 1
    assert [rig.metrics.count("model_calls", outcome=outcome) for outcome in ("cancelled", "well")] == [1, 1]


async def test_the_loser_has_left_its_place_by_the_time_the_winner_is_heard() -> None:
    rig = Rig(silent(), Call("second"))
    async with aclosing(rig.chat.stream(rig.request())) as deltas:
        await anext(deltas)
        assert rig.inner.cancelled == [0]
        assert rig.policy.limiter.in_flight == 1
    assert rig.policy.limiter.in_flight == 0


async def test_a_call_that_begins_in_time_stays_alone() -> None:
    rig = Rig(Call("first"), patient=True)
    reply = await rig.reply()
    assert (reply.text, reply.hedged) == ("first", False)
    assert rig.metrics.count("model_hedges") == 0
    await _some_turns()
    assert asyncio.all_tasks() == {asyncio.current_task()}  # the timer's is none of them


async def test_nothing_is_timed_unless_the_settings_say_after_how_long() -> None:
    rig = Rig(Call("first"), limits=PolicyLimits())
    await rig.reply()
    assert rig.clock.slept == []


async def test_the_first_call_is_heard_when_it_speaks_before_the_second() -> None:
    gate = asyncio.Event()
    rig = Rig(Call("first", gate), silent())
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: len(rig.inner.requests) == 2)
    gate.set()
    assert (await asked).text == "first"
    assert rig.inner.cancelled == [1]
    assert rig.metrics.count("model_hedges", heard="first") == 1


async def test_a_second_call_that_fails_leaves_the_word_to_the_first() -> None:
    gate = asyncio.Event()
    rig = Rig(Call("first", gate), Call(down()))
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: rig.metrics.count("model_calls", outcome="connection") == 1)
    await _some_turns()
    assert not asked.done()
    gate.set()
    assert (await asked).text == "first"


async def test_when_both_fail_the_failure_is_raised_and_no_place_is_held() -> None:
    gate = asyncio.Event()
    rig = Rig(Call(down(), gate), Call(down()))
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: rig.metrics.count("model_calls", outcome="connection") == 1)
    gate.set()
    with pytest.raises(ModelUnavailable):
        await asked
    assert rig.policy.limiter.in_flight == 0


async def test_a_caller_that_leaves_ends_both_calls() -> None:
    rig = Rig(silent(), silent())
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: len(rig.inner.requests) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert sorted(rig.inner.cancelled) == [0, 1]
    assert rig.policy.limiter.in_flight == 0


@pytest.mark.parametrize(
    "limits", [replace(HEDGING, start=1, most=1), replace(HEDGING, budget_share=0, budget_burst=0)]
)
async def test_no_second_call_is_made_without_a_free_place_and_a_retry_to_spend(limits: PolicyLimits) -> None:
    rig = Rig(silent(), Call("second"), limits=limits)
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: AFTER_S in rig.clock.slept)
    await _some_turns()
    assert len(rig.inner.requests) == 1
    assert rig.policy.limiter.waiting == 0  # nor does one wait for its place
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def test_a_probe_stays_alone() -> None:
    gate = asyncio.Event()
    rig = Rig(Call(down()), Call("back", gate), limits=replace(HEDGING, failures=1))
    with pytest.raises(ModelUnavailable):
        await rig.reply()
    rig.clock.now += HEDGING.open_s
    rig.clock.slept.clear()
    asked = asyncio.create_task(rig.reply())
    await _until(lambda: AFTER_S in rig.clock.slept)
    await _some_turns()
    gate.set()
    reply = await asked
    assert (reply.text, reply.hedged) == ("back", False)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.mark.socket
@pytest.mark.parametrize("backend", ["mistral", "vllm"])
async def test_over_the_wire_the_second_call_answers_and_the_trace_says_so(
    provider: Provider, backend: str
) -> None:
    embedder, clock = HashingEmbedder(), ManualClock()
    wired = build_chat_model(
        backend, embedder=embedder, model=f"slow-first-{backend}", api_key=KEY, server_url=provider.url
    )
    chat = ResilientChat(wired, Policy(backend, PATIENT, Metrics(), clock, clock.sleep))
    text = "The KV cache grows with the context."
    hits = [Hit(Chunk("c1", "d1", text, 0, len(text), metadata={"language": "en"}), 1.0)]
    said: list[str] = []
    answer = await Answerer(ExtractiveChat(embedder, HASHED)).answer(
        "Why does it grow?", hits, chat, "en", Deadline.after(100), on_token=said.append
    )
    await chat.close()
    assert "".join(said) == answer.text
    assert answer.text.startswith(TEXT[:20])
    rung = {"model": wired.name, "outcome": "answered", "hedged": True, "prompt_tokens": {}}
    assert [one | {"prompt_tokens": {}} for one in answer.trace[-1].detail["rungs"]] == [rung]
