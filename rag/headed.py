"""A chunk's text as models read it: under the headings above it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Chunk


def passage_text(chunk: Chunk) -> str:
    """What encoders embed and rerankers compare with a question: the passage under its headings."""
    return with_headings(chunk.headings, chunk.text)


def with_headings(headings: Sequence[str], text: str) -> str:
    """``text`` under a line of those headings that it does not start with itself."""
    if not headings:
        return text
    own = set()
    for line in text.splitlines():
        words = line.strip().lstrip("#").strip()
        if words and words not in headings:
            break
        own.add(words)
    above = [heading for heading in headings if heading not in own]
    return f"{' > '.join(above)}\n{text}" if above else text
