"""A collection saved to a file and made again from it, through the whole system."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.requests import SearchRequest
from app.system import System, open_system
from rag.errors import BadInput
from rag.sparse import build_sparse_encoder
from tests.system import small_parts, small_settings, small_system, write_pages


async def hits(system: System, **asked: Any) -> list[tuple[str, float]]:
    found = await system.search(SearchRequest(query="KV cache fusion", reranker="none", **asked))
    return [(hit["chunk_id"], round(hit["score"], 6)) for hit in found["hits"]]


async def test_a_restored_collection_answers_as_the_saved_one_did(tmp_path: Path) -> None:
    settings, file = small_settings(tmp_path / "home"), tmp_path / "c.ardoise.gz"
    async with small_system(settings) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        before = await hits(system)
        written = await system.library.export("default", file)
        with pytest.raises(BadInput, match="'default' exists already"):
            await system.library.restore(file, None)
        await system.library.drop("default")
        assert await system.library.restore(file, None) == written
        assert (await system.library.restore(file, "other"))["collection"] == "other"
        assert await hits(system) == await hits(system, collection="other") == before
        assert (await system.library.recall("other", 5, 2))["recall"] == 1.0
        again = await system.library.ingest([tmp_path / "book"], prune=False, progress=lambda step: None)
        assert (again.added, again.unchanged) == (0, 3)


async def test_filters_reach_front_matter_language_and_the_files_date(tmp_path: Path) -> None:
    async with small_system(small_settings(tmp_path / "home")) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        for condition, documents in [
            ({"language": ["en", "fr"]}, 3),
            ({"language": "fr"}, 1),
            ({"tags": "retrieval"}, 2),
            ({"modified": {"gte": "2020-01-01"}}, 3),
            ({"modified": {"lt": "2020-01-01"}}, 0),
        ]:
            found = await system.search(SearchRequest(query="fusion cache", filter=condition))
            assert len({hit["document_id"] for hit in found["hits"]}) == documents


async def test_another_k1_is_told_to_wait_for_the_next_ingestion(tmp_path: Path) -> None:
    settings = small_settings(tmp_path / "home")
    pages = write_pages(tmp_path)
    made_with = build_sparse_encoder().name
    async with small_system(settings) as system:
        await system.library.ingest([pages], prune=False, progress=lambda step: None)
        found = await system.search(SearchRequest(query="KV cache", mode="sparse"))
        assert (found["parts"]["sparse"], found["degraded"]) == (made_with, [])
    other = replace(small_parts(settings), sparse=build_sparse_encoder(k1=3, b=0.9))
    async with open_system(settings, "test", parts=other) as system:
        found = await system.search(SearchRequest(query="KV cache", mode="sparse"))
        assert found["parts"]["sparse"] == made_with
        assert [item["part"] for item in found["degraded"]] == ["sparse"]
        assert "takes hold with the next `ardoise ingest`" in found["degraded"][0]["why"]
        assert (await system.search(SearchRequest(query="KV cache", mode="dense")))["degraded"] == []
        await system.library.ingest([pages], prune=False, progress=lambda step: None)
        found = await system.search(SearchRequest(query="KV cache", mode="sparse"))
        assert (found["parts"]["sparse"], found["degraded"]) == (other.sparse.name, [])
