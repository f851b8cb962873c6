"""The benchmark of an outage: every client meets the same questions at the same times, more than once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

import bench_generation as bench
from rag.llm.base import ChatModel

SECONDS, RATE, SEEDS = 30.0, 10.0, 3


async def test_all_clients_of_an_outage_get_the_same_arrivals_which_differ_by_the_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came: dict[str, list[Sequence[float]]] = {}
    asked_of: set[str] = set()

    async def outage(bare: ChatModel, client: str, times: Sequence[float]) -> tuple[Any, int]:
        came.setdefault(client, []).append(times)
        asked_of.add(bare.name)
        survey = bench.Survey(bare, ladder=False)
        survey.grades["full"], survey.times = len(times), [0.0] * len(times)
        await bare.close()
        return survey, len(times)

    monkeypatch.setattr(bench, "outage", outage)
    table = await bench.availability("http://127.0.0.1:1", SECONDS, RATE, SEEDS)
    first, *others = came.values()
    assert [first] * 3 == others
    assert len({tuple(times) for times in first}) == SEEDS
    assert len(asked_of) == 4 * SEEDS  # each with an outage of its own
    assert all(times[0] == 0 and max(times) < SECONDS for times in first)
    mean = sum(map(len, first)) / SEEDS
    assert abs(mean - SECONDS * RATE) < 4 * math.sqrt(SECONDS * RATE / SEEDS)  # Poisson: variance is the mean
    assert table.count("100.0% [100.0%, 100.0%]") == 4


def test_an_interval_is_that_of_students_t() -> None:
    half = 4.302653 * 0.1 / math.sqrt(3)  # t(0.975; 2), s = 0.1, n = 3
    assert bench._interval([0.5, 0.6, 0.7], ".4f") == f"0.6000 [{0.6 - half:.4f}, {0.6 + half:.4f}]"
