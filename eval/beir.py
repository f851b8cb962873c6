"""A BEIR folder as typed rows: documents, judged queries and judgements.

Files: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``; with a split NAME ``queries_NAME.jsonl`` and
``qrels_NAME.tsv``. BEIR's own layout is read too: one ``queries.jsonl`` and ``qrels/NAME.tsv``, where the
split ``test`` is meant when none is named (Thakur et al., 2021).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.rows import read_lines, read_rows
from ingest.beir import CORPUS, RowSource, corpus_rows
from rag.errors import BadInput
from rag.types import Document

_COLUMNS = ("query-id", "corpus-id", "score")


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a collection."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A collection. ``queries`` are those with judgements, in the order of their file.

    ``qrels`` maps query to document to grade; ``blank`` counts rows without any text, which cannot be
    found; ``digest`` is the SHA-256 of the corpus.
    """

    name: str
    folder: Path
    split: str | None
    rows: int
    blank: int
    queries: tuple[Query, ...]
    qrels: Mapping[str, Mapping[str, int]]
    digest: str

    @property
    def judged_digest(self) -> str:
        """SHA-256 of the queries and their judgements: runs with the same one can be compared."""
        judged = [[query.id, query.text, sorted(self.qrels[query.id].items())] for query in self.queries]
        return hashlib.sha256(json.dumps(judged).encode()).hexdigest()

    @property
    def size(self) -> int:
        """Documents that can be found."""
        return self.rows - self.blank

    def documents(self) -> Iterator[Document]:
        """The documents with text, in the order of the corpus, made one at a time.

        Telling their languages takes most of the time, and an index that is there already wants none of it.

        Raises:
            BadInput: a row is no document.
        """
        for row in corpus_rows(self.folder, self.folder.name):
            if not _is_blank(row):
                yield row.document(row.line)


def read_dataset(folder: Path, split: str | None = None) -> Dataset:
    """Reads a BEIR folder.

    Raises:
        BadInput: a file or a column is missing, an id stands twice or is unknown, a query or the corpus is
            empty, nothing is judged; the message names file, line and field.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder")
    qrels_file = _first(folder, _qrels_names(split), split)
    queries_file = _first(folder, [f"queries_{split}.jsonl", "queries.jsonl"] if split else ["queries.jsonl"])
    corpus = {row.uri: _is_blank(row) for row in corpus_rows(folder, folder.name)}
    if all(corpus.values()):
        raise BadInput(f"{folder / CORPUS}: it holds no document with text")
    queries = _read_queries(queries_file)
    qrels = _read_qrels(qrels_file, {query.id for query in queries}, corpus)
    return Dataset(
        name=folder.resolve().name,
        folder=folder,
        split=split,
        rows=len(corpus),
        blank=sum(corpus.values()),
        queries=tuple(query for query in queries if query.id in qrels),
        qrels=qrels,
        digest=hashlib.sha256((folder / CORPUS).read_bytes()).hexdigest(),
    )


def _qrels_names(split: str | None) -> list[str]:
    return [f"qrels_{split}.tsv", f"qrels/{split}.tsv"] if split else ["qrels.tsv", "qrels/test.tsv"]


def _first(folder: Path, names: list[str], split: str | None = None) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    splits = sorted(
        {
            path.stem.removeprefix("qrels_")
            for path in [*folder.glob("qrels_*.tsv"), *folder.glob("qrels/*.tsv")]
        }
    )
    there = f"; splits there: {', '.join(splits)}" if splits and (split or names[0] == "qrels.tsv") else ""
    raise BadInput(f"{folder / names[0]}: there is no such file in this BEIR folder{there}")


def _is_blank(row: RowSource) -> bool:
    # Published collections have rows without title and text: nothing to index, but known to the qrels.
    fields = json.loads(row.line)
    return fields.get("text") == "" and not (fields.get("title") or "").strip()


def _read_queries(path: Path) -> list[Query]:
    queries: list[Query] = []
    lines: dict[str, int] = {}
    for row in read_rows(path):
        query = Query(row.filled("_id"), row.filled("text"))
        if query.id in lines:
            raise row.wrong("_id", f"{query.id!r} stands on line {lines[query.id]} already")
        lines[query.id] = row.line
        queries.append(query)
    if not queries:
        raise BadInput(f"{path}: it holds no queries")
    return queries


def _read_qrels(path: Path, queries: Container[str], documents: Container[str]) -> dict[str, dict[str, int]]:
    lines = read_lines(path)
    places = _columns(path, next(lines, (1, ""))[1])
    qrels: dict[str, dict[str, int]] = {}
    for number, line in lines:
        query, document, grade = _judgement(f"{path} line {number}", line, places)
        if query not in queries:
            raise BadInput(f"{path} line {number}, field 'query-id': no query has the id {query!r}")
        if document not in documents:
            raise BadInput(f"{path} line {number}, field 'corpus-id': no document has the id {document!r}")
        if document in qrels.setdefault(query, {}):
            raise BadInput(
                f"{path} line {number}, field 'corpus-id': {document!r} is judged for query {query!r} already"
            )
        qrels[query][document] = grade
    if not qrels:
        raise BadInput(f"{path}: it holds no judgements")
    return qrels


def _columns(path: Path, header: str) -> tuple[int, int, int]:
    names = [name.strip() for name in header.split("\t")]
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise BadInput(
            f"{path} line 1, field {missing[0]!r}: the header must name the columns "
            f"{', '.join(_COLUMNS)}, tab-separated, not {header[:60]!r}"
        )
    query, document, score = (names.index(name) for name in _COLUMNS)
    return query, document, score


def _judgement(where: str, line: str, places: Iterable[int]) -> tuple[str, str, int]:
    cells = [cell.strip() for cell in line.split("\t")]
    values = []
    for name, place in zip(_COLUMNS, places, strict=True):
        if place >= len(cells) or not cells[place]:
            raise BadInput(f"{where}, field {name!r}: missing in {line[:60]!r}")
        values.append(cells[place])
    query, document, grade = values
    try:
        return query, document, int(grade)
    except ValueError:
        raise BadInput(f"{where}, field 'score': a whole number is wanted, not {grade!r}") from None
