"""Runs of the pipeline with fakes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ingest.chunkers import build_chunker
from ingest.chunkers.base import Chunker
from ingest.collection import Collection
from ingest.manifest import Manifest
from ingest.pipeline import IngestReport, ingest
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex, WordSparse

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def chunker(name: str = "recursive", size: int = 40, overlap: int = 8) -> Chunker:
    return build_chunker(name, size, overlap, HashingEmbedder().token_spans)


async def run(
    collection: Collection,
    *paths: Path,
    cut: Chunker | None = None,
    prune: bool = False,
    token_vectors: bool = False,
) -> IngestReport:
    return await ingest(
        paths,
        collection,
        HashingEmbedder(),
        WordSparse(),
        cut or chunker(),
        prune,
        clock=lambda: NOW,
        token_vectors=token_vectors,
    )


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.pruned


def named(collection: Collection) -> list[str]:
    return sorted(key for entry in collection.manifest.documents() for key in entry.chunk_ids)


async def rebuilt(docs: Path, cut: Chunker | None = None) -> FakeIndex:
    index = FakeIndex()
    manifest = Manifest(docs.parent / "rebuilt" / "manifest.sqlite")
    await run(Collection(manifest, index), docs, cut=cut)
    manifest.close()
    return index
