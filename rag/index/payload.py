"""A chunk as an index keeps it beside its vectors."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from rag.errors import BadInput
from rag.index.bounds import Kind
from rag.index.filters import Filter, filter_fields, range_fields
from rag.types import Chunk

FILTER_KEY = "filter"
"""Holds every field and value of a chunk, so that one keyword index answers every test for equality."""
MOST_RANGE_KEYS = 64
"""Keys of a collection whose ranges have an index; more are filtered too, by looking at each chunk."""


def to_payload(chunk: Chunk) -> dict[str, Any]:
    """The chunk as JSON values; metadata that JSON does not know becomes text.

    Raises:
        BadInput: text that is not valid Unicode.
    """
    payload = {
        "document_id": chunk.document_id,
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "headings": list(chunk.headings),
        "page": chunk.page,
        "parent_id": chunk.parent_id,
        "metadata": _plain(chunk.metadata),
        FILTER_KEY: [
            _condition(key, value) for key, values in filter_fields(chunk).items() for value in values
        ],
        "numbers": _without_quotes(range_fields(chunk, "numbers")),
        "dates": _without_quotes(range_fields(chunk, "dates")),
    }
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"chunk {chunk.id} of {chunk.document_id!r} holds half a surrogate pair, not text: {error}"
        ) from error
    return payload


def from_payload(chunk_id: str, payload: Mapping[str, Any]) -> Chunk:
    """The chunk that ``to_payload`` was given."""
    return Chunk(
        id=chunk_id,
        document_id=payload["document_id"],
        text=payload["text"],
        start=payload["start"],
        end=payload["end"],
        headings=tuple(payload["headings"]),
        page=payload["page"],
        parent_id=payload["parent_id"],
        metadata=payload["metadata"],
    )


def conditions(filter: Filter | None) -> list[list[str]]:
    """For each condition of the filter, the entries under ``FILTER_KEY`` of which a chunk must have one."""
    any_of = filter.any_of if filter else ()
    return [[_condition(key, value) for value in values] for key, values in any_of]


def range_path(kind: Kind, key: str) -> str:
    """Where a payload holds the values that a range over ``key`` looks at, as a JSON path."""
    return f'{kind}."{key}"'


def range_paths(chunks: Iterable[Chunk]) -> set[str]:
    """The paths under which ranges can find something in these chunks."""
    kinds: tuple[Kind, ...] = ("numbers", "dates")
    return {
        range_path(kind, key)
        for chunk in chunks
        for kind in kinds
        for key in _without_quotes(range_fields(chunk, kind))
    }


def point_ids(chunk_ids: Iterable[str]) -> list[str]:
    """Those of the ids that a point can have, each once: an id that is no UUID is nowhere in an index."""
    return [chunk_id for chunk_id in dict.fromkeys(chunk_ids) if _is_uuid(chunk_id)]


def check_ids(chunks: Iterable[Chunk]) -> None:
    """Sees that every chunk can be a point.

    Raises:
        BadInput: a chunk's id is not a UUID in its usual form.
    """
    for chunk in chunks:
        if not _is_uuid(chunk.id):
            raise BadInput(f"chunk id {chunk.id!r} is not a UUID: an index cannot hold it")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _without_quotes(fields: Mapping[str, list[float]]) -> dict[str, list[float]]:
    # A JSON path has no way to write a quote.
    return {key: values for key, values in fields.items() if key and '"' not in key and "\\" not in key}


def _condition(key: str, value: str) -> str:
    # As JSON, so that no choice of key and value reads like another.
    return json.dumps([key, value], ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case float() if math.isfinite(value):
            return value
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return str(value)
