"""One suite for every index: Qdrant Edge, the Qdrant client's local mode, and the server of QDRANT_URL."""

from __future__ import annotations

import math
import uuid
from pathlib import Path

import numpy as np
import pytest

from rag.errors import BadInput, IndexMismatch, NotFound, StorageError
from rag.index.base import Index, IndexStore, Leg
from rag.index.filters import Filter
from rag.types import Chunk, SparseVector
from tests.contracts.index_suite import (
    NAME,
    SERVER,
    chunk,
    dense,
    idf,
    ids,
    opener,
    point,
    sparse,
    sweep,
)


async def test_a_chunk_comes_back_as_it_was_put_in(index: Index) -> None:
    whole = Chunk(
        id=str(uuid.UUID(int=1)),
        document_id="handbook/où.md",
        text="Élan 𝛼\n",
        start=5,
        end=12,
        headings=("A", "B"),
        page=3,
        parent_id="p",
        metadata={"tags": ["x", "y"], "language": "fr", "deep": {"n": None, "ok": True}, "ratio": 0.25},
    )
    await index.upsert([point(whole, t1=1.0)])
    assert await index.fetch([whole.id]) == [whole]


async def test_a_chunk_with_the_same_id_is_replaced(index: Index) -> None:
    await index.upsert([point(chunk(1, "old", tag="a"), t1=1.0)])
    await index.upsert([point(chunk(1, "new", tag="b"), (0, 1, 0), t2=1.0)])
    assert await index.count() == 1
    assert [found.text for found in await index.fetch([chunk(1).id])] == ["new"]
    old, new = await index.search([sparse(1), sparse(2)])
    assert (ids(old), ids(new)) == ([], [chunk(1).id])
    assert await index.count(Filter.of({"tag": "a"})) == 0


async def test_deleted_chunks_are_gone_and_unknown_ids_ignored(index: Index) -> None:
    await index.upsert([point(chunk(n), t1=1.0) for n in (1, 2)])
    await index.delete([chunk(1).id, chunk(9).id, "no-uuid"])
    assert await index.count() == 1
    assert [ids(found) for found in await index.search([dense(1, 0, 0), sparse(1)])] == [[chunk(2).id]] * 2


async def test_fetch_keeps_the_order_asked_for_and_leaves_out_what_is_not_there(index: Index) -> None:
    await index.upsert([point(chunk(n)) for n in (1, 2, 3)])
    asked = [chunk(3).id, chunk(9).id, "no-uuid", chunk(1).id]
    assert [found.id for found in await index.fetch(asked)] == [chunk(3).id, chunk(1).id]
    assert await index.fetch([]) == []


async def test_scan_meets_every_chunk_once(index: Index) -> None:
    await index.upsert([point(chunk(n)) for n in range(1, 8)])
    pages = [page async for page in index.scan(batch=3)]
    assert sorted(found.id for page in pages for found in page) == [chunk(n).id for n in range(1, 8)]
    assert max(map(len, pages)) <= 3


async def test_scan_of_an_empty_collection_yields_nothing(index: Index) -> None:
    assert [page async for page in index.scan()] == []


async def test_one_search_answers_the_legs_in_the_order_asked_for(index: Index) -> None:
    await index.upsert([point(chunk(1), (1, 0, 0), t1=1.0), point(chunk(2), (0, 1, 0), t2=1.0)])
    first, second, third = await index.search([sparse(2), dense(1, 0, 0, limit=1), sparse(1, 2)])
    assert ids(first) == [chunk(2).id]
    assert ids(second) == [chunk(1).id]
    assert sorted(ids(third)) == [chunk(1).id, chunk(2).id]


async def test_the_dense_score_is_the_cosine(index: Index) -> None:
    await index.upsert([point(chunk(1), (1, 0, 0)), point(chunk(2), (3, 4, 0))])
    [found] = await index.search([dense(2, 0, 0)])
    assert ids(found) == [chunk(1).id, chunk(2).id]
    assert [scored.score for scored in found] == pytest.approx([1.0, 3 / math.hypot(3, 4)], abs=1e-6)


async def test_the_sparse_score_is_the_dot_product_with_lucenes_idf(index: Index) -> None:
    await index.upsert([point(chunk(1), t1=0.5, t2=0.25), point(chunk(2), t1=0.75)])
    await index.upsert([point(chunk(3), t3=1.0), point(chunk(4))])  # one without terms is a chunk as well
    [found] = await index.search([Leg("sparse", SparseVector((1, 2), (1.0, 2.0)), 10)])
    expected = {
        chunk(1).id: 0.5 * idf(4, 2) + 2 * 0.25 * idf(4, 1),
        chunk(2).id: 0.75 * idf(4, 2),
    }
    assert {scored.chunk_id: scored.score for scored in found} == pytest.approx(expected, rel=1e-5)


async def test_idf_counts_only_chunks_that_are_still_there(index: Index) -> None:
    await index.upsert([point(chunk(n), t1=1.0) for n in range(1, 7)])
    await index.upsert([point(chunk(7), t2=1.0)])
    await index.delete([chunk(n).id for n in range(1, 5)])
    await index.upsert([point(chunk(5), t2=1.0)])
    [found] = await index.search([sparse(1)])
    assert ids(found) == [chunk(6).id]
    assert found[0].score == pytest.approx(idf(3, 1), rel=1e-5)


async def test_the_sparse_leg_returns_only_chunks_that_share_a_term(index: Index) -> None:
    await index.upsert([point(chunk(1), t1=1.0), point(chunk(2), t2=1.0), point(chunk(3))])
    everything = Filter.of({"document_id": ["doc-0", "doc-1"]})
    for condition in (None, everything):
        found = await index.search([sparse(1), sparse(7), sparse()], condition)
        assert [ids(leg) for leg in found] == [[chunk(1).id], [], []]


async def test_equal_scores_are_in_the_order_of_their_ids(index: Index) -> None:
    await index.upsert([point(chunk(n), t1=1.0) for n in (3, 1, 2)])
    found = await index.search([dense(1, 0, 0), sparse(1)])
    assert [ids(leg) for leg in found] == [[chunk(n).id for n in (1, 2, 3)]] * 2


async def test_a_leg_returns_at_most_its_limit(index: Index) -> None:
    await index.upsert([point(chunk(n), t1=1.0) for n in range(1, 6)])
    assert [len(leg) for leg in await index.search([dense(1, 0, 0, limit=2), sparse(1, limit=3)])] == [2, 3]


async def test_replace_sparse_changes_that_vector_and_nothing_else(index: Index) -> None:
    kept = chunk(1, "kept", tag="a")
    await index.upsert([point(kept, (0, 1, 0), t1=1.0), point(chunk(2), t9=1.0)])
    await index.replace_sparse({kept.id: SparseVector((2,), (0.5,)), chunk(8).id: SparseVector((2,), (1.0,))})
    old, new, near = await index.search([sparse(1), sparse(2), dense(0, 1, 0, limit=1)])
    assert (ids(old), ids(new), ids(near)) == ([], [kept.id], [kept.id])
    assert new[0].score == pytest.approx(0.5 * idf(2, 1), rel=1e-5)
    assert near[0].score == pytest.approx(1.0)
    assert await index.fetch([kept.id]) == [kept]
    assert await index.count() == 2


async def test_many_points_at_once_all_arrive(index: Index) -> None:
    await index.upsert([point(chunk(n), t1=1.0) for n in range(1, 401)])
    assert await index.count() == 400
    await index.delete([chunk(n).id for n in range(1, 391)])
    assert await index.count() == 10


async def test_a_tenants_scores_tell_nothing_of_other_tenants(index: Index) -> None:
    await index.upsert([point(chunk(n, tenant="a"), t1=1.0) for n in (1, 2)])
    await index.upsert([point(chunk(3, tenant="a"), t2=1.0)])
    await index.upsert([point(chunk(n, tenant="b"), t1=1.0) for n in range(4, 20)])
    [found] = await index.search([sparse(1)], Filter.of({"tenant": "a"}))
    assert [scored.score for scored in found] == pytest.approx([idf(3, 2)] * 2, rel=1e-5)


async def test_points_come_back_with_their_vectors(index: Index) -> None:
    put = [point(chunk(1), (3, 4, 0), t1=0.5, t9=0.25), point(chunk(2), (0, 0, 2)), point(chunk(3), t2=1.0)]
    await index.upsert(put)
    pages = [page async for page in index.scan_points(batch=2)]
    found = sorted((one for page in pages for one in page), key=lambda one: one.chunk.id)
    assert max(map(len, pages)) <= 2
    assert [one.chunk for one in found] == [one.chunk for one in put]
    assert [sorted(zip(one.sparse.indices, one.sparse.values, strict=True)) for one in found] == [
        [(1, 0.5), (9, 0.25)],
        [],
        [(2, 1.0)],
    ]
    for one, original in zip(found, put, strict=True):
        np.testing.assert_allclose(one.dense, original.dense / np.linalg.norm(original.dense), atol=1e-6)


@pytest.mark.parametrize("kind", ["edge", "folder", *SERVER])
async def test_a_collection_is_there_again_after_close(kind: str, tmp_path: Path) -> None:
    open_store = opener(kind, tmp_path)
    store = open_store()
    index = await store.create(NAME, 3)
    await index.upsert([point(chunk(1, tag="a"), t1=1.0), point(chunk(2), t2=1.0)])
    await index.delete([chunk(2).id])
    await index.close()
    await store.close()
    later = open_store()
    again = await later.open(NAME)
    assert await again.fetch([chunk(1).id]) == [chunk(1, tag="a")]
    assert [ids(leg) for leg in await again.search([dense(1, 0, 0), sparse(1), sparse(2)])] == [
        [chunk(1).id],
        [chunk(1).id],
        [],
    ]
    assert await again.count(Filter.of({"tag": "a"})) == 1
    await again.close()
    await sweep(later)


async def test_closing_twice_is_closing_once(store: IndexStore) -> None:
    index = await store.create(NAME, 3)
    await index.close()
    await index.close()
    again = await store.open(NAME)
    assert await again.count() == 0
    await again.close()


async def test_an_unknown_collection_names_those_there_are(store: IndexStore) -> None:
    await (await store.create(f"{NAME}-other", 3)).close()
    with pytest.raises(NotFound, match=rf"no collection '{NAME}'.*{NAME}-other"):
        await store.open(NAME)
    with pytest.raises(NotFound, match=NAME):
        await store.drop(NAME)


async def test_names_lists_collections_and_drop_removes_one(store: IndexStore) -> None:
    for name in (f"{NAME}-b", f"{NAME}-a"):
        await (await store.create(name, 3)).close()
    assert [name for name in await store.names() if name.startswith(NAME)] == [f"{NAME}-a", f"{NAME}-b"]
    await store.drop(f"{NAME}-a")
    assert [name for name in await store.names() if name.startswith(NAME)] == [f"{NAME}-b"]


async def test_a_dropped_collection_is_made_anew_empty(store: IndexStore) -> None:
    index = await store.create(NAME, 3)
    await index.upsert([point(chunk(1))])
    await index.close()
    await store.drop(NAME)
    index = await store.create(NAME, 2)
    assert await index.count() == 0
    await index.close()


async def test_a_collection_that_exists_is_not_made_again(store: IndexStore) -> None:
    await (await store.create(NAME, 3)).close()
    with pytest.raises(StorageError, match="exists already"):
        await store.create(NAME, 3)


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "é", "x" * 65, "a b"])
async def test_what_cannot_name_a_folder_or_a_url_names_no_collection(store: IndexStore, name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a collection"):
        await store.create(name, 3)
    with pytest.raises(BadInput, match="cannot name a collection"):
        await store.open(name)


async def test_vectors_of_another_length_are_refused_and_nothing_is_written(index: Index) -> None:
    with pytest.raises(IndexMismatch, match=r"length 3, not \[2\]"):
        await index.upsert([point(chunk(1)), point(chunk(2), (1, 0))])
    with pytest.raises(IndexMismatch, match=r"length 3, not \[4\]"):
        await index.search([dense(1, 0, 0, 0)])
    assert await index.count() == 0


async def test_an_id_that_is_no_uuid_is_refused(index: Index) -> None:
    with pytest.raises(BadInput, match="'nr-1' is not a UUID"):
        await index.upsert([point(Chunk("nr-1", "d", "x", 0, 1))])


async def test_text_that_is_not_unicode_is_refused(index: Index) -> None:
    with pytest.raises(BadInput, match="surrogate"):
        await index.upsert([point(chunk(1, "\ud800"))])


async def test_metadata_that_json_does_not_know_becomes_text(index: Index) -> None:
    odd = chunk(1, big=2**70, nan=math.nan, path=Path("a/b"), pair=(1, 2))
    await index.upsert([point(odd)])
    [found] = await index.fetch([odd.id])
    assert found.metadata == {"big": str(2**70), "nan": "nan", "path": "a/b", "pair": [1, 2]}
