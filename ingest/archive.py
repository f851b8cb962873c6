"""A collection as one file: documents, chunks and vectors, for any store.

Gzipped JSON, a value a line: a header (format, collection, the facts of the manifest), then a line for each
chunk with its vectors, then one for each document with its text, then the counts and the SHA-256 of all lines
before. Vectors are little-endian float32 in Base64, of length 1, those of tokens, where there are some,
float16 one after the other. Nothing is kept in memory but a batch.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.collection import Collection
from ingest.manifest import Entry, Facts, Totals
from rag.errors import BadInput
from rag.index.base import Point, Tokens
from rag.index.payload import from_payload, to_payload
from rag.types import Document, Page, SparseVector

FORMAT = 1
"""Version of the file; it rises when a program that reads this one could misread the next."""
_BATCH = 256
_LEVEL = 1
"""Of gzip: vectors do not shrink, and text shrinks nearly as much as at higher levels."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself."""

    collection: str
    facts: Facts


async def write_archive(collection: Collection, name: str, file: Path) -> Totals:
    """Writes ``collection`` to ``file``, which is there whole or not at all.

    Raises:
        BadInput: nothing was ever ingested into it.
        OSError: the file cannot be written.
    """
    facts = await asyncio.to_thread(collection.manifest.facts)
    if facts is None:
        raise BadInput(f"collection {name!r} is empty: there is nothing to write")
    draft = file.with_name(file.name + ".new")
    writer = _Writer(draft)
    try:
        writer.line({"ardoise": FORMAT, "collection": name, "facts": asdict(facts)})
        chunks = documents = 0
        async for points in collection.index.scan_points(_BATCH):
            chunks += len(points)
            await asyncio.to_thread(writer.lines, map(_point_line, points))
        for entry in await asyncio.to_thread(collection.manifest.documents):
            documents += 1
            document = await asyncio.to_thread(collection.manifest.document, entry.id)
            writer.line({"document": asdict(document), "entry": asdict(entry)})
        writer.end({"documents": documents, "chunks": chunks})
        draft.replace(file)
    finally:
        writer.close()
        draft.unlink(missing_ok=True)
    return await asyncio.to_thread(collection.manifest.totals)


def check_archive(file: Path) -> Header:
    """Reads a file from end to end; its header once everything in it is as it was written.

    Raises:
        BadInput: no such file, not an archive, of another version, cut short or damaged.
    """
    lines = _lines(file)
    header = next(lines, {})
    if header.get("ardoise") != FORMAT:
        found = header.get("ardoise", "none")
        raise BadInput(f"{file} is no collection in format {FORMAT} (its format: {found}): export it again")
    for _ in lines:
        pass
    return Header(header["collection"], Facts(**header["facts"]))


async def read_archive(file: Path, collection: Collection) -> Totals:
    """Fills an empty collection from a file that ``check_archive`` has accepted.

    The facts of the manifest come last: a collection without them was not read to the end.
    """
    lines = _lines(file)
    facts = Facts(**next(lines)["facts"])
    while batch := await asyncio.to_thread(_take, lines):
        points = [_point(line) for line in batch if "chunk" in line]
        rows = [_row(line) for line in batch if "document" in line]
        await collection.index.upsert(points)
        await asyncio.to_thread(collection.manifest.put, rows)
    await asyncio.to_thread(collection.manifest.set_facts, facts)
    return await asyncio.to_thread(collection.manifest.totals)


class _Writer:
    """Lines into a gzipped file, and their hash."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._zip = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=_LEVEL, mtime=0)
        self._hash = hashlib.sha256()

    def line(self, value: Any) -> None:
        data = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        self._hash.update(data)
        self._zip.write(data)

    def lines(self, values: Iterable[Any]) -> None:
        for value in values:
            self.line(value)

    def end(self, counts: dict[str, int]) -> None:
        self.line(counts | {"sha256": self._hash.hexdigest()})
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._zip.close()
        self._file.close()


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines but the last, which has to be their hash."""
    seen = hashlib.sha256()
    last: bytes | None = None
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                if last is not None:
                    seen.update(last)
                    yield json.loads(last)
                last = line
        if last is None or json.loads(last)["sha256"] != seen.hexdigest():
            raise BadInput(f"{file} is damaged: its checksum is not that of its lines; export it again")
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} cannot be read as a collection ({error}): export it again") from error


def _take(lines: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for _, line in zip(range(_BATCH), lines, strict=False)]


def _point_line(point: Point) -> dict[str, Any]:
    return _token_fields(point.tokens) | {
        "chunk": point.chunk.id,
        "payload": to_payload(point.chunk),
        "dense": _packed(point.dense),
        "indices": list(point.sparse.indices),
        "values": _packed(np.array(point.sparse.values, dtype=np.float32)),
    }


def _point(line: dict[str, Any]) -> Point:
    values = tuple(_unpacked(line["values"]).tolist())
    return Point(
        from_payload(line["chunk"], line["payload"]),
        _unpacked(line["dense"]),
        SparseVector(tuple(line["indices"]), values),
        _tokens(line["tokens"]) if "tokens" in line else None,
    )


def _token_fields(tokens: Tokens | None) -> dict[str, Any]:
    if tokens is None:
        return {}
    fields = {
        "encoder": tokens.encoder,
        "shape": list(tokens.vectors.shape),
        "vectors": _packed(tokens.vectors, "<f2"),
    }
    return {"tokens": fields}


def _tokens(fields: dict[str, Any]) -> Tokens:
    return Tokens(fields["encoder"], _unpacked(fields["vectors"], "<f2").reshape(fields["shape"]))


def _row(line: dict[str, Any]) -> tuple[Document, Entry]:
    document, entry = line["document"], line["entry"]
    pages = tuple(Page(**page) for page in document["pages"])
    chunk_ids = tuple(entry["chunk_ids"])
    return Document(**{**document, "pages": pages}), Entry(**{**entry, "chunk_ids": chunk_ids})


def _packed(vector: NDArray[Any], kind: str = "<f4") -> str:
    return base64.b64encode(vector.astype(kind).tobytes()).decode("ascii")


def _unpacked(text: str, kind: str = "<f4") -> NDArray[Any]:
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind).astype(kind[1:])
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"a vector of the file cannot be read: {error}") from error
