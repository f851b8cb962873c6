"""What a system keeps: collections and their documents, brought in, listed, moved and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from app.answers import KeptAnswers
from app.collections import Collections, Opened
from app.conversations import Conversations
from app.forgetting import forget_documents, forget_threads
from app.parts import Parts, build_settings_chunker
from app.settings import Settings
from app.views import Json, document_view, entry_view
from ingest.collection import delete_documents
from ingest.manifest import Totals
from ingest.pipeline import IngestReport, Progress
from ingest.pipeline import ingest as ingest_files
from rag.errors import StorageError
from rag.index.recall import measure_recall
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Document


class Library:
    """The collections of a system. Whatever changes one also forgets what was made from it elsewhere."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        collections: Collections,
        answers: KeptAnswers,
        conversations: Conversations,
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._collections = collections
        self._answers = answers
        self._conversations = conversations

    async def ingest(
        self, paths: Sequence[Path], prune: bool, progress: Callable[[Progress], None]
    ) -> IngestReport:
        """Brings the settings' collection up to date with ``paths``; raises as the pipeline does."""
        name = self._settings.collection
        new = name not in await self._collections.names()
        opened = await self._collections.get_or_create(name)
        gone: dict[str, str] = {}

        async def keep_texts(ids: Sequence[str]) -> None:
            gone.update(await _texts(opened, ids))

        try:
            return await ingest_files(
                paths,
                opened.collection,
                self._parts.embedder,
                self._parts.sparse,
                build_settings_chunker(self._settings, self._parts.embedder),
                prune=prune,
                progress=progress,
                pruning=keep_texts,
                token_vectors=self._settings.index.token_vectors,
            )
        finally:
            # A wrong path or unreadable files leave no empty collection behind.
            if new and not opened.collection.manifest.totals().documents:
                await self._collections.drop(name)
            await self._answers.forget(name)
            if gone:
                await self._forget(name, gone)

    async def documents(self, collection: str | None = None) -> list[Json]:
        """The documents of a collection, without their text."""
        opened = await self._open(collection)
        return [entry_view(entry) for entry in await asyncio.to_thread(opened.collection.manifest.documents)]

    async def document(self, document_id: str, collection: str | None = None) -> Json:
        """One document with its text; ``NotFound`` if there is none of that id."""
        opened = await self._open(collection)
        return document_view(await asyncio.to_thread(opened.collection.manifest.document, document_id))

    async def delete_documents(self, document_ids: Sequence[str], collection: str | None = None) -> Json:
        """Deletes documents with their chunks and quotes: all of them, or none if one is not there."""
        opened = await self._open(collection)
        texts = await _texts(opened, document_ids)
        await delete_documents(document_ids, opened.collection, self._parts.sparse)
        await self._answers.forget(opened.name)
        forgotten = await self._forget(opened.name, texts)
        return {"deleted": list(document_ids), "collection": opened.name, "forgotten": forgotten}

    async def collections(self) -> list[Json]:
        """The collections with their sizes."""
        sizes = []
        for name in await self._collections.names():
            try:
                sizes.append(await self.size(name))
            except StorageError as error:
                # One that is damaged or in use hides no other.
                sizes.append({"name": name, "documents": None, "chunks": None, "error": str(error)})
        return sizes

    async def drop(self, collection: str) -> None:
        """Deletes a collection with its threads; ``NotFound`` if there is none of that name."""
        await self._collections.drop(collection)
        await self._answers.forget(collection)
        await forget_threads(self._conversations, collection)

    async def export(self, collection: str, file: Path) -> Json:
        """Writes a collection to a file that any store can restore it from."""
        totals = await self._collections.export(collection, file)
        return {"collection": collection, "file": str(file), **_counted(totals)}

    async def restore(self, file: Path, collection: str | None) -> Json:
        """Makes the collection that a file holds; raises as ``Collections.restore`` does."""
        name, totals = await self._collections.restore(file, collection)
        return {"collection": name, "file": str(file), **_counted(totals)}

    async def recall(self, collection: str | None, sample: int, top_k: int) -> Json:
        """How much of the exact answer the dense leg finds, and how fast; ``NotFound``: there is none."""
        opened = await self._open(collection)
        found = await measure_recall(opened.collection.index, sample, top_k)
        return {"collection": opened.name, **asdict(found)}

    async def passages(self, document_id: str) -> tuple[Document, list[Chunk]] | None:
        """A document of the collection with its chunks in the index; ``None`` if it is not there."""
        collection = (await self._open(None)).collection
        entry = (await asyncio.to_thread(collection.manifest.entries, [document_id])).get(document_id)
        if entry is None:
            return None
        document = await asyncio.to_thread(collection.manifest.document, document_id)
        return document, await collection.index.fetch(entry.chunk_ids)

    async def _forget(self, collection: str, texts: Mapping[str, str]) -> Json:
        """Takes documents that are gone out of conversations; a thread at work is waited for so long."""
        deadline = Deadline.after(self._settings.request.deadline_s)
        return await forget_documents(self._conversations, collection, texts, deadline)

    async def _open(self, name: str | None) -> Opened:
        return await self._collections.get(name or self._settings.collection)

    async def size(self, name: str) -> Json:
        """How many documents and chunks a collection has; ``NotFound`` if there is none of that name."""
        totals = (await self._collections.get(name)).collection.manifest.totals()
        return {"name": name, "documents": totals.documents, "chunks": totals.chunks}


async def _texts(opened: Opened, ids: Sequence[str]) -> dict[str, str]:
    """The texts of documents by their ids; ``NotFound`` if one is not there."""
    manifest = opened.collection.manifest
    return {key: (await asyncio.to_thread(manifest.document, key)).text for key in ids}


def _counted(totals: Totals) -> Json:
    return {"documents": totals.documents, "chunks": totals.chunks}
