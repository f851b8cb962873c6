"""Decomposition without a model: several questions in one, and the two sides of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.lexical import content_stems
from rag.llm.base import Message
from rag.queries.asking import distinct
from rag.queries.base import MOST_QUERIES, Queries
from rag.resilience.deadline import Deadline
from rag.sentences import split_sentences

_ASKING = (
    r"how|what|which|why|when|where|who|does|do|is|are|can|should"
    r"|comment|quel(?:le)?s?|pourquoi|quand|où|qui|combien|que|qu['’]|est-ce"
)
# A second question begins after a comma or an "and" with a word that asks.
_NEXT = re.compile(rf"(?:[,;:]\s*(?:and|but|et|mais)?|\s(?:and|et))\s+(?=(?:{_ASKING})\b)", re.IGNORECASE)
_SIDES = (
    re.compile(r"\b(?:between|entre)\s+(.+?)\s+(?:and|et)\s+(.+?)\s*(?:[?.,;:]|$)", re.IGNORECASE),
    re.compile(r"^\s*(.+?)\s+(?:vs\.?|versus)\s+(.+?)\s*(?:[?.,;:]|$)", re.IGNORECASE),
    re.compile(r"^\s*(\S+(?:\s\S+)?)\s+(?:or|ou)\s+(.+?)\s*(?:[?.,;:]|$)", re.IGNORECASE),
)
_ENOUGH = 2
"""Words of content that a part needs to be looked up alone: "and why?" says nothing by itself."""


class RuleDecomposer:
    """Splits at sentences and at words that ask; takes "A vs B", "A or B: …" and "between A and B" apart."""

    def __init__(self, most: int = MOST_QUERIES) -> None:
        self.name = f"decompose({most}, rule)"
        self._most = most

    async def expand(
        self,
        query: str,
        history: Sequence[Message],  # noqa: ARG002 (the contract's)
        deadline: Deadline,  # noqa: ARG002 (the contract's)
    ) -> Queries:
        """The question and its parts; a simple one comes back alone."""
        found = parts(query)
        if not found or self._most == 1:
            return Queries((query,))
        texts = distinct([query, *found], self._most)
        return Queries(texts, why=f"asked in {len(texts) - 1} parts")


def parts(question: str) -> list[str]:
    """The questions in a question, or the sides that it compares; empty where it is one question."""
    sides = _sides(question)
    if sides:
        return sides
    found: list[str] = []
    for sentence in split_sentences(question):
        for piece in _NEXT.split(sentence.text):
            if found and not _says_something(piece):
                found[-1] = f"{found[-1]} {piece}"
            else:
                found.append(piece)
    return found if len(found) > 1 else []


def _says_something(piece: str) -> bool:
    """Whether a part can be looked up alone, in whichever of the languages it is."""
    return min(len(content_stems(piece, language)) for language in ("en", "fr")) >= _ENOUGH


def _sides(question: str) -> list[str]:
    """Each side of a comparison with what is asked of both."""
    for pattern in _SIDES:
        match = pattern.search(question)
        if match is not None:
            before, after = question[: match.start()], question[match.end(2) :]
            return [f"{before}{side}{after}" for side in match.groups()]
    return []
