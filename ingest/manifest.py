"""What a collection holds: every document with its text, and the facts that its index was made with.

A SQLite database beside the index. The index never lacks a chunk that the manifest names: chunks are
written before the row that names them and deleted after it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.manifest_errors import as_ardoise
from rag.errors import IndexMismatch, NotFound
from rag.types import Document, Metadata, Page

FORMAT = 1
_BUSY_SECONDS = 10.0

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    uri TEXT NOT NULL,
    mime TEXT NOT NULL,
    language TEXT NOT NULL,
    metadata TEXT NOT NULL,
    pages TEXT NOT NULL,
    text TEXT NOT NULL,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    chunk_ids TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    terms INTEGER NOT NULL,
    ingested_at TEXT NOT NULL
);
CREATE INDEX documents_fingerprint ON documents (fingerprint);
CREATE VIEW entries AS
    SELECT id, uri, mime, language, metadata, origin, place, sha256, fingerprint, chunk_ids, terms,
        ingested_at
    FROM documents;
"""
# Kept by triggers, so that no writer can forget it, whatever program it is. ``origin`` tells a collection
# from one of the same name that was dropped before it was made.
_CHANGES = """
CREATE TABLE IF NOT EXISTS changes (origin TEXT NOT NULL, count INTEGER NOT NULL);
INSERT INTO changes SELECT hex(randomblob(8)), 0 WHERE NOT EXISTS (SELECT * FROM changes);
"""
_CHANGED = """
CREATE TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON {table}
    BEGIN UPDATE changes SET count = count + 1; END
"""
_INSERT = "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What all vectors of a collection have in common.

    ``average_length`` is the mean number of terms of a chunk that the sparse vectors were made with.
    """

    embedder: str
    dimension: int
    chunker: str
    sparse: str
    average_length: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A document's row, without its text.

    ``origin`` names the ingested folder or corpus, ``place`` where the document was read from, ``sha256`` is
    that of its bytes, ``fingerprint`` that of the parts which cut and embedded it, ``terms`` the number of
    terms of all its chunks, ``ingested_at`` a moment in ISO 8601.
    """

    id: str
    uri: str
    mime: str
    language: str
    metadata: Metadata
    origin: str
    place: str
    sha256: str
    fingerprint: str
    chunk_ids: tuple[str, ...]
    terms: int
    ingested_at: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a collection."""

    documents: int
    chunks: int
    terms: int

    @property
    def average_length(self) -> float:
        """Mean number of terms of a chunk; at least 1, so that BM25 can divide by it."""
        return max(1.0, self.terms / max(1, self.chunks))


class Manifest:
    """The database of one collection; made when it is not there yet. Usable from any thread.

    Raises, from every method: ``IndexCorrupt`` (the file is no manifest), ``IndexInUse`` (another process
    keeps it locked), ``StorageFull``; what was written before is intact.
    """

    def __init__(self, path: Path) -> None:
        """Opens the database.

        Raises:
            IndexMismatch: it was written in another format version.
        """
        self._path = path
        self._lock = threading.Lock()
        with as_ardoise(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._connection.close()

    def facts(self) -> Facts | None:
        """What the collection was made with, ``None`` before anything was written."""
        found = dict(self._rows("SELECT name, value FROM facts"))
        if not found:
            return None
        return Facts(
            embedder=found["embedder"],
            dimension=int(found["dimension"]),
            chunker=found["chunker"],
            sparse=found["sparse"],
            average_length=float(found["average_length"]),
        )

    def set_facts(self, facts: Facts) -> None:
        """Replaces the facts."""
        pairs = [
            ("embedder", facts.embedder),
            ("dimension", str(facts.dimension)),
            ("chunker", facts.chunker),
            ("sparse", facts.sparse),
            ("average_length", repr(facts.average_length)),
        ]
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", pairs)

    def version(self) -> str:
        """Names what the collection holds now: whatever changes documents or vectors changes it."""
        origin, count = self._rows("SELECT origin, count FROM changes")[0]
        return f"{origin}.{count}"

    def touch(self) -> None:
        """Makes another version: the index has let go of chunks that a question may have found till now."""
        with self._transaction() as connection:
            connection.execute("UPDATE changes SET count = count + 1")

    def totals(self) -> Totals:
        """Documents, chunks and terms of the collection."""
        query = "SELECT count(*), coalesce(sum(chunks), 0), coalesce(sum(terms), 0) FROM documents"
        return Totals(*self._rows(query)[0])

    def documents(self) -> list[Entry]:
        """All documents, sorted by id."""
        return [_entry(row) for row in self._rows("SELECT * FROM entries ORDER BY id")]

    def entries(self, ids: Iterable[str]) -> dict[str, Entry]:
        """The rows of those of ``ids`` that are there."""
        query = "SELECT * FROM entries WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: _entry(row) for row in self._rows(query, [json.dumps(list(ids))])}

    def document(self, id: str) -> Document:
        """A document as it was ingested.

        Raises:
            NotFound: there is none of that id.
        """
        rows = self._rows(
            "SELECT id, text, uri, mime, language, metadata, pages FROM documents WHERE id = ?", [id]
        )
        if not rows:
            raise NotFound(f"no document {id!r} in this collection: `ardoise documents list` names them")
        key, text, uri, mime, language, metadata, pages = rows[0]
        spans = tuple(Page(*page) for page in json.loads(pages))
        return Document(key, text, uri, mime, language, json.loads(metadata), spans)

    def text(self, id: str) -> str:
        """A document's text, which the offsets of its chunks count in.

        Raises:
            NotFound: there is none of that id.
        """
        return self.document(id).text

    def ids(self, origins: Iterable[str]) -> list[str]:
        """The documents that came from these folders and corpora, sorted."""
        query = "SELECT id FROM documents WHERE origin IN (SELECT value FROM json_each(?)) ORDER BY id"
        return [row[0] for row in self._rows(query, [json.dumps(list(origins))])]

    def outdated(self, fingerprint: str) -> list[str]:
        """The documents that were cut or embedded by parts of another fingerprint, sorted."""
        query = "SELECT id FROM documents WHERE fingerprint != ? ORDER BY id"
        return [row[0] for row in self._rows(query, [fingerprint])]

    def put(self, documents: Sequence[tuple[Document, Entry]]) -> None:
        """Adds or replaces documents, all or none."""
        rows = [_row(document, entry) for document, entry in documents]
        with self._transaction() as connection:
            connection.executemany(_INSERT, rows)

    def forget(self, ids: Sequence[str]) -> None:
        """Marks documents as made by unknown parts, so that the next ingestion makes them again."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE documents SET fingerprint = '' WHERE id = ?", [(key,) for key in ids]
            )

    def remove(self, ids: Sequence[str]) -> None:
        """Removes documents, all or none; ids that are not there are ignored."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM documents WHERE id = ?", [(key,) for key in ids])

    def _prepare(self) -> None:
        version = self._rows("PRAGMA user_version")[0][0]
        if version == 0 and not self._rows("SELECT name FROM sqlite_master LIMIT 1"):
            with self._transaction() as connection:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
        elif version != FORMAT:
            raise IndexMismatch(
                f"{self._path} has format version {version} and this program reads version {FORMAT}: "
                "use the program that wrote it, or ingest the documents again into a new collection"
            )
        if not self._rows("SELECT name FROM sqlite_master WHERE name = 'changes'"):
            with self._transaction() as connection:
                changed = (
                    _CHANGED.format(table=table, event=event)
                    for table in ("documents", "facts")
                    for event in ("INSERT", "UPDATE", "DELETE")
                )
                for statement in (*_CHANGES.strip().split("\n"), *changed):
                    connection.execute(statement)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock, as_ardoise(self._path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, as_ardoise(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk has rolled back already
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _row(document: Document, entry: Entry) -> tuple[Any, ...]:
    return (
        document.id,
        document.uri,
        document.mime,
        document.language,
        json.dumps(dict(document.metadata), ensure_ascii=False),
        json.dumps([(page.number, page.start, page.end) for page in document.pages]),
        document.text,
        entry.origin,
        entry.place,
        entry.sha256,
        entry.fingerprint,
        json.dumps(entry.chunk_ids),
        len(entry.chunk_ids),
        entry.terms,
        entry.ingested_at,
    )


def _entry(row: Sequence[Any]) -> Entry:
    key, uri, mime, language, metadata, origin, place, sha256, fingerprint, chunk_ids, terms, at = row
    return Entry(
        id=key,
        uri=uri,
        mime=mime,
        language=language,
        metadata=json.loads(metadata),
        origin=origin,
        place=place,
        sha256=sha256,
        fingerprint=fingerprint,
        chunk_ids=tuple(json.loads(chunk_ids)),
        terms=terms,
        ingested_at=at,
    )
