"""Reading documents: the list of them, and a section of one by its heading or its page.

What is read comes as a passage, so that an answer quotes and cites it like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from pydantic import Field, model_validator

from agents.tools.base import MAX_TOKENS, Arguments, Tool, ToolResult, make_tool
from rag.errors import NotFound, ToolError
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Document, Hit

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"\w+")
_SHOWN = 200
"""Documents that one call lists."""

_MOST_READ = 4 * MAX_TOKENS
"""Characters that one call reads."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as it is listed."""

    id: str
    title: str
    language: str


class Library(Protocol):
    """The documents of this request's collection."""

    async def documents(self) -> Sequence[Listed]:
        """All of them, in the order of their ids."""

    async def document(self, document_id: str, /) -> Document:
        """One with its text; ``NotFound`` if there is none of that id."""


class Listing(Arguments):
    """Which documents to list."""

    containing: str = Field(
        "", description="words that the id or the title holds; empty: all", max_length=100
    )
    language: str | None = Field(None, pattern=r"^[a-z]{2,3}$", description="ISO 639-1, such as fr")


class Part(Arguments):
    """Which part of which document to read; neither heading nor page: from the beginning."""

    document: str = Field(
        description="the document's id, its file name, its title, or words of them", max_length=300
    )
    heading: str | None = Field(None, description="the heading of a section", max_length=300)
    page: int | None = Field(None, ge=1, description="a page, counted from 1")

    @model_validator(mode="after")
    def _one_way(self) -> Part:
        if self.heading is not None and self.page is not None:
            raise ValueError("give a heading or a page, not both")
        return self


def list_documents(library: Library) -> Tool:
    """The tool that lists what there is to read."""

    async def run(asked: Listing, _deadline: Deadline) -> ToolResult:
        wanted = asked.containing.casefold().split()
        found = [
            one
            for one in await library.documents()
            if (asked.language is None or one.language == asked.language)
            and all(word in f"{one.id} {one.title}".casefold() for word in wanted)
        ]
        lines = [f"{one.id} ({one.language}): {one.title}" for one in found[:_SHOWN]]
        more = [f"… and {len(found) - _SHOWN} more: ask for fewer"] if len(found) > _SHOWN else []
        return ToolResult("\n".join([f"{len(found)} documents", *lines, *more]))

    return make_tool(
        "list_documents",
        "Lists the documents of the collection, with id, language and title.",
        Listing,
        run,
        ({}, {"containing": "cache"}, {"language": "fr"}),
    )


def read_document(library: Library) -> Tool:
    """The tool that reads a section or a page, word for word."""

    async def run(asked: Part, _deadline: Deadline) -> ToolResult:
        document = await _find(asked.document, library)
        if asked.page is not None:
            where, (start, end) = f"page {asked.page}", _page(document, asked.page)
        elif asked.heading is not None:
            where, (start, end) = f"section {asked.heading!r}", _section(document, asked.heading)
        else:
            where, (start, end) = "from the beginning", (0, len(document.text))
        hit = _passage(document, start, end)
        size = len(hit.chunk.text)
        cut = f" of {end - start:,}: ask for a part" if end - start > _MOST_READ else ""
        told = f"{document.id}, {where}: {size:,} characters{cut}"
        return ToolResult(told, (hit,) if size else ())

    return make_tool(
        "read_document",
        "Reads a document of the collection: a section by its heading, a page by number, or the beginning.",
        Part,
        run,
        (
            {"document": "kv-cache.md", "heading": "The trade-off"},
            {"document": "formulas-cheat-sheet.pdf", "page": 1},
            {"document": "handbook/inference/roofline.md"},
        ),
    )


async def _find(name: str, library: Library) -> Document:
    """The document that ``name`` means: an id, else the one whose file name or title it is."""
    listed = await library.documents()
    key = name.strip().casefold()
    found = [one.id for one in listed if key == one.id.casefold()] or [
        one.id for one in listed if key in {one.title.casefold(), *_file_names(one.id)}
    ]
    # "découpage" for decoupage-documents.md, where no other is meant.
    words = _plain(key).split()
    found = found or [
        one.id for one in listed if set(words) <= set(_WORD.findall(_plain(f"{one.id} {one.title}")))
    ]
    if len(found) != 1:
        alike = found or get_close_matches(key, [_file_names(one.id)[0] for one in listed], cutoff=0.5)
        near = f"did you mean {', '.join(alike[:5])}?" if alike else "list_documents says which there are"
        raise ToolError(f"{len(found) or 'no'} documents are called {name!r}: {near}")
    try:
        return await library.document(found[0])
    except NotFound as error:
        raise ToolError(f"{error}: it was deleted meanwhile, list_documents says which are there") from error


def _plain(text: str) -> str:
    """``text`` without accents."""
    return "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    )


def _file_names(document_id: str) -> tuple[str, str]:
    """The last part of an id, with its ending and without."""
    last = document_id.casefold().rsplit("/", 1)[-1]
    return last, last.rsplit(".", 1)[0]


def _passage(document: Document, start: int, end: int) -> Hit:
    """``document.text[start:end]`` without the white space around it, as far as one call reads."""
    text = document.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    if len(text) > _MOST_READ:
        text = text[:_MOST_READ].rsplit(maxsplit=1)[0]
    page = next((one.number for one in document.pages if one.start <= start < one.end), None)
    metadata = {**document.metadata, "language": document.language}
    name = f"{document.id}:{start}-{start + len(text)}"
    return Hit(
        Chunk(name, document.id, text, start, start + len(text), page=page, metadata=metadata), score=0.0
    )


def _page(document: Document, number: int) -> tuple[int, int]:
    """Where the page begins and ends."""
    for page in document.pages:
        if page.number == number:
            return page.start, page.end
    has = f"{len(document.pages)} pages" if document.pages else "no pages: read it by heading"
    raise ToolError(f"{document.id} has no page {number}, it has {has}")


def _section(document: Document, heading: str) -> tuple[int, int]:
    """The span of the section under ``heading`` with those below it, up to the next heading of its rank."""
    fences = [match.span() for match in _FENCED.finditer(document.text)]
    headings = [
        match
        for match in _HEADING.finditer(document.text)
        if not any(start <= match.start() < end for start, end in fences)
    ]
    wanted = heading.strip().casefold()
    exact = [match for match in headings if match[2].casefold() == wanted]
    chosen = exact or [match for match in headings if wanted in match[2].casefold()]
    if not chosen:
        known = ", ".join(repr(match[2]) for match in headings[:20]) or "none"
        raise ToolError(f"{document.id} has no section {heading!r}; its headings are {known}")
    first = chosen[0]
    ends = (
        match.start()
        for match in headings
        if match.start() > first.start() and len(match[1]) <= len(first[1])
    )
    return first.start(), next(ends, len(document.text))
