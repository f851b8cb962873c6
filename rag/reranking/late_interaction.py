"""Reranking by late interaction: every token of the question looks for its best match in the passage."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rag.embedding.base import Embedder, TokenEmbedder, Vectors
from rag.errors import ModelUnavailable
from rag.headed import passage_text
from rag.language import detect_language
from rag.reranking.base import reordered
from rag.resilience.workers import Workers
from rag.types import Hit

TokenVectors = NDArray[np.float16]
"""Of a passage: ``[tokens, dimension]``, in half precision, which changes no order that matters."""


def max_sim(query: Vectors, passage: TokenVectors) -> float:
    """``Σ over query tokens of max over passage tokens of their cosine``, divided by the query's tokens.

    Khattab & Zaharia 2020, "ColBERT: Efficient and Effective Passage Search via Contextualized Late
    Interaction over BERT", doi:10.1145/3397271.3401075. Both float ``[tokens, dimension]`` of unit length.
    """
    return float((query @ passage.T.astype(np.float32)).max(axis=1).mean())


class LateInteractionReranker:
    """MaxSim over the embedder's own token vectors, so that it needs no weights but those that are there.

    The encoder was trained for one vector a text and not for this, so its scores are better blended with
    the fused ones than taken alone. Passages' vectors are remembered, the last used ones, up to
    ``remembered_bytes``.
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
        self._remembered: OrderedDict[tuple[str, str], TokenVectors] = OrderedDict()
        self._room = remembered_bytes

    @property
    def name(self) -> str:
        """The method and the embedder."""
        return f"late_interaction({self._embedder.name})"

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Best first by MaxSim, from -1 to 1; ties keep their order.

        Raises:
            ModelUnavailable: the embedder has no token vectors for the question's language.
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
        [asked] = await encoder.embed_tokens([query], "query")
        passages = await self._passages(encoder, [passage_text(hit.chunk) for hit in hits])
        scores = await self._workers.run(lambda: [max_sim(asked, passage) for passage in passages])
        return reordered(hits, scores)

    async def _passages(self, encoder: TokenEmbedder, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each text; only those not remembered are computed, in one batch."""
        found = {text: self._remembered.get((encoder.name, text)) for text in texts}
        new = [text for text, known in found.items() if known is None]
        made = await encoder.embed_tokens(new, "document") if new else []
        vectors = {text: known for text, known in found.items() if known is not None}
        vectors |= {text: tokens.astype(np.float16) for text, tokens in zip(new, made, strict=True)}
        for text, tokens in vectors.items():
            self._remember((encoder.name, text), tokens)
        return [vectors[text] for text in texts]

    def _remember(self, key: tuple[str, str], tokens: TokenVectors) -> None:
        if (before := self._remembered.pop(key, None)) is not None:
            self._room += before.nbytes
        self._remembered[key] = tokens
        self._room -= tokens.nbytes
        while self._room < 0:
            _, dropped = self._remembered.popitem(last=False)
            self._room += dropped.nbytes
