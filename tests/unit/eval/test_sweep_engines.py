"""Stages computed elsewhere come to what one process computes, and each is computed once."""

from pathlib import Path

import pytest

from eval.beir import read_dataset
from eval.sweep.engine import build_engine
from eval.sweep.result import Reader
from eval.sweep.run import Sweep, Tally, work
from rag.errors import UnknownChoice
from tests.unit.eval.sweep_parts import make_sweep, swept, write_random_collection


def test_two_processes_come_to_the_same_rankings_as_one(tmp_path: Path) -> None:
    dataset = read_dataset(write_random_collection(tmp_path / "data", 0, documents=12))
    axes = {"mode": ("hybrid", "sparse")}
    one, two = (make_sweep(tmp_path / name / "sweep", dataset, axes) for name in ("one", "two"))
    swept(one)
    engine, tally = build_engine("local", 2), Tally()
    try:
        work(two, two.plan(), engine, lambda *_: None, tally)
    finally:
        engine.close()
    assert not tally.worked.failed
    assert sorted(tally.worked.seconds) == sorted(two.plan().stages)
    assert rankings(two) == rankings(one)


def rankings(sweep: Sweep) -> list[list[dict[str, float]]]:
    reader = Reader(sweep.dataset, sweep.space, sweep.store)
    return [
        [dict(ranking.documents) for ranking in reader.result(configuration, {}).rankings]
        for configuration in sweep.plan().configurations
    ]


def test_an_engine_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="spark"):
        build_engine("spark", 1)
