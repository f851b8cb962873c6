"""The contract of a sparse encoder: texts to weights by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rag.types import SparseVector


class SparseEncoder(Protocol):
    """Splits BM25 in two: document side (term frequency, length) here, IDF kept by the index.

    The score of a document is the dot product of the two vectors, each query weight multiplied
    by the term's IDF in the index.
    """

    @property
    def name(self) -> str:
        """Formula, parameters and analyzer; two encoders of one name give the same vectors."""

    def length(self, text: str, language: str) -> int:
        """Number of terms of ``text`` after analysis: the document length of BM25."""

    def term_ids(self, text: str, language: str) -> list[int]:
        """The terms of ``text`` in order, repeated as they occur, as the indices of vectors name them."""

    def encode_documents(
        self, texts: Sequence[str], languages: Sequence[str], average_length: float
    ) -> list[SparseVector]:
        """Saturated, length-normalised term frequencies; ``average_length`` is the collection's, in terms."""

    def encode_query(self, text: str, language: str) -> SparseVector:
        """The terms of a question, each weighted by how often it occurs there."""

    def words(self, text: str, language: str) -> Mapping[int, str]:
        """For the id of each term of ``text``, the first word that became this term, as it was folded."""
