"""BM25 as two sparse vectors whose dot product, IDF put in by the index, is the score.

Of a term that occurs ``f`` times in a document of ``l`` terms, in a collection of average length ``L``::

    document weight = f / (f + k1 · (1 - b + b · l / L))
    query weight    = times the term occurs in the question
    IDF             = ln(1 + (N - n + 0.5) / (n + 0.5)),  n of N documents hold the term

This is Lucene's form of BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
Beyond", doi:10.1561/1500000019), compared with others by Kamphuis, de Vries, Boytsov & Lin 2020, "Which BM25
Do You Mean?", doi:10.1007/978-3-030-45442-5_4; it leaves out the factor k1 + 1, which changes no order.
Qdrant's IDF modifier is the same formula.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rag.errors import ConfigurationError
from rag.sparse.analyzer import Analyzer
from rag.types import SparseVector


class Bm25Encoder:
    """BM25 with ``k1`` (how soon repetition saturates) and ``b`` (how much length counts, 0 to 1)."""

    def __init__(self, analyzer: Analyzer, k1: float = 0.9, b: float = 0.4) -> None:
        if not (k1 >= 0 and 0 <= b <= 1):
            raise ConfigurationError(f"BM25 needs k1 ≥ 0 and b between 0 and 1, not k1={k1} and b={b}")
        self._analyzer = analyzer
        self._k1 = k1
        self._b = b

    @property
    def name(self) -> str:
        """Formula, parameters and analyzer."""
        return f"bm25(k1={self._k1:g},b={self._b:g})/{self._analyzer.name}"

    def length(self, text: str, language: str) -> int:
        """Number of terms of ``text``, repetitions counted."""
        return len(self._analyzer.terms(text, language))

    def term_ids(self, text: str, language: str) -> list[int]:
        """The terms of ``text`` in order, as vectors name them."""
        return [term_id(term) for term in self._analyzer.terms(text, language)]

    def encode_documents(
        self, texts: Sequence[str], languages: Sequence[str], average_length: float
    ) -> list[SparseVector]:
        """The document side; a text without terms has an empty vector."""
        return [
            self._document(self._analyzer.terms(text, language), average_length)
            for text, language in zip(texts, languages, strict=True)
        ]

    def encode_query(self, text: str, language: str) -> SparseVector:
        """The query side; empty when no term is left."""
        counts = _count(self._analyzer.terms(text, language))
        return SparseVector(tuple(counts), tuple(float(count) for count in counts.values()))

    def words(self, text: str, language: str) -> dict[int, str]:
        """For each term's id the first word that became it; of the few terms that share an id, one's."""
        named: dict[int, str] = {}
        for word, term in self._analyzer.words(text, language):
            named.setdefault(term_id(term), word)
        return named

    def _document(self, terms: Sequence[str], average_length: float) -> SparseVector:
        # A collection without terms has average 0, and then no document comes to the division.
        counts = _count(terms)
        norm = self._k1 * (1 - self._b + self._b * len(terms) / average_length) if counts else 0.0
        return SparseVector(tuple(counts), tuple(count / (count + norm) for count in counts.values()))


def _count(terms: Iterable[str]) -> Counter[int]:
    """How often each term id occurs; the few terms that share an id count as one."""
    return Counter(map(term_id, terms))


@lru_cache(maxsize=200_000)
def term_id(term: str) -> int:
    """A 32-bit id of ``term``, the same in every process and on every machine (BLAKE2b)."""
    return int.from_bytes(
        hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big"
    )
