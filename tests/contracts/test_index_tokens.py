"""Token vectors in every index: late interaction with the chunks asked for, and with no other encoder's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.embedding.base import Vectors
from rag.errors import IndexMismatch
from rag.index.base import Index, Point, Tokens
from rag.index.filters import Filter
from rag.reranking.late_interaction import max_sim
from rag.types import SparseVector
from tests.contracts.index_suite import NAME, SERVER, chunk, dense, ids, opener, point, sparse, sweep

ENGLISH, OTHER = "all-MiniLM@53aa/fp32-onnx", "modèle: 2"
HALF = 2**-10
"""Error of a number below 1 in half precision, twice: the engine rounds the query as well."""


def unit(tokens: int, seed: int, dimension: int = 16) -> Vectors:
    """Directions all over the sphere, float32 ``[tokens, dimension]``."""
    made = np.random.default_rng(seed).standard_normal((tokens, dimension)).astype(np.float32)
    vectors: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return vectors


def tokened(number: int, encoder: str = ENGLISH, dimension: int = 16, seed: int | None = None) -> Point:
    vectors = unit(3 + number % 5, number if seed is None else seed, dimension).astype(np.float16)
    return replace(point(chunk(number), t1=1.0), tokens=Tokens(encoder, vectors))


def expected(query: Vectors, made: Point) -> float:
    assert made.tokens is not None
    return max_sim(query, made.tokens.vectors)


async def test_the_score_is_max_sim(index: Index) -> None:
    points = [tokened(n) for n in range(1, 40)]
    await index.upsert(points)
    query = unit(5, seed=99)
    found = await index.max_sim(query, ENGLISH, [one.chunk.id for one in points])
    assert {one.chunk_id: one.score for one in found} == pytest.approx(
        {one.chunk.id: expected(query, one) for one in points}, abs=HALF
    )
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


async def test_only_chunks_that_are_asked_for_and_there_are_scored(index: Index) -> None:
    await index.upsert([tokened(n) for n in range(1, 9)])
    asked = [chunk(n).id for n in (7, 2, 9)]
    assert sorted(ids(await index.max_sim(unit(2, 7), ENGLISH, [*asked, "no-uuid"]))) == [
        chunk(2).id,
        chunk(7).id,
    ]
    assert await index.max_sim(unit(2, 7), ENGLISH, []) == []


async def test_a_collection_without_token_vectors_answers_none(index: Index) -> None:
    await index.upsert([point(chunk(1), t1=1.0)])
    assert await index.max_sim(unit(2, 7), ENGLISH, [chunk(1).id]) == []


async def test_chunks_without_token_vectors_are_left_out(index: Index) -> None:
    await index.upsert([point(chunk(1)), tokened(2), point(chunk(3))])
    assert ids(await index.max_sim(unit(2, 7), ENGLISH, [chunk(n).id for n in (1, 2, 3)])) == [chunk(2).id]


@pytest.mark.parametrize("dimension", [16, 24])
async def test_vectors_of_two_encoders_are_never_mixed(index: Index, dimension: int) -> None:
    both = [tokened(1), tokened(2, OTHER, dimension, seed=1)]
    await index.upsert(both)
    asked = [one.chunk.id for one in both]
    assert ids(await index.max_sim(unit(2, 7), ENGLISH, asked)) == [chunk(1).id]
    assert ids(await index.max_sim(unit(2, 7, dimension), OTHER, asked)) == [chunk(2).id]
    assert await index.max_sim(unit(2, 7), "a third", asked) == []


async def test_an_update_replaces_token_vectors(index: Index) -> None:
    query, asked = unit(4, seed=99), [chunk(n).id for n in (1, 2, 3)]
    await index.upsert([tokened(n) for n in (1, 2, 3)])
    changed = tokened(1, seed=50)
    await index.upsert([changed, tokened(2, OTHER), point(chunk(3))])
    found = await index.max_sim(query, ENGLISH, asked)
    assert ids(found) == [chunk(1).id]
    assert found[0].score == pytest.approx(expected(query, changed), abs=HALF)
    assert ids(await index.max_sim(query, OTHER, asked)) == [chunk(2).id]


async def test_deleted_chunks_are_not_scored(index: Index) -> None:
    await index.upsert([tokened(n) for n in (1, 2)])
    await index.delete([chunk(1).id])
    assert ids(await index.max_sim(unit(2, 7), ENGLISH, [chunk(1).id, chunk(2).id])) == [chunk(2).id]


async def test_new_sparse_vectors_leave_token_vectors_as_they_are(index: Index) -> None:
    made, query = tokened(1), unit(4, seed=99)
    await index.upsert([made])
    await index.replace_sparse({made.chunk.id: SparseVector((2,), (0.5,))})
    [found] = await index.max_sim(query, ENGLISH, [made.chunk.id])
    assert found.score == pytest.approx(expected(query, made), abs=HALF)


async def test_both_legs_and_filters_find_chunks_with_and_without_token_vectors(index: Index) -> None:
    await index.upsert([point(chunk(1, tag="a"), t1=1.0), tokened(2), point(chunk(3, tag="b"), t2=1.0)])
    found = await index.search([dense(1, 0, 0), sparse(1)])
    assert [sorted(ids(leg)) for leg in found] == [
        [chunk(n).id for n in (1, 2, 3)],
        [chunk(n).id for n in (1, 2)],
    ]
    found = await index.search([dense(1, 0, 0), sparse(1)], Filter.of({"document_id": "doc-0"}))
    assert [ids(leg) for leg in found] == [[chunk(2).id]] * 2


async def test_points_come_back_with_their_token_vectors(index: Index) -> None:
    put = {one.chunk.id: one for one in (tokened(1), tokened(2, OTHER, 24), point(chunk(3), t1=1.0))}
    await index.upsert(list(put.values()))
    found = {one.chunk.id: one async for page in index.scan_points(batch=2) for one in page}
    assert found.keys() == put.keys()
    for key, one in found.items():
        before = put[key].tokens
        if before is None or one.tokens is None:
            assert one.tokens is before is None
        else:
            assert one.tokens.encoder == before.encoder
            np.testing.assert_array_equal(one.tokens.vectors, before.vectors)


async def test_token_vectors_of_another_length_are_refused_and_nothing_is_written(index: Index) -> None:
    await index.upsert([tokened(1)])
    with pytest.raises(IndexMismatch, match=r"of length 16, not 24"):
        await index.upsert([point(chunk(2)), tokened(3, dimension=24)])
    assert await index.count() == 1


@pytest.mark.parametrize("kind", ["edge", "folder", *SERVER])
async def test_token_vectors_are_there_again_after_close(kind: str, tmp_path: Path) -> None:
    open_store, query = opener(kind, tmp_path), unit(4, seed=99)
    store = open_store()
    index = await store.create(NAME, 3)
    await index.upsert([point(chunk(9), t1=1.0), tokened(1)])
    await index.close()
    await store.close()
    for number in (2, 3):  # written over what was there, twice: once into the place made, once read back
        store = open_store()
        index = await store.open(NAME)
        await index.upsert([tokened(number), tokened(number + 3, OTHER, 24)])
        found = await index.max_sim(query, ENGLISH, [chunk(n).id for n in range(1, 10)])
        assert {one.chunk_id: one.score for one in found} == pytest.approx(
            {chunk(n).id: expected(query, tokened(n)) for n in range(1, number + 1)}, abs=HALF
        )
        await index.close()
        await store.close()
    await sweep(open_store())
