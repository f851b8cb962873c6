"""The database of a collection's documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.manifest import FORMAT, Entry, Facts, Manifest, Totals
from rag.errors import IndexCorrupt, IndexInUse, IndexMismatch, NotFound, StorageError, StorageFull
from rag.types import Document, Page

FACTS = Facts("model", 384, "whole", "bm25", 12.5)


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    made = Manifest(tmp_path / "c" / "manifest.sqlite")
    yield made
    made.close()


def row(id: str, chunks: int = 2, terms: int = 30, text: str = "été 漢字") -> tuple[Document, Entry]:
    pages = (Page(1, 0, 3), Page(2, 3, 7))
    document = Document(id, text, id, "text/plain", "fr", {"title": "T", "tags": ["a"]}, pages)
    entry = Entry(
        id=id,
        uri=id,
        mime="text/plain",
        language="fr",
        metadata={"title": "T", "tags": ["a"]},
        origin="folder",
        place=f"/somewhere/{id}",
        sha256="0" * 64,
        fingerprint="parts",
        chunk_ids=tuple(f"{id}-{number}" for number in range(chunks)),
        terms=terms,
        ingested_at="2026-11-22T10:00:00+00:00",
    )
    return document, entry


def test_what_was_put_is_read_back_the_same_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    document, entry = row("b")
    manifest = Manifest(path)
    manifest.set_facts(FACTS)
    manifest.put([(document, entry), row("a")])
    manifest.close()

    again = Manifest(path)
    assert again.facts() == FACTS
    assert [one.id for one in again.documents()] == ["a", "b"]
    assert again.entries(["b", "c"]) == {"b": entry}
    assert again.document("b") == document
    assert again.text("b") == document.text
    again.close()


def test_an_empty_manifest_has_no_facts_and_no_documents(manifest: Manifest) -> None:
    assert manifest.facts() is None
    assert manifest.documents() == []
    assert manifest.totals() == Totals(0, 0, 0)


def test_the_average_length_is_terms_by_chunk(manifest: Manifest) -> None:
    manifest.put([row("a", chunks=2, terms=30), row("b", chunks=1, terms=20)])
    assert manifest.totals() == Totals(2, 2 + 1, 30 + 20)
    assert manifest.totals().average_length == (30 + 20) / (2 + 1)
    manifest.put([row("a", chunks=1, terms=10)])
    assert manifest.totals().average_length == (10 + 20) / (1 + 1)
    manifest.remove(["b"])
    assert manifest.totals().average_length == 10 / 1


def test_documents_are_found_by_origin_and_by_the_parts_that_made_them(manifest: Manifest) -> None:
    document, entry = row("b")
    other = replace(entry, origin="other", fingerprint="other parts")
    manifest.put([row("a"), (document, other)])
    assert manifest.ids(["folder", "elsewhere"]) == ["a"]
    assert manifest.outdated("parts") == ["b"]
    manifest.forget(["a"])
    assert manifest.outdated("parts") == ["a", "b"]


@pytest.mark.parametrize("ask", [Manifest.document, Manifest.text])
def test_an_unknown_document_is_not_found(manifest: Manifest, ask: Callable[[Manifest, str], object]) -> None:
    with pytest.raises(NotFound, match="no document 'x'"):
        ask(manifest, "x")


def test_more_ids_than_a_query_may_have_values_can_be_asked_for(manifest: Manifest) -> None:
    manifest.put([row("a")])
    assert list(manifest.entries([*map(str, range(100_000)), "a"])) == ["a"]


def test_it_can_be_used_from_many_threads(manifest: Manifest) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: manifest.put([row(f"d{number}")]), range(40)))
        assert list(pool.map(lambda number: manifest.text(f"d{number}"), range(40))) == ["été 漢字"] * 40
    assert manifest.totals().documents == 40


def test_another_format_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    Manifest(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    with pytest.raises(IndexMismatch, match=r"version 2 and this program reads version 1: .* or ingest"):
        Manifest(path)


@pytest.mark.parametrize(
    "content", [b"this is no database, but long enough to be one" * 40, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.sqlite"
    path.write_bytes(content)
    with pytest.raises(IndexCorrupt, match="restore it from a backup, or delete the collection"):
        Manifest(path)


def test_a_page_overwritten_on_disk_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    manifest = Manifest(path)
    manifest.put([row(f"d{number}", text="x" * 5000) for number in range(20)])
    manifest.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    broken = Manifest(path)
    with pytest.raises(IndexCorrupt):
        broken.documents()
    broken.close()


def test_a_full_disk_leaves_what_was_there(manifest: Manifest) -> None:
    manifest.put([row("a")])
    pages = manifest._rows("PRAGMA page_count")[0][0]
    manifest._rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull, match="no space left"):
        manifest.put([row("b"), row("c", text="x" * 100_000)])
    assert [entry.id for entry in manifest.documents()] == ["a"]
    manifest._rows("PRAGMA max_page_count = 1000000")
    manifest.put([row("b")])
    assert [entry.id for entry in manifest.documents()] == ["a", "b"]


def test_a_manifest_that_another_process_locks_is_in_use(manifest: Manifest, tmp_path: Path) -> None:
    manifest._rows("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "c" / "manifest.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(IndexInUse, match="locked by another process"):
        manifest.put([row("a")])
    other.close()


def test_a_failed_change_leaves_nothing_behind(manifest: Manifest) -> None:
    document, entry = row("b")
    with pytest.raises(StorageError):
        manifest.put([row("a"), (document, replace(entry, ingested_at=None))])  # type: ignore[arg-type]
    assert manifest.documents() == []


def test_a_folder_where_a_file_stands_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        Manifest(tmp_path / "file" / "manifest.sqlite")


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.put([row("b")]),
        lambda manifest: manifest.put([row("a")]),
        lambda manifest: manifest.remove(["a"]),
        lambda manifest: manifest.forget(["a"]),
        lambda manifest: manifest.set_facts(replace(FACTS, average_length=99.0)),
        lambda manifest: manifest.touch(),
    ],
    ids=["added", "replaced", "removed", "forgotten", "facts", "touched"],
)
def test_every_change_makes_another_version(manifest: Manifest, change: Callable[[Manifest], None]) -> None:
    manifest.set_facts(FACTS)
    manifest.put([row("a")])
    before = manifest.version()
    assert manifest.version() == before
    change(manifest)
    assert manifest.version() != before


def test_a_version_outlives_the_process_and_is_never_that_of_another_collection(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    manifest = Manifest(path)
    version = manifest.version()
    manifest.close()
    again = Manifest(path)
    assert again.version() == version
    again.close()
    path.unlink()
    made_anew = Manifest(path)
    assert made_anew.version() != version
    made_anew.close()


def test_a_manifest_from_before_there_were_versions_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    manifest = Manifest(path)
    manifest.put([row("a")])
    manifest.close()
    with sqlite3.connect(path) as connection:
        for table in ("documents", "facts"):
            for event in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(f"DROP TRIGGER {table}_{event}")
        connection.execute("DROP TABLE changes")
    connection.close()
    again = Manifest(path)
    before = again.version()
    again.remove(["a"])
    assert again.version() != before
    again.close()
