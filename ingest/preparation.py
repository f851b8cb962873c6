"""From a source to a document cut into chunks, unless nothing about it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.chunkers.base import Chunker
from ingest.chunkers.headings import title_of
from ingest.manifest import Entry, Manifest
from ingest.sources import Source
from rag.embedding.base import Embedder
from rag.errors import UnreadableFile
from rag.index.filters import FIELDS
from rag.sparse.base import SparseEncoder
from rag.types import Chunk, Document


@dataclass(frozen=True, slots=True)
class Parts:
    """What cuts and embeds the documents of a collection; with ``token_vectors``, each token besides."""

    embedder: Embedder
    sparse: SparseEncoder
    chunker: Chunker
    token_vectors: bool = False

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the parts' names: with the same parts the same bytes give the same points."""
        names = [self.chunker.name, self.embedder.name, self.sparse.name]
        if self.token_vectors:
            names.append("token vectors")
        return hashlib.sha256("\n".join(names).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be embedded; ``old`` is its row in the manifest, if it has one."""

    document: Document
    chunks: list[Chunk]
    origin: str
    place: str
    sha256: str
    old: Entry | None

    @property
    def stale(self) -> list[str]:
        """Chunks of the document as it was that it has no more."""
        kept = {chunk.id for chunk in self.chunks}
        return [key for key in (self.old.chunk_ids if self.old else ()) if key not in kept]


def prepare(source: Source, manifest: Manifest, parts: Parts) -> Prepared | None:
    """The source as chunks, ``None`` if the manifest has it already, made from the same bytes by these parts.

    Raises:
        BadInput: it cannot become a document.
    """
    data = source.read()
    sha256 = hashlib.sha256(data).hexdigest()
    old = manifest.entries([source.uri]).get(source.uri)
    if old is not None and (old.sha256, old.fingerprint) == (sha256, parts.fingerprint):
        return None
    document = source.document(data)
    return Prepared(document, _chunks(document, parts), source.origin, source.place, sha256, old)


def prepare_again(id: str, manifest: Manifest, parts: Parts) -> Prepared:
    """A document of the manifest, cut anew from the text kept there."""
    document = manifest.document(id)
    old = manifest.entries([id])[id]
    return Prepared(document, _chunks(document, parts), old.origin, old.place, old.sha256, old)


def _chunks(document: Document, parts: Parts) -> list[Chunk]:
    chunks = parts.chunker.split(document)
    if not chunks:
        raise UnreadableFile("the document holds nothing but white space")
    metadata = _chunk_metadata(document)
    return [replace(chunk, metadata=metadata) for chunk in chunks]


def _chunk_metadata(document: Document) -> Mapping[str, Any]:
    """What filters may ask of a chunk: its document's plain metadata, title, language and media type."""
    plain = {
        key: value
        for key, value in document.metadata.items()
        # A document cannot pass itself off as another one, nor as another page
        if key not in FIELDS and key != "lang" and _is_plain(value)
    }
    title = title_of(document)
    named = {} if title is None else {"title": title}
    return {**plain, **named, "language": document.language, "mime": document.mime}


def _is_plain(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(item, str | int | float) for item in values)
