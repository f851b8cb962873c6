"""The textbook implementation of BM25, all in memory: what the index's sparse leg is compared with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from rag.index.base import Scored


class ReferenceBm25:
    """rank_bm25's ``BM25Okapi`` over analyzed documents (chunk id to terms), each scored for each question.

    A term is a word or its id.

    Its IDF is replaced: Okapi's own, ``ln((N - n + 0.5) / (n + 0.5))``, is zero for a term in half of the
    documents and negative beyond. It keeps the factor ``k1 + 1``, which is taken out again.
    """

    def __init__(self, documents: Mapping[str, Sequence[Hashable]], k1: float = 0.9, b: float = 0.4) -> None:
        from rank_bm25 import BM25Okapi

        self._ids = list(documents)
        self._scale = k1 + 1
        self._bm25 = BM25Okapi([list(terms) for terms in documents.values()], k1=k1, b=b)
        size = len(documents)
        holding_each = Counter(term for counts in self._bm25.doc_freqs for term in counts)
        for term, holding in holding_each.items():
            self._bm25.idf[term] = math.log(1 + (size - holding + 0.5) / (holding + 0.5))

    def search(self, terms: Sequence[Hashable], limit: int) -> list[Scored]:
        """The best ``limit`` documents that hold a term of the question, best first, ties by id."""
        scores = zip(self._ids, self._bm25.get_scores(list(terms)), strict=True)
        found = [Scored(chunk_id, float(score) / self._scale) for chunk_id, score in scores if score > 0]
        return sorted(found, key=lambda hit: (-hit.score, hit.chunk_id))[:limit]
