"""Whether a search brings what a question was drafted from: textbook BM25 over the documents, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.drafting.base import Draft
from eval.text import covered
from ingest.chunkers.base import Chunker
from rag.lexical import content_stems
from rag.sparse.reference import ReferenceBm25
from rag.types import Document

ENOUGH = 0.5
"""The share of its quote's words that the hits must hold."""


def finder(documents: Sequence[Document], chunker: Chunker, top_k: int) -> Callable[[Draft], bool]:
    """Tells of a draft whether the first ``top_k`` chunks for its question hold its quote.

    Words alone decide, as no system under test should choose its own questions by its own embedder.
    """
    chunks = {
        chunk.id: (chunk, document.language) for document in documents for chunk in chunker.split(document)
    }
    terms = {name: content_stems(chunk.text, language) for name, (chunk, language) in chunks.items()}
    index = ReferenceBm25(terms)

    def finds(draft: Draft) -> bool:
        hits = index.search(content_stems(draft.question, draft.language), top_k)
        found = (chunks[hit.chunk_id][0] for hit in hits)
        return (
            covered(draft.quote, [one.text for one in found if one.document_id == draft.document_id])
            >= ENOUGH
        )

    return finds
