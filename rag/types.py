"""The nouns of the system: what passes between the boxes of the whiteboard.

Every type is frozen: a stage returns a new value and never edits the one it was given.
Offsets are counted in Unicode code points of ``Document.text``, so that slicing works as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Metadata = Mapping[str, Any]
Grade = Literal["full", "other_model", "cut", "cached", "extractive"]
"""How an answer came about: by the configured model, by another, by one that its token limit cut short, out
of the cache, or by extraction.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a paged document: ``document.text[start:end]`` is its text; ``number`` counts from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A source as text.

    ``id`` equals ``uri``: the POSIX path below the ingested folder, prefixed by the folder's own name
    (``handbook/inference/kv-cache.md``), or ``_id`` for a row of a BEIR folder. ``pages`` is empty
    for formats without pages.
    """

    id: str
    text: str
    uri: str
    mime: str
    language: str
    metadata: Metadata = field(default_factory=dict)
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: ``document.text[start:end] == text`` for every chunker that does not rewrite.

    ``id`` is content-addressed (a UUID made from document, span and text), ``headings`` leads from the
    document's title down to the section, ``page`` is the page on which the chunk starts.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None
    parent_id: str | None = None
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Weights by term: ``values[i]`` belongs to the term whose id is ``indices[i]``; indices are distinct."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LegScore:
    """Where one leg of the search placed a chunk: ``rank`` counts from 1, ``score`` is the leg's own."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk and how it got its place.

    ``score`` is the score that ordered the hits: the fused one, or the reranker's where one ran.
    ``legs`` maps a leg's name (``dense``, ``sparse``) to its rank and score there. ``stands_for`` names
    other chunks that this hit took the place of: near duplicates, and hits that went into its passage.
    """

    chunk: Chunk
    score: float
    legs: Mapping[str, LegScore] = field(default_factory=dict)
    fused: LegScore | None = None
    rerank_score: float | None = None
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker of the answer (1 for ``[1]``) and its exact quote: ``document.text[start:end] == quote``.

    ``claim`` are the answer's words that it is cited for, ``flags`` the checks that found against them
    (``rag/answer/support.py``); ``similarity`` is the cosine of the two, where it was computed.
    """

    marker: int
    chunk_id: str
    document_id: str
    uri: str
    start: int
    end: int
    page: int | None
    quote: str
    supported: bool
    claim: str = ""
    flags: tuple[str, ...] = ()
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Degradation:
    """A part that could not do its work as configured, and why.

    ``reason`` is the kind of a model's failure, in the word that metrics and traces have for it.
    """

    part: str
    why: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the backend counted them; zero for backends that use no model."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens
        )


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step on the way to an answer: the node that ran, how long (milliseconds), and what it decided."""

    node: str
    ms: float
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system says, what it rests on, and how it came about (times in milliseconds by stage)."""

    text: str
    citations: tuple[Citation, ...] = ()
    abstained: bool = False
    grade: Grade = "full"
    degraded: tuple[Degradation, ...] = ()
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=dict)
    trace: tuple[TraceStep, ...] = ()
