"""Reranking by late interaction: every token of the question looks for its best match in the passage."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rag.embedding.base import Embedder, TokenEmbedder, Vectors
from rag.errors import ModelUnavailable
from rag.headed import passage_text
from rag.index.base import Index
from rag.language import detect_language
from rag.reranking.base import reordered
from rag.reranking.token_memory import TokenMemory
from rag.resilience.workers import Workers
from rag.types import Hit

TokenVectors = NDArray[np.float16]
"""Of a passage: ``[tokens, dimension]``, in half precision, which changes no order that matters."""
_QUESTIONS_BYTES = 2**20
"""Questions whose vectors are remembered: a question comes with each of its batches of hits."""


def max_sim(query: Vectors, passage: TokenVectors) -> float:
    """``Σ over query tokens of max over passage tokens of their cosine``, divided by the query's tokens.

    Khattab & Zaharia 2020, "ColBERT: Efficient and Effective Passage Search via Contextualized Late
    Interaction over BERT", doi:10.1145/3397271.3401075. Both float ``[tokens, dimension]`` of unit length.
    """
    return float((query @ passage.T.astype(np.float32)).max(axis=1).mean())


class LateInteractionReranker:
    """MaxSim over the embedder's own token vectors, so that it needs no weights but those that are there.

    The encoder was trained for one vector a text and not for this, so its scores are better blended with
    the fused ones than taken alone. An index that keeps the passages' token vectors is asked for their
    scores; those that it lacks are computed and remembered, the last used ones, up to ``remembered_bytes``.
    """

    def __init__(
        self,
        embedder: Embedder,
        workers: Workers,
        *,
        batch_size: int = 10,
        remembered_bytes: int = 256 * 2**20,
    ) -> None:
        self.batch_size = batch_size
        self._embedder = embedder
        self._workers = workers
        self._questions = TokenMemory("query", np.float32, _QUESTIONS_BYTES)
        self._passages = TokenMemory("document", np.float16, remembered_bytes)
        self._index: Index | None = None

    def over(self, index: Index) -> LateInteractionReranker:
        """The same for the hits of one index, which is asked first; both remember in one place."""
        other = copy(self)
        other._index = index
        return other

    @property
    def name(self) -> str:
        """The method and the embedder."""
        return f"late_interaction({self._embedder.name})"

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Best first by MaxSim, from -1 to 1; ties keep their order.

        Raises:
            ModelUnavailable: the embedder has no token vectors for the question's language.
            IndexUnavailable: the index that keeps token vectors is down or slow.
            Overloaded: the workers' queue is full.
        """
        if not hits:
            return []
        language = await self._workers.run(partial(detect_language, query))
        encoder = self._embedder.token_embedder(language)
        if encoder is None:
            raise ModelUnavailable(
                f"{self._embedder.name} has no token vectors for the language {language!r}"
            )
        [asked] = await self._questions.vectors(encoder, [query])
        scores = await self._precomputed(asked, encoder, hits)
        scores |= await self._computed(asked, encoder, [hit for hit in hits if hit.chunk.id not in scores])
        return reordered(hits, [scores[hit.chunk.id] for hit in hits])

    async def _precomputed(
        self, asked: Vectors, encoder: TokenEmbedder, hits: Sequence[Hit]
    ) -> dict[str, float]:
        """Scores by chunk id, of those whose token vectors the index keeps."""
        if self._index is None:
            return {}
        found = await self._index.max_sim(asked, encoder.name, [hit.chunk.id for hit in hits])
        return {scored.chunk_id: scored.score for scored in found}

    async def _computed(
        self, asked: Vectors, encoder: TokenEmbedder, hits: Sequence[Hit]
    ) -> dict[str, float]:
        """Scores by chunk id, from vectors that are made or remembered here."""
        if not hits:
            return {}
        passages = await self._passages.vectors(encoder, [passage_text(hit.chunk) for hit in hits])
        scores = await self._workers.run(lambda: [max_sim(asked, passage) for passage in passages])
        return {hit.chunk.id: score for hit, score in zip(hits, scores, strict=True)}
