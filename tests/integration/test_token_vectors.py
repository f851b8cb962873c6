"""Token vectors from ingestion to the reranker, through the whole system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.parts import check_token_vectors
from app.requests import SearchRequest
from app.settings import Settings, load_settings
from app.system import System, open_system
from rag.embedding.base import TextKind, TokenEmbedder, Vectors
from rag.errors import ConfigurationError
from tests.fakes import HashingEmbedder
from tests.system import small_parts, write_pages


class Watched(HashingEmbedder):
    """Counts the passages whose tokens are embedded."""

    def __init__(self) -> None:
        self.passages = 0

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return self

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        self.passages += len(texts) if kind == "document" else 0
        return await super().embed_tokens(texts, kind)


class Tokenless(HashingEmbedder):
    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return None


def settings(folder: Path, **more: Any) -> Settings:
    return load_settings({"ARDOISE_HOME": str(folder)}, {"chunking.size": 64, "chunking.overlap": 8, **more})


async def ingested(system: System, folder: Path) -> tuple[int, int]:
    report = await system.library.ingest([folder], prune=False, progress=lambda step: None)
    return report.added, report.changed


async def ranking(system: System) -> list[tuple[str, float]]:
    asked = SearchRequest(query="what does the KV cache take", reranker="late_interaction")
    found = await system.search(asked)
    assert found["degraded"] == []
    return [(hit["chunk_id"], hit["score"]) for hit in found["hits"]]


async def test_a_collection_that_gets_token_vectors_later_ranks_as_before_and_embeds_no_passage(
    tmp_path: Path,
) -> None:
    pages = write_pages(tmp_path)
    rankings = []
    for kept, changes in ((False, (3, 0)), (True, (0, 3)), (True, (0, 0)), (False, (0, 3))):
        chosen, embedder = settings(tmp_path / "home", **{"index.token_vectors": kept}), Watched()
        async with open_system(chosen, "test", None, replace(small_parts(chosen), embedder=embedder)) as one:
            assert await ingested(one, pages) == changes
            before = embedder.passages
            rankings.append(await ranking(one))
            assert (embedder.passages == before) is kept
    for other in rankings[1:]:
        assert [chunk_id for chunk_id, _ in other] == [chunk_id for chunk_id, _ in rankings[0]]


def test_an_embedder_without_token_vectors_cannot_keep_them(tmp_path: Path) -> None:
    check_token_vectors(settings(tmp_path), Tokenless())
    with pytest.raises(ConfigurationError, match=r"hashing-64 does not give.*RUNTIME=onnx"):
        check_token_vectors(settings(tmp_path, **{"index.token_vectors": True}), Tokenless())
