"""BM25 libraries, each given the terms of texts and queries as our analyzer makes them."""

from __future__ import annotations

from bench_retrieval.material import LIMIT, Side, chunk_id
from bench_retrieval.worker import Ask

K1, B = 0.9, 0.4


def rank_bm25(chunks: Side, queries: Side) -> Ask:
    """rank-bm25's BM25Okapi."""
    from rank_bm25 import BM25Okapi

    numbers = list(range(len(chunks.texts)))
    index = BM25Okapi([chunks.term_ids(number) for number in numbers], k1=K1, b=B)

    def ask(number: int) -> list[str]:
        return [chunk_id(found) for found in index.get_top_n(queries.term_ids(number), numbers, n=LIMIT)]

    return ask


def bm25s(chunks: Side, queries: Side) -> Ask:
    """bm25s, on numpy as it installs: every score is computed beforehand, so that nothing can be added."""
    from bm25s import BM25

    index = BM25(method="lucene", k1=K1, b=B)
    terms = [[str(term) for term in chunks.term_ids(number)] for number in range(len(chunks.texts))]
    index.index(terms, show_progress=False)

    def ask(number: int) -> list[str]:
        words = [str(term) for term in queries.term_ids(number)]
        found, _ = index.retrieve([words], k=LIMIT, show_progress=False)
        return [chunk_id(int(place)) for place in found[0]]

    return ask
