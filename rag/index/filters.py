"""Conditions on a chunk's fields that every leg of a search obeys.

On a command line a condition is one word; over HTTP it is a member of the ``filter`` object::

    lang=en                     {"lang": "en"}                        the value is, or contains, en
    lang=en|fr                  {"lang": ["en", "fr"]}                any of these
    year>=2020 year<2023        {"year": {"gte": 2020, "lt": 2023}}   a number in this range
    date>=2024-01-01            {"date": {"gte": "2024-01-01"}}       a date in this range (ISO 8601)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rag.errors import BadInput
from rag.index.bounds import Kind, dates_of, numbers_of, read_bounds
from rag.types import Chunk

FIELDS = ("document_id", "language", "mime", "page")
"""Fields that a chunk always has; everything else names a key of its metadata."""
TENANT = "tenant"
"""The metadata key that names the owner of a document where a collection serves several."""

Value = str | int | float
Bound = Literal["gte", "gt", "lte", "lt"]
Conditions = Mapping[str, Value | Iterable[Value] | Mapping[Bound, Value]]

_WORD = re.compile(r"(?P<key>[^=<>]+)(?P<sign>>=|<=|=|>|<)(?P<value>.+)", re.DOTALL)
_BOUNDS: Mapping[str, Bound] = {">=": "gte", ">": "gt", "<=": "lte", "<": "lt"}
_OR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Range:
    """One value of ``key`` lies between the bounds; dates are seconds since 1970 in UTC."""

    key: str
    kind: Kind
    gte: float | None = None
    gt: float | None = None
    lte: float | None = None
    lt: float | None = None

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies between all bounds."""
        return (
            (self.gte is None or value >= self.gte)
            and (self.gt is None or value > self.gt)
            and (self.lte is None or value <= self.lte)
            and (self.lt is None or value < self.lt)
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """All conditions must hold.

    One of ``any_of`` holds when the chunk's value is, or contains, any of those listed; values compare as
    text, so that ``page=3`` means the same on a command line and in JSON. One of ``ranges`` holds when the
    chunk's value, or one of its values, lies in the range.
    """

    any_of: tuple[tuple[str, tuple[str, ...]], ...]
    ranges: tuple[Range, ...] = ()

    @classmethod
    def of(cls, conditions: Conditions) -> Filter | None:
        """A filter from the ``filter`` object of a request; ``None`` when there are no conditions.

        Raises:
            BadInput: an empty key, a key with no values, or bounds that are no numbers and no dates.
        """
        any_of: list[tuple[str, tuple[str, ...]]] = []
        ranges: list[Range] = []
        for key, given in conditions.items():
            if isinstance(given, Mapping):
                kind, bounds = read_bounds(key, given)
                ranges.append(Range(key, kind, **bounds))
                continue
            values = (given,) if isinstance(given, Value) else tuple(given)
            if not key or not values:
                raise BadInput(f"a filter is KEY=VALUE with both given, not {key!r}={given!r}")
            any_of.append((key, tuple(dict.fromkeys(_as_text(value) for value in values))))
        return cls(tuple(any_of), tuple(ranges)) if any_of or ranges else None

    @classmethod
    def parse(cls, words: Iterable[str]) -> Filter | None:
        """A filter from words such as ``year>=2020``; raises as ``read_words`` and ``of`` do."""
        return cls.of(read_words(words))

    @property
    def corpus(self) -> Filter | None:
        """The part that says whose documents these are: a tenant's BM25 statistics are its own.

        A term that other tenants use often or never must not show in this one's scores.
        """
        tenant = tuple(condition for condition in self.any_of if condition[0] == TENANT)
        return Filter(tenant) if tenant else None

    def accepts(self, chunk: Chunk) -> bool:
        """Whether ``chunk`` passes: what every engine's answer is compared with."""
        fields = filter_fields(chunk)
        return all(set(values) & set(fields.get(key, ())) for key, values in self.any_of) and all(
            any(map(wanted.holds, range_fields(chunk, wanted.kind).get(wanted.key, ())))
            for wanted in self.ranges
        )


def read_words(words: Iterable[str]) -> dict[str, Any]:
    r"""The ``filter`` object that words of a command line stand for.

    A key given twice with ``=`` accepts either value, with bounds both must hold. ``\|`` is a bar that
    belongs to the value.

    Raises:
        BadInput: a word of another form, or a key with both a value and a bound.
    """
    values: dict[str, list[str]] = {}
    bounds: dict[str, dict[Bound, str]] = {}
    for word in words:
        match = _WORD.fullmatch(word)
        if match is None:
            raise BadInput(
                f"a filter is KEY=VALUE, KEY=ONE|OTHER or KEY>=VALUE (also >, <=, <), not {word!r}"
            )
        key, sign, value = match.groups()
        if sign == "=":
            values.setdefault(key, []).extend(part.replace("\\|", "|") for part in _OR.split(value))
        elif _BOUNDS[sign] in bounds.setdefault(key, {}):
            raise BadInput(f"{key!r} has two bounds {sign}: give one")
        else:
            bounds[key][_BOUNDS[sign]] = value
    if both := sorted(values.keys() & bounds.keys()):
        raise BadInput(f"{both[0]!r} has both a value and a bound: give one or the other")
    if empty := [key for key, given in values.items() if "" in given]:
        raise BadInput(f"a filter is KEY=VALUE with both given: {empty[0]!r} has an empty value")
    return {**values, **bounds}


def filter_fields(chunk: Chunk) -> dict[str, list[str]]:
    """What equality sees of a chunk: each field and metadata key with its values as text.

    ``mime`` and ``language`` are put into a chunk's metadata by ingestion. Nested metadata is not filterable.
    """
    fields = {"document_id": [chunk.document_id]}
    if chunk.page is not None:
        fields["page"] = [str(chunk.page)]
    for key, values in _listed(chunk).items():
        texts = [_as_text(item) for item in values if isinstance(item, Value)]
        if texts:
            fields[key] = texts
    return fields


def range_fields(chunk: Chunk, kind: Kind) -> dict[str, list[float]]:
    """What ranges see of a chunk: page and metadata that are numbers, or text that is an ISO 8601 date."""
    read = numbers_of if kind == "numbers" else dates_of
    listed = _listed(chunk)
    if chunk.page is not None:
        listed["page"] = [chunk.page]
    found = {key: read(values) for key, values in listed.items()}
    return {key: values for key, values in found.items() if values}


def _listed(chunk: Chunk) -> dict[str, list[object]]:
    return {
        key: list(value) if isinstance(value, list | tuple) else [value]
        for key, value in chunk.metadata.items()
    }


def _as_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
