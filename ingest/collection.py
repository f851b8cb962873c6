"""A collection as ingestion sees it, and what keeps its two halves and its statistics together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ingest.manifest import Manifest
from rag.embedding.base import Embedder
from rag.errors import IndexMismatch, NotFound
from rag.headed import passage_text
from rag.index.base import Index
from rag.sparse.base import SparseEncoder

T = TypeVar("T")

MOST_DRIFT = 0.02
_SLICE = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Collection:
    """The manifest, which knows the documents, and the index, which finds their chunks."""

    manifest: Manifest
    index: Index


def check_embedder(manifest: Manifest, embedder: Embedder) -> None:
    """Makes sure that new vectors can stand beside those which are there.

    Raises:
        IndexMismatch: the collection was made with another embedder, or in another dimension.
    """
    facts = manifest.facts()
    if facts is not None and (facts.embedder, facts.dimension) != (embedder.name, embedder.dimension):
        raise IndexMismatch(
            f"the collection was made with {facts.embedder} (dimension {facts.dimension}), not with "
            f"{embedder.name} (dimension {embedder.dimension}): choose that embedder (its runtime "
            "counts: ARDOISE_EMBEDDING__RUNTIME), or ingest into a new collection"
        )


def other_sparse(manifest: Manifest, sparse: SparseEncoder) -> str | None:
    """The encoder that the collection's sparse vectors were made with, where that is not ``sparse``."""
    facts = manifest.facts()
    return None if facts is None or facts.sparse == sparse.name else facts.sparse


async def delete_documents(ids: Sequence[str], collection: Collection, sparse: SparseEncoder) -> None:
    """Deletes documents and their chunks.

    Raises:
        NotFound: one of them is not there; then none is deleted.
    """
    entries = await asyncio.to_thread(collection.manifest.entries, ids)
    if missing := [key for key in ids if key not in entries]:
        raise NotFound(f"no document {missing[0]!r} in this collection: `ardoise documents list` names them")
    await remove_documents(ids, collection)
    await rebalance(collection, sparse)


async def remove_documents(ids: Sequence[str], collection: Collection) -> None:
    """Takes documents out of both halves, in the order that ``reconcile`` can finish if it is cut short."""
    entries = await asyncio.to_thread(collection.manifest.entries, ids)
    await asyncio.to_thread(collection.manifest.remove, ids)
    await delete_chunks([key for entry in entries.values() for key in entry.chunk_ids], collection.index)
    await asyncio.to_thread(collection.manifest.touch)


async def delete_chunks(chunk_ids: Sequence[str], index: Index) -> None:
    """Deletes chunks a slice at a time."""
    for part in slices(chunk_ids):
        await index.delete(part)


async def reconcile(collection: Collection) -> None:
    """Mends what a process that was killed left behind.

    The index is written before the manifest and cleared after it, so it can hold chunks that no document
    names; those are deleted. Documents that lack chunks, as after a damaged disk, are marked to be remade.
    """
    manifest, index = collection.manifest, collection.index
    totals = await asyncio.to_thread(manifest.totals)
    if await index.count() == totals.chunks:
        return
    present: set[str] = set()
    async for batch in index.scan():
        present.update(chunk.id for chunk in batch)
    entries = await asyncio.to_thread(manifest.documents)
    named = {key for entry in entries for key in entry.chunk_ids}
    orphans = sorted(present - named)
    broken = [entry.id for entry in entries if not present.issuperset(entry.chunk_ids)]
    _log.warning(
        "an earlier run was cut short: %d stray chunks deleted, %d documents to make again",
        len(orphans),
        len(broken),
    )
    await delete_chunks(orphans, index)
    await asyncio.to_thread(manifest.forget, broken)


async def rebalance(collection: Collection, sparse: SparseEncoder) -> None:
    """Makes all sparse vectors again once BM25's average length is off by more than 2%.

    The manifest knows the true average at any time, from the number of terms of every document.
    """
    manifest, index = collection.manifest, collection.index
    facts = await asyncio.to_thread(manifest.facts)
    totals = await asyncio.to_thread(manifest.totals)
    if facts is None or not totals.chunks:
        return
    average = totals.average_length
    if abs(average - facts.average_length) <= MOST_DRIFT * facts.average_length:
        return
    async for chunks in index.scan(_SLICE):
        texts = [passage_text(chunk) for chunk in chunks]
        languages = [str(chunk.metadata["language"]) for chunk in chunks]
        vectors = await asyncio.to_thread(sparse.encode_documents, texts, languages, average)
        await index.replace_sparse({chunk.id: vector for chunk, vector in zip(chunks, vectors, strict=True)})
    await asyncio.to_thread(manifest.set_facts, replace(facts, average_length=average))


def slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that an index takes at once."""
    for start in range(0, len(values), _SLICE):
        yield values[start : start + _SLICE]
