"""An answer is given again only where it still holds, and only once is it made for all who ask at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from rag.answer.cache import build_answer_cache
from rag.answer.cache.answers import AnswerCache, question_key
from rag.answer.cache.base import Kept, Scope
from rag.answer.cache.flights import PATIENCE, Flights
from rag.answer.cache.memory import MemoryStore
from rag.errors import StorageError, UnknownChoice
from rag.resilience.deadline import Deadline
from rag.telemetry.metrics import Metrics
from rag.types import Answer, Citation, Degradation, Usage
from tests.fakes import HashingEmbedder

SCOPE = Scope("book", "v1", "model")
CITED = Citation(1, "c1", "d1", "d1", 0, 6, None, "quoted", True)
ANSWER = Answer("It is quoted [1].", (CITED,), usage=Usage(3, 4), timings={"total": 9.0})
QUESTION = "What does the KV cache store?"
FRESH_S = 60.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def cache_of(clock: Clock | None = None, **options: Any) -> AnswerCache:
    return AnswerCache(
        MemoryStore(100, 10 * FRESH_S, clock or Clock()), FRESH_S, clock=clock or Clock(), **options
    )


def soon() -> Deadline:
    return Deadline.after(20)


async def test_the_same_question_finds_the_answer_without_how_it_came_about() -> None:
    metrics = Metrics()
    cache = cache_of(metrics=metrics)
    assert await cache.find(SCOPE, QUESTION, soon()) is None
    await cache.keep(SCOPE, QUESTION, ANSWER, soon())
    found = await cache.find(SCOPE, "  what does the kv cache   STORE ", soon())
    assert found is not None
    assert (found.match, found.question) == ("exact", QUESTION)
    assert found.answer == replace(ANSWER, usage=Usage(), timings={})
    assert (
        metrics.count("answer_cache", outcome="miss") == metrics.count("answer_cache", outcome="exact") == 1
    )


@pytest.mark.parametrize(
    "other",
    [
        "What does the KV cache store not?",
        "What does the KV cache store 2?",
        "¿What does the KV cache store?",
    ],
)
def test_other_words_are_another_question(other: str) -> None:
    assert question_key(other) != question_key(QUESTION)


@pytest.mark.parametrize(
    "change",
    [
        {"abstained": True},
        {"degraded": (Degradation("m", "down"),)},
        {"grade": "other_model"},
        {"grade": "cached"},
        {"citations": ()},
    ],
)
async def test_what_is_less_than_a_whole_answer_is_not_kept(change: dict[str, Any]) -> None:
    cache = cache_of()
    await cache.keep(SCOPE, QUESTION, replace(ANSWER, **change), soon())
    assert await cache.find(SCOPE, QUESTION, soon(), stale=True) is None


async def test_an_answer_that_is_not_fresh_is_for_bad_times_only() -> None:
    clock = Clock()
    cache = cache_of(clock)
    await cache.keep(SCOPE, QUESTION, ANSWER, soon())
    clock.now += FRESH_S + 1
    assert await cache.find(SCOPE, QUESTION, soon()) is None
    found = await cache.find(SCOPE, QUESTION, soon(), stale=True)
    assert found is not None
    assert found.age_s == FRESH_S + 1


class TestByMeaning:
    async def test_a_near_question_finds_it_and_a_far_one_does_not(self) -> None:
        cache = cache_of(embedder=HashingEmbedder(), similarity=0.8)
        await cache.keep(SCOPE, QUESTION, ANSWER, soon())
        found = await cache.find(SCOPE, "And what does the KV cache store?", soon())
        assert found is not None
        assert found.match == "semantic"
        assert 0.8 <= found.similarity < 1
        assert found.question == QUESTION
        assert await cache.find(SCOPE, "Who bakes bread?", soon()) is None
        assert (
            await cache.find(replace(SCOPE, version="v2"), "And what does the KV cache store?", soon())
            is None
        )

    async def test_other_numbers_are_another_question_however_near(self) -> None:
        cache = cache_of(embedder=HashingEmbedder(), similarity=0.1)
        await cache.keep(SCOPE, "How large is the cache of 4,096 tokens?", ANSWER, soon())
        assert await cache.find(SCOPE, "How large is the cache of 32,768 tokens?", soon()) is None
        assert await cache.find(SCOPE, "How large is a cache of 4096 tokens?", soon()) is not None

    async def test_it_is_off_without_a_similarity(self) -> None:
        cache = build_answer_cache("memory", embedder=HashingEmbedder())
        await cache.keep(SCOPE, QUESTION, ANSWER, soon())
        assert await cache.find(SCOPE, "And what does the KV cache store?", soon()) is None
        assert await cache.find(SCOPE, QUESTION, soon()) is not None


class BrokenStore(MemoryStore):
    async def get(self, scope: Scope, key: str) -> Kept | None:
        raise StorageError("no store")

    async def put(self, scope: Scope, key: str, kept: Kept) -> None:
        raise StorageError("no store")

    async def forget(self, collection: str) -> None:
        raise StorageError("no store")


class SilentStore(MemoryStore):
    async def get(self, scope: Scope, key: str) -> Kept | None:
        await asyncio.Event().wait()
        return None


async def test_a_store_that_does_not_work_is_as_good_as_empty(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    cache = AnswerCache(BrokenStore(1, 1), FRESH_S, metrics=metrics)
    await cache.keep(SCOPE, QUESTION, ANSWER, soon())
    assert await cache.find(SCOPE, QUESTION, soon()) is None
    await cache.forget("book")
    assert metrics.count("answer_cache", outcome="unavailable") == 1
    assert len(caplog.records) == 3


async def test_a_silent_store_takes_a_small_share_of_the_time() -> None:
    deadline = Deadline.after(0.5)
    assert await AnswerCache(SilentStore(1, 1), FRESH_S).find(SCOPE, QUESTION, deadline) is None
    assert deadline.remaining > 0.2


def test_an_unknown_store_is_told() -> None:
    with pytest.raises(UnknownChoice, match="memory, redis"):
        build_answer_cache("disk")


class TestSingleFlight:
    async def test_one_makes_it_and_all_have_it(self) -> None:
        flights, gate, made = Flights[str](), asyncio.Event(), list[int]()

        async def ask(number: int) -> str:
            async with flights.join("k", soon()) as flight:
                if flight.made is None:
                    made.append(number)
                    await gate.wait()
                    flight.made = "it"
                return flight.made

        tasks = [asyncio.create_task(ask(number)) for number in range(100)]
        await settled()
        gate.set()
        assert await asyncio.gather(*tasks) == ["it"] * 100
        assert made == [0]

    async def test_other_keys_do_not_wait(self) -> None:
        flights = Flights[str]()
        async with flights.join("a", soon()), flights.join("b", soon()) as other:
            assert other.made is None

    async def test_when_the_leader_hangs_up_one_of_the_others_leads(self) -> None:
        flights, gate, led = Flights[str](), asyncio.Event(), list[int]()

        async def ask(number: int) -> str:
            async with flights.join("k", soon()) as flight:
                if flight.made is None:
                    led.append(number)
                    await gate.wait()
                    flight.made = f"by {number}"
                return flight.made

        tasks = [asyncio.create_task(ask(number)) for number in range(4)]
        await settled()
        tasks[0].cancel()
        await settled()
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        assert answers[1:] == ["by 1"] * 3
        assert led == [0, 1]

    @pytest.mark.parametrize("fails", [True, False])
    async def test_when_nothing_can_be_shared_all_go_alone_at_once(self, fails: bool) -> None:
        flights, gate, working = Flights[str](), asyncio.Event(), list[int]()

        async def ask(number: int) -> None:
            async with flights.join("k", soon()):
                working.append(number)
                await gate.wait()
                if number == 0 and fails:
                    raise StorageError("failed")

        tasks = [asyncio.create_task(ask(number)) for number in range(5)]
        await settled()
        assert working == [0]
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert sorted(working) == list(range(5))
        assert isinstance(answers[0], StorageError) is fails

    async def test_a_caller_in_a_hurry_does_not_wait_for_a_slow_leader(self) -> None:
        flights = Flights[str]()
        deadline = Deadline.after(0.2)
        async with flights.join("k", soon()), flights.join("k", deadline) as flight:
            assert flight.made is None
            assert 0 < deadline.remaining <= 0.2 * (1 - PATIENCE) + 0.01

    async def test_one_who_waits_may_hang_up_without_harm(self) -> None:
        flights, gate = Flights[str](), asyncio.Event()

        async def ask() -> str | None:
            async with flights.join("k", soon()) as flight:
                if flight.made is None:
                    await gate.wait()
                    flight.made = "it"
                return flight.made

        leader, waiter, other = (asyncio.create_task(ask()) for _ in range(3))
        await settled()
        waiter.cancel()
        await settled()
        gate.set()
        assert await leader == await other == "it"


async def settled() -> None:
    """Lets every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)
