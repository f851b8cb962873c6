"""The page of the retrieval benchmark: which aims there are, at which sizes, and when one is met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bench_retrieval import report as page
from bench_retrieval.worker import Answer

SPARSE = {"sparse: ours": 2.0, "sparse: rank-bm25": 100.0, "sparse: bm25s": 1.0}
OURS = {"ours": 10.0, "ours, 100 passages": 20.0, "bare": 5.0, "encoder": 40.0, "ours, embedding": 50.0}
PEER = "Haystack hybrid pipeline"


def run_of(ms: Mapping[str, float], size: int = 50_000) -> Any:
    """A run whose systems have these medians: each is asked three times, once far slower and once faster."""
    answers = {
        name: [Answer(of, ("a",), {}) for of in (median, median / 2, median * 9)]
        for name, median in ms.items()
    }
    return page.Run(size, {}, answers, 1.0)


def test_each_aim_is_a_ratio_of_medians_and_met_at_its_bound() -> None:
    assert page._checks(run_of(OURS | SPARSE, 5_000)) == [
        ("ours / bare call ≤ 2", 10 / 5, True),
        ("rank-bm25 / our sparse leg ≥ 50", 100 / 2, True),
        ("our sparse leg / bm25s ≤ 3", 2 / 1, True),
    ]


@pytest.mark.parametrize(
    ("name", "ms", "aim"),
    [
        ("ours", 10.01, "ours / bare call ≤ 2"),
        ("sparse: rank-bm25", 99.9, "rank-bm25 / our sparse leg ≥ 50"),
        ("sparse: ours", 3.01, "our sparse leg / bm25s ≤ 3"),
    ],
)
def test_just_beyond_its_bound_an_aim_is_missed(name: str, ms: float, aim: str) -> None:
    met = {told: met for told, _, met in page._checks(run_of(OURS | SPARSE | {name: ms}))}
    assert not met[aim]


def test_peers_are_judged_against_ten_passages_and_against_a_hundred() -> None:
    _, *checks = page._checks(run_of(OURS | {PEER: 1_500.0}))
    assert checks == [
        (f"{PEER} / ours ≥ 100", 1_500 / 10, True),
        ("the same, with embedding ≥ 20", (1_500 + 40) / 50, True),
        (f"{PEER} / ours, 100 passages ≥ 100", 1_500 / 20, False),
        ("the same, with embedding ≥ 20", (1_500 + 40) / (20 + 40), True),
    ]


def test_peers_are_judged_at_fifty_thousand_chunks_alone() -> None:
    for size in (5_000, 200_000):
        [check] = page._checks(run_of(OURS | {PEER: 1_500.0}, size))
        assert check[0] == "ours / bare call ≤ 2"


def test_a_store_that_is_not_in_memory_has_no_aim() -> None:
    [check] = page._checks(run_of(OURS | {"LangChain QdrantVectorStore": 1_500.0}))
    assert check[0] == "ours / bare call ≤ 2"


def test_the_table_has_a_row_for_each_aim_of_each_size_and_shouts_what_is_missed() -> None:
    runs = [run_of(OURS, 5_000), run_of(OURS | {PEER: 1_500.0})]
    assert page._aims(runs).splitlines() == [
        "| chunks | aim | measured | |",
        "|---:|---|---:|---|",
        "| 5,000 | ours / bare call ≤ 2 | 2.0 | met |",
        "| 50,000 | ours / bare call ≤ 2 | 2.0 | met |",
        f"| 50,000 | {PEER} / ours ≥ 100 | 150.0 | met |",
        "| 50,000 | the same, with embedding ≥ 20 | 30.8 | met |",
        f"| 50,000 | {PEER} / ours, 100 passages ≥ 100 | 75.0 | **missed** |",
        "| 50,000 | the same, with embedding ≥ 20 | 25.7 | met |",
    ]
