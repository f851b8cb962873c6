"""Where hits find the passages around them: in a collection's manifest, or in a data set."""

from __future__ import annotations

import asyncio
from collections.abc import Collection as Names
from collections.abc import Mapping, Sequence
from contextlib import suppress

from eval.beir import Dataset
from ingest.collection import Collection
from ingest.manifest import Manifest
from rag.errors import NotFound
from rag.index.base import Index
from rag.ranking.source import Source, Sources
from rag.types import Chunk


def collection_sources(collection: Collection) -> Sources:
    """Texts from the manifest, chunks from the index."""

    async def sources(documents: Names[str]) -> Mapping[str, Source]:
        entries = await asyncio.to_thread(collection.manifest.entries, documents)
        texts = await asyncio.to_thread(_texts, collection.manifest, list(entries))
        return {
            name: _source(text, await collection.index.fetch(entries[name].chunk_ids))
            for name, text in texts.items()
        }

    return sources


def dataset_sources(dataset: Dataset, index: Index) -> Sources:
    """Texts from the data set, chunks from an index of it; both are read when first asked for, and kept."""
    known: dict[str, Source] = {}

    async def sources(documents: Names[str]) -> Mapping[str, Source]:
        if not known:
            chunks: dict[str, list[Chunk]] = {}
            async for batch in index.scan():
                for chunk in batch:
                    chunks.setdefault(chunk.document_id, []).append(chunk)
            for document in await asyncio.to_thread(lambda: list(dataset.documents())):
                known[document.id] = _source(document.text, chunks.get(document.id, []))
        return {name: known[name] for name in documents if name in known}

    return sources


def _texts(manifest: Manifest, names: Sequence[str]) -> dict[str, str]:
    texts = {}
    for name in names:
        with suppress(NotFound):  # somebody may have deleted it in this moment
            texts[name] = manifest.text(name)
    return texts


def _source(text: str, chunks: list[Chunk]) -> Source:
    return Source(text, sorted(chunks, key=lambda chunk: chunk.start))
