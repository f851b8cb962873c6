"""Collections by name, opened when first asked for and kept open: manifest, index and retriever together."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.parts import Parts, build_searcher, with_sparse_leg
from app.passages import collection_sources
from app.settings import Settings
from ingest.archive import check_archive, read_archive, write_archive
from ingest.collection import Collection, check_embedder
from ingest.manifest import Facts, Manifest, Totals
from rag.errors import BadInput, IndexMismatch, NotFound
from rag.index.base import Index
from rag.reranking.base import Reranker
from rag.search import Searching

MANIFEST = "manifest.sqlite"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open collection and the retriever over it."""

    name: str
    collection: Collection
    retriever: Searching


class Collections:
    """The collections below ``home``; one lock, so that each is opened once."""

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self._parts = parts
        self._settings = settings
        self._root = settings.home / "collections"
        self._open: dict[str, Opened] = {}
        self._opening = asyncio.Lock()

    async def get(self, name: str) -> Opened:
        """An existing collection.

        Raises:
            NotFound: there is none of that name.
            IndexInUse: another process owns it.
            IndexMismatch: it was made with another embedder than the settings name.
        """
        async with self._opening:
            return self._open.get(name) or await self._join(name, await self._existing(name))

    async def get_or_create(self, name: str) -> Opened:
        """The collection, made now if there is none of that name."""
        async with self._opening:
            if name in self._open:
                return self._open[name]
            if name in await self._parts.store.names():
                return await self._join(name, await self._parts.store.open(name))
            # What a collection of this name left behind would be taken for this one's.
            (self._root / name / MANIFEST).unlink(missing_ok=True)
            dimension = await asyncio.to_thread(lambda: self._parts.embedder.dimension)
            return await self._join(name, await self._parts.store.create(name, dimension))

    async def names(self) -> list[str]:
        """The collections there are, sorted."""
        return await self._parts.store.names()

    async def drop(self, name: str) -> None:
        """Deletes a collection; ``NotFound`` if there is none of that name."""
        async with self._opening:
            if opened := self._open.pop(name, None):
                await _close(opened)
            await self._parts.store.drop(name)
            await asyncio.to_thread(shutil.rmtree, self._root / name, ignore_errors=True)

    async def export(self, name: str, file: Path) -> Totals:
        """Writes a collection to ``file``; raises as ``get`` and ``write_archive`` do."""
        return await write_archive((await self.get(name)).collection, name, file)

    async def restore(self, file: Path, name: str | None) -> tuple[str, Totals]:
        """Makes the collection that ``file`` holds, under its own name or ``name``.

        One that an earlier call was cut short in is made again.

        Raises:
            BadInput: the file is no whole archive, or the collection exists already.
            IndexMismatch: it was made with another embedder than the settings name.
        """
        header = await asyncio.to_thread(check_archive, file)
        wanted = name or header.collection
        self._parts_fit(header.facts)
        if wanted in await self.names():
            unfinished = (await self.get(wanted)).collection.manifest.facts() is None
            if not unfinished:
                raise BadInput(
                    f"collection {wanted!r} exists already: choose another name, or delete it first"
                )
            await self.drop(wanted)
        opened = await self.get_or_create(wanted)
        return wanted, await read_archive(file, opened.collection)

    def _parts_fit(self, facts: Facts) -> None:
        embedder = self._parts.embedder
        if (facts.embedder, facts.dimension) != (embedder.name, embedder.dimension):
            raise IndexMismatch(
                f"the file holds vectors of {facts.embedder} (dimension {facts.dimension}), and the settings"
                f" name {embedder.name} (dimension {embedder.dimension}): choose that embedder"
            )

    async def close(self) -> None:
        """Closes what is open."""
        for opened in self._open.values():
            await _close(opened)
        self._open.clear()

    async def _existing(self, name: str) -> Index:
        names = await self._parts.store.names()
        if not names:
            raise NotFound("there is no collection yet: `ardoise ingest PATH` makes one")
        return await self._parts.store.open(name)

    async def _join(self, name: str, index: Index) -> Opened:
        try:
            manifest = await asyncio.to_thread(Manifest, self._root / name / MANIFEST)
            try:
                await asyncio.to_thread(check_embedder, manifest, self._parts.embedder)
            except BaseException:
                manifest.close()
                raise
        except BaseException:
            await index.close()
            raise
        index = with_sparse_leg(self._parts, self._settings, index)
        collection = Collection(manifest, index)
        retriever = searcher_over(collection, self._parts, self._settings, self._parts.reranker)
        self._open[name] = Opened(name, collection, retriever)
        return self._open[name]


def searcher_over(collection: Collection, parts: Parts, settings: Settings, reranker: Reranker) -> Searching:
    """What the settings search a collection with."""
    return build_searcher(parts, settings, collection.index, reranker, collection_sources(collection))


async def _close(opened: Opened) -> None:
    opened.collection.manifest.close()
    await opened.collection.index.close()
