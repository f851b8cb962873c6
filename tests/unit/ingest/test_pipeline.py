"""Ingestion from files to index and manifest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ingest import pipeline
from ingest.collection import Collection, delete_documents
from ingest.pipeline import Progress, ingest
from rag.errors import BadInput, IndexMismatch, NotFound
from rag.headed import passage_text
from rag.index.base import Leg
from rag.index.filters import Filter
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex, WordSparse
from tests.unit.ingest.running import chunker, counts, named, run


async def test_documents_are_cut_embedded_and_recorded(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    report = await run(collection, docs)
    assert counts(report) == (3, 0, 0, 0)
    assert report.chunks == len(index.points) == collection.manifest.totals().chunks > 3
    assert sorted(index.points) == named(collection)
    entry = collection.manifest.documents()[0]
    assert (entry.id, entry.origin, entry.ingested_at) == ("docs/a.txt", "docs", "2026-11-22T10:30:00+00:00")
    for point in index.points.values():
        chunk = point.chunk
        assert collection.manifest.text(chunk.document_id)[chunk.start : chunk.end] == chunk.text
        [expected] = await HashingEmbedder().embed_documents([passage_text(chunk)])
        assert np.array_equal(point.dense, expected)


async def test_ingesting_again_changes_nothing_and_does_not_even_cut(
    collection: Collection, index: FakeIndex, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(collection, docs)
    before, calls = dict(index.points), index.calls.copy()

    class Uncalled(type(chunker())):  # type: ignore[misc]
        def split(self, document: object) -> None:
            raise AssertionError("an unchanged document was cut")

    report = await run(collection, docs, cut=Uncalled(40, 8, HashingEmbedder().token_spans))
    assert counts(report) == (0, 0, 3, 0)
    assert report.chunks == 0
    assert index.points == before
    assert index.calls == calls


async def test_a_changed_file_replaces_its_chunks(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    (docs / "b.txt").write_text("Short now.")
    assert counts(await run(collection, docs)) == (0, 1, 2, 0)
    assert [
        point.chunk.text for point in index.points.values() if point.chunk.document_id == "docs/b.txt"
    ] == ["Short now."]
    assert sorted(index.points) == named(collection)


async def test_another_folder_adds_and_prune_removes_only_what_its_own_folder_lost(
    collection: Collection, index: FakeIndex, docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.md").write_text("text of x")
    await run(collection, docs, other)
    (docs / "a.txt").unlink()
    (other / "x.md").rename(other / "y.md")
    assert counts(await run(collection, docs)) == (0, 0, 2, 0)
    assert counts(await run(collection, docs, prune=True)) == (0, 0, 2, 1)
    assert [entry.id for entry in collection.manifest.documents()] == [
        "docs/b.txt",
        "docs/c.txt",
        "other/x.md",
    ]
    assert sorted(index.points) == named(collection)


async def test_a_file_that_fails_is_named_and_neither_stops_nor_prunes(
    collection: Collection, docs: Path
) -> None:
    await run(collection, docs)
    (docs / "a.txt").write_bytes(b"\x00\x01\x02 now binary")
    (docs / "d.md").write_text("---\nx: [\n---\ntext")
    (docs / "e.odt").write_text("not read")
    report = await run(collection, docs, prune=True)
    assert counts(report) == (0, 0, 2, 0)
    assert [uri for uri, _ in report.failed] == ["docs/a.txt", "docs/d.md"]
    assert "binary" in report.failed[0][1]
    assert report.skipped == {".odt": ("docs/e.odt",)}
    assert collection.manifest.text("docs/a.txt").startswith("This is the text")


async def test_a_bad_row_names_its_line_and_keeps_the_rest_of_the_collection(
    collection: Collection, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    rows = [{"_id": f"d{number}", "title": "T", "text": f"text {number}"} for number in range(40)]
    corpus = folder / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, rows)))
    assert counts(await run(collection, folder, cut=chunker("whole"))) == (40, 0, 0, 0)

    corpus.write_text("\n".join([*map(json.dumps, rows[:35]), "{broken", json.dumps(rows[36])]))
    report = await run(collection, folder, cut=chunker("whole"), prune=True)
    assert counts(report) == (0, 0, 35, 0)
    assert report.failed[0][0] == "set/corpus.jsonl"
    assert "corpus.jsonl, line 36: not a JSON document" in report.failed[0][1]

    corpus.write_text("\n".join(map(json.dumps, rows[:35])))
    assert counts(await run(collection, folder, cut=chunker("whole"), prune=True)) == (0, 0, 35, 5)


async def test_chunks_can_be_filtered_by_what_their_document_says(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    front = "title: Le cache\nlang: fr\ntags: [inference, memory]\nweight: 2\nmore: {a: 1}"
    false = "page: 9\ndocument_id: x"
    (docs / "a.md").write_text(f"---\n{front}\n{false}\n---\n# Le cache\n\nThis text is English.")
    await run(collection, docs)
    for condition, matches in [
        ("language=fr", 1),
        ("mime=text/markdown", 1),
        ("tags=memory", 1),
        ("title=Le cache", 1),
        ("weight=2", 1),
        ("page=9", 0),
        ("document_id=x", 0),
        ("document_id=docs/a.md", 1),
    ]:
        assert await index.count(Filter.parse([condition])) == matches, condition
    [chunk] = [point.chunk for point in index.points.values() if point.chunk.document_id == "docs/a.md"]
    assert set(chunk.metadata) == {"title", "tags", "weight", "language", "mime", "modified"}
    assert collection.manifest.document("docs/a.md").metadata["more"] == {"a": 1}


async def test_a_chunk_is_found_by_the_headings_above_it(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    (docs / "a.md").write_text("# Quantization\n\n" + "Filler words here. " * 20 + "\n\nThe last line.")
    await run(collection, docs)
    query = WordSparse().encode_query("quantization", "en")
    [hits] = await index.search([Leg("sparse", query, 10)])
    found = await index.fetch([hit.chunk_id for hit in hits])
    assert any("The last line." in chunk.text and "Quantization" not in chunk.text for chunk in found)


async def test_whole_documents_are_embedded_as_they_are(
    collection: Collection, index: FakeIndex, tmp_path: Path
) -> None:
    folder = tmp_path / "md"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: A title\n---\nText.")
    await run(collection, folder, cut=chunker("whole"))
    [point] = index.points.values()
    assert passage_text(point.chunk) == point.chunk.text == "Text."


async def test_deleting_an_unknown_document_deletes_none(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    with pytest.raises(NotFound, match=r"no document 'docs/z\.txt'"):
        await delete_documents(["docs/a.txt", "docs/z.txt"], collection, WordSparse())
    assert collection.manifest.totals().documents == 3


async def test_another_chunker_cuts_the_whole_collection_anew(
    collection: Collection, index: FakeIndex, docs: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    (gone / "x.txt").write_text("A text whose file is not there any more. " * 8)
    await run(collection, docs, gone)
    (gone / "x.txt").unlink()
    report = await run(collection, docs, cut=chunker("whole"))
    assert counts(report) == (0, 4, 0, 0)
    assert len(index.points) == 4
    assert sorted(index.points) == named(collection)
    facts = collection.manifest.facts()
    assert facts is not None
    assert facts.chunker == "whole"


async def test_another_embedder_is_refused_before_anything_changes(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    before = dict(index.points)
    other = HashingEmbedder()
    other.name = "other-64"
    with pytest.raises(IndexMismatch, match=r"made with hashing-64 \(dimension 64\), not with other-64"):
        await ingest([docs], collection, other, WordSparse(), chunker())
    assert index.points == before


async def test_a_path_that_is_not_there_changes_nothing(collection: Collection, docs: Path) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        await run(collection, docs, docs / "nowhere")
    assert collection.manifest.documents() == []


async def test_two_sources_of_one_id_are_told(collection: Collection, docs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "docs/a.txt", "text": "an impostor"}')
    report = await run(collection, docs, folder)
    assert counts(report) == (3, 0, 0, 0)
    assert report.failed[0][0] == "docs/a.txt"
    assert "has the id of a document that came before it" in report.failed[0][1]


async def test_progress_counts_up_to_the_total(
    collection: Collection, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 2)
    steps: list[Progress] = []
    await ingest([docs], collection, HashingEmbedder(), WordSparse(), chunker(), progress=steps.append)
    assert steps == [Progress(2, 3, "docs/b.txt"), Progress(3, 3, "docs/c.txt")]
