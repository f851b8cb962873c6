"""The contract of a drafter: a document to questions that it answers, each with its gold quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.types import Document


@dataclass(frozen=True, slots=True)
class Draft:
    """A question, its answer, and the passage that the answer rests on, as its drafter gave them."""

    document_id: str
    language: str
    question: str
    answer: str
    quote: str


class Drafter(Protocol):
    """Drafts questions about one document at a time."""

    @property
    def name(self) -> str:
        """The method and its model, for the report."""

    async def draft(self, document: Document) -> Sequence[Draft]:
        """Some questions, good or not: who asks checks them.

        Raises:
            ModelError, DeadlineExceeded: the model gave no drafts of this document.
        """
