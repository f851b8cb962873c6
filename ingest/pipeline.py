"""Ingestion: files to chunks to vectors to the index, in batches that survive being cut short.

Within a batch the index is written first, then the manifest, and what the changed documents have no more is
deleted last. A run that was killed at any moment is mended and taken up by the next one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from ingest.chunkers.base import Chunker
from ingest.collection import (
    Collection,
    check_embedder,
    delete_chunks,
    rebalance,
    reconcile,
    remove_documents,
    slices,
)
from ingest.files import discover
from ingest.manifest import Entry, Facts
from ingest.preparation import Parts, Prepared, prepare, prepare_again
from ingest.sources import Source
from ingest.token_vectors import with_token_vectors
from rag.embedding.base import Embedder
from rag.errors import BadInput
from rag.headed import passage_text
from rag.index.base import Point
from rag.sparse.base import SparseEncoder

BATCH_DOCUMENTS = 32
Pruning = Callable[[Sequence[str]], Awaitable[None]]
"""Is told the ids of documents that are about to be deleted."""

_BATCH_CHARACTERS = 2_000_000
_LOOKED_AT = 256


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: sources looked at, of how many at most, and the last one's URI."""

    done: int
    total: int
    uri: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did.

    ``failed`` pairs a URI with why; ``skipped`` maps a suffix that no loader reads to the files that have it;
    ``chunks`` were written in this run; ``changed`` counts documents whose bytes, chunker, embedder or
    sparse encoder changed.
    """

    added: int
    changed: int
    unchanged: int
    pruned: int
    failed: tuple[tuple[str, str], ...]
    skipped: Mapping[str, tuple[str, ...]]
    chunks: int
    seconds: float


async def ingest(
    paths: Iterable[Path],
    collection: Collection,
    embedder: Embedder,
    sparse: SparseEncoder,
    chunker: Chunker,
    prune: bool = False,
    progress: Callable[[Progress], None] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pruning: Pruning | None = None,
    token_vectors: bool = False,
) -> IngestReport:
    """Brings a collection up to date with the files under ``paths``.

    Documents that are unchanged are not even cut. Another chunker or sparse encoder than before, or another
    wish for ``token_vectors``, makes all documents of the collection anew, from the text that is kept. With
    ``prune``, documents that were once ingested from a folder or corpus of ``paths`` and are no longer in it
    are deleted; ``pruning`` is told before.

    Raises:
        BadInput: see ``ingest.files.discover``. A file that fails later on is in the report instead.
        IndexMismatch: the collection was made with another embedder.
        StorageError, ModelError: the run cannot go on; what was finished stays.
    """
    started = time.perf_counter()
    await asyncio.to_thread(check_embedder, collection.manifest, embedder)
    found = await asyncio.to_thread(discover, paths)
    await reconcile(collection)
    run = _Run(collection, Parts(embedder, sparse, chunker, token_vectors), clock)
    run.failed.extend(found.failed)
    total = await asyncio.to_thread(lambda: found.total)
    for name, stream in found.streams():
        while last := await run.batch(stream, name):
            if progress is not None:
                progress(Progress(len(run.seen), total, last))
    pruned = await run.prune(found.folders, pruning) if prune else 0
    await run.remake_outdated()
    await rebalance(collection, sparse)
    return IngestReport(
        added=run.added,
        changed=run.changed,
        unchanged=run.unchanged,
        pruned=pruned,
        failed=tuple(run.failed),
        skipped={suffix: tuple(uris) for suffix, uris in found.skipped.items()},
        chunks=run.chunks,
        seconds=time.perf_counter() - started,
    )


class _Run:
    """One run of the pipeline, and its counts so far."""

    def __init__(self, collection: Collection, parts: Parts, clock: Callable[[], datetime]) -> None:
        self._collection = collection
        self._parts = parts
        self._clock = clock
        self._incomplete: set[str] = set()
        self.seen: set[str] = set()
        self.failed: list[tuple[str, str]] = []
        self.added = self.changed = self.unchanged = self.chunks = 0

    async def batch(self, stream: Iterator[Source], name: str) -> str | None:
        """Takes the next sources of a stream; the URI of the last, ``None`` at the stream's end."""
        last, ready = await asyncio.to_thread(self._next, stream, name)
        if ready:
            await self._write(ready)
        return last

    async def prune(self, origins: set[str], pruning: Pruning | None) -> int:
        """Deletes the documents of these folders and corpora that were not seen; how many they were."""
        manifest = self._collection.manifest
        known = await asyncio.to_thread(manifest.ids, origins - self._incomplete)
        gone = [key for key in known if key not in self.seen]
        if gone and pruning is not None:
            await pruning(gone)
        await remove_documents(gone, self._collection)
        return len(gone)

    async def remake_outdated(self) -> None:
        """Cuts and embeds the documents that other parts have made, from the text in the manifest."""
        manifest = self._collection.manifest
        outdated = await asyncio.to_thread(manifest.outdated, self._parts.fingerprint)
        for start in range(0, len(outdated), BATCH_DOCUMENTS):
            ids = outdated[start : start + BATCH_DOCUMENTS]
            await self._write(
                await asyncio.to_thread(
                    lambda part: [prepare_again(key, manifest, self._parts) for key in part], ids
                )
            )

    def _next(self, stream: Iterator[Source], name: str) -> tuple[str | None, list[Prepared]]:
        """Reads sources until a batch is full; runs in a worker thread."""
        last = None
        ready: list[Prepared] = []
        characters = 0
        for _ in range(_LOOKED_AT):
            try:
                source = next(stream, None)
            except BadInput as error:
                # The rest of this stream is lost: what is in it cannot be told from what has gone
                self._incomplete.add(name)
                self.failed.append((name, str(error)))
                break
            if source is None:
                break
            last = source.uri
            prepared = self._prepare(source)
            if prepared is not None:
                ready.append(prepared)
                characters += len(prepared.document.text)
            if len(ready) == BATCH_DOCUMENTS or characters > _BATCH_CHARACTERS:
                break
        return last, ready

    def _prepare(self, source: Source) -> Prepared | None:
        if source.uri in self.seen:
            self.failed.append((source.uri, f"{source.place} has the id of a document that came before it"))
            return None
        self.seen.add(source.uri)
        try:
            prepared = prepare(source, self._collection.manifest, self._parts)
        except BadInput as error:
            self.failed.append((source.uri, str(error)))
            return None
        self.unchanged += prepared is None
        return prepared

    async def _write(self, batch: Sequence[Prepared]) -> None:
        """Embeds a batch and writes it to both halves of the collection."""
        chunks = [chunk for prepared in batch for chunk in prepared.chunks]
        texts = [passage_text(chunk) for chunk in chunks]
        languages = [prepared.document.language for prepared in batch for _ in prepared.chunks]
        sparse = self._parts.sparse
        lengths = await asyncio.to_thread(
            lambda: [sparse.length(text, language) for text, language in zip(texts, languages, strict=True)]
        )
        average = await asyncio.to_thread(self._note_facts, lengths)
        weights = await asyncio.to_thread(sparse.encode_documents, texts, languages, average)
        dense = await self._parts.embedder.embed_documents(texts)
        points = [Point(*parts) for parts in zip(chunks, dense, weights, strict=True)]
        for part in slices(points):
            await self._collection.index.upsert(
                await with_token_vectors(part, self._parts.embedder) if self._parts.token_vectors else part
            )
        await asyncio.to_thread(self._record, batch, lengths)
        await delete_chunks(list(chain.from_iterable(one.stale for one in batch)), self._collection.index)
        await asyncio.to_thread(self._collection.manifest.touch)
        self.chunks += len(chunks)
        self.added += sum(one.old is None for one in batch)
        self.changed += sum(one.old is not None for one in batch)

    def _note_facts(self, lengths: Sequence[int]) -> float:
        """The average length to encode with: the collection's, or these chunks' own in an empty one."""
        manifest, parts = self._collection.manifest, self._parts
        facts = manifest.facts()
        if facts is None or not manifest.totals().chunks:
            average = max(1.0, sum(lengths) / len(lengths))
        else:
            average = facts.average_length
        now = Facts(
            parts.embedder.name, parts.embedder.dimension, parts.chunker.name, parts.sparse.name, average
        )
        if facts != now:
            manifest.set_facts(now)
        return average

    def _record(self, batch: Sequence[Prepared], lengths: Sequence[int]) -> None:
        """Writes the batch's rows; ``lengths`` are those of its chunks, in order."""
        rest = iter(lengths)
        rows = []
        for one in batch:
            document = one.document
            entry = Entry(
                id=document.id,
                uri=document.uri,
                mime=document.mime,
                language=document.language,
                metadata=document.metadata,
                origin=one.origin,
                place=one.place,
                sha256=one.sha256,
                fingerprint=self._parts.fingerprint,
                chunk_ids=tuple(chunk.id for chunk in one.chunks),
                terms=sum(next(rest) for _ in one.chunks),
                ingested_at=self._clock().isoformat(timespec="seconds"),
            )
            rows.append((document, entry))
        self._collection.manifest.put(rows)
