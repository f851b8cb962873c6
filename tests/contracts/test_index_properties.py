"""What holds for every index whatever is put in: filters never leak, statistics are never stale."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.index.base import Point
from rag.index.filters import Filter
from tests.contracts.index_suite import (
    NAME,
    OpenStore,
    chunk,
    dense,
    ids,
    point,
    sparse,
    sweep,
)

KEYS = ["tag", "a.b", 'q"', "é=1", "é", "tenant"]
DATES = ["2024-02-29", "2024-02-29T23:59:59Z", "2024-03-01T01:00+02:00", "2023-12-31", "2024-13-01"]
VALUES = ["x", "1=x", '["', "É", "1.5", 1, 2, 1.5, -3, True, 2**60, *DATES]
FIELDS = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from(VALUES) | st.lists(st.sampled_from(VALUES), max_size=3)
)
EQUAL = st.lists(st.sampled_from([*VALUES, "1", "doc-1"]), min_size=1, max_size=2)
SIGNS = st.sampled_from(["gte", "gt", "lte", "lt"])
RANGE = st.dictionaries(
    SIGNS, st.sampled_from([1, "1.5", 2, -3.5]), min_size=1, max_size=3
) | st.dictionaries(
    SIGNS, st.sampled_from(["2024-02-29", "2024-03-01T00:00", "2024-01-01"]), min_size=1, max_size=3
)
WANTED = st.dictionaries(
    st.sampled_from([key for key in (*KEYS, "document_id") if '"' not in key]),
    EQUAL | RANGE,
    min_size=1,
    max_size=2,
)


def test_a_filter_holds_on_each_leg(open_store: OpenStore) -> None:
    with asyncio.Runner() as runner:
        store = open_store()
        index = runner.run(store.create(NAME, 3))

        @settings(deadline=None, max_examples=60)
        @given(chunks=st.lists(FIELDS, min_size=1, max_size=6), wanted=WANTED)
        @example(chunks=[{"é=1": "x"}], wanted={"é": ["1=x"]})
        @example(chunks=[{"tag": "2024-02-29T23:59:59Z"}], wanted={"tag": {"lte": "2024-02-29"}})
        @example(chunks=[{"tag": [1, 2]}], wanted={"tag": {"gt": 1, "lt": 2}})
        def holds(chunks: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
            made = [chunk(n, **fields) for n, fields in enumerate(chunks, start=1)]
            condition = Filter.of(wanted)
            assert condition is not None
            passing = [one.id for one in made if condition.accepts(one)]
            runner.run(index.delete([chunk(n).id for n in range(1, 7)]))
            runner.run(index.upsert([point(one, t1=1.0) for one in made]))
            found = runner.run(index.search([dense(1, 0, 0), sparse(1)], condition))
            assert [sorted(ids(leg)) for leg in found] == [passing, passing]
            assert runner.run(index.count(condition)) == len(passing)

        holds()
        runner.run(index.close())
        runner.run(sweep(store))


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["upsert", "delete", "replace_sparse"]),
        st.integers(1, 8),
        st.dictionaries(st.sampled_from(["t1", "t2", "t3"]), st.sampled_from([0.25, 0.5, 1.0])),
    ),
    min_size=1,
    max_size=12,
)


def test_after_any_changes_the_scores_are_those_of_a_fresh_index(open_store: OpenStore) -> None:
    with asyncio.Runner() as runner:
        store = open_store()
        index = runner.run(store.create(NAME, 3))
        asked = [sparse(1), sparse(2, 3), sparse(1, 2, 3)]

        @settings(deadline=None, max_examples=15)
        @given(changes=CHANGES)
        def same(changes: list[tuple[str, int, dict[str, float]]]) -> None:
            runner.run(index.delete([chunk(n).id for n in range(1, 9)]))
            alive: dict[str, Point] = {}
            for change, number, terms in changes:
                made = point(chunk(number), (1, 0, 0), **terms)
                if change == "delete":
                    alive.pop(made.chunk.id, None)
                    runner.run(index.delete([made.chunk.id]))
                elif change == "upsert":
                    alive[made.chunk.id] = made
                    runner.run(index.upsert([made]))
                else:
                    if made.chunk.id in alive:
                        alive[made.chunk.id] = made
                    runner.run(index.replace_sparse({made.chunk.id: made.sparse}))
            fresh = runner.run(store.create(f"{NAME}-fresh", 3))
            runner.run(fresh.upsert(list(alive.values())))
            expected = runner.run(fresh.search(asked))
            runner.run(fresh.close())
            runner.run(store.drop(f"{NAME}-fresh"))
            # One rounding in float32 is no staleness: the engine sums in the order in which it stored.
            for found, wanted in zip(runner.run(index.search(asked)), expected, strict=True):
                assert dict(found) == pytest.approx(dict(wanted), rel=1e-6)

        same()
        runner.run(index.close())
        runner.run(sweep(store))
