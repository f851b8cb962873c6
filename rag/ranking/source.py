"""Where the passages around a passage come from: the document's text and its chunks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.types import Chunk


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was cut: its text, and its chunks in the order in which they stand there."""

    text: str
    chunks: Sequence[Chunk]


Sources = Callable[[Collection[str]], Awaitable[Mapping[str, Source]]]
"""The sources of documents by id; those that are not there are left out."""
