"""Two encoders in one vector: each question is asked in the half whose encoder knows its language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import numpy as np

from rag.embedding.base import Embedder, TokenEmbedder, Vectors
from rag.language import detect_language
from rag.resilience.workers import Workers


class BilingualEmbedder:
    """One encoder for questions in English, another for those in other languages.

    The vector of a passage holds both encoders' vectors, ``[english; other] / √2``, and that of a question
    one of them with zeros beside it, unless English is to be asked in both (``share``). Their product is that
    encoder's cosine times 1/√2, so the ranking is exactly the encoder's, over one index and one dense leg.
    The price: passages are embedded twice and take both vectors' room; a question costs one encoder, and
    the other one is not even loaded for it.
    """

    def __init__(
        self,
        english: Embedder,
        other: Embedder,
        workers: Workers,
        *,
        share: float = 1.0,
        remembered_queries: int = 256,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            english: for questions in English.
            other: for those in other languages.
            workers: where a question's language is detected, which may load a detector of 200 MB.
            share: ``a`` in the vector ``[a · english; √(1 - a²) · other]`` of an English question. Below 1 it
                costs both encoders.
            remembered_queries: questions whose language is remembered.
        """
        self._share = share
        self.english = english
        self.other = other
        self._workers = workers
        self._languages: OrderedDict[str, str] = OrderedDict()
        self._remembered_queries = remembered_queries

    @property
    def name(self) -> str:
        """Both encoders' names: two of these vectors are only as comparable as their halves."""
        return f"bilingual({self.english.name}, {self.other.name})"

    @property
    def dimension(self) -> int:
        """Of both together."""
        return self.english.dimension + self.other.dimension

    @property
    def max_tokens(self) -> int:
        """The narrower window, which is meant in tokens of the English encoder."""
        return min(self.english.max_tokens, self.other.max_tokens)

    @property
    def languages(self) -> frozenset[str] | None:
        """Those of the other encoder, and English."""
        return None if self.other.languages is None else self.other.languages | {"en"}

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        """The token vectors of the encoder that serves ``language``."""
        return self.serving(language).token_embedder(language)

    @property
    def tokenizer(self) -> str:
        """The English encoder's, with the narrower window."""
        return self.english.tokenizer if self.max_tokens == self.english.max_tokens else self.name

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """The English encoder's tokens: chunks are cut as they are with that encoder alone."""
        return self.english.token_spans(text)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 ``[len(texts), dimension]``; one encoder after the other."""
        halves = [await encoder.embed_documents(texts) for encoder in (self.english, self.other)]
        vectors: Vectors = np.concatenate(halves, axis=1)
        return vectors / np.float32(2**0.5)

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question, float32 ``[dimension]``, from the encoder that serves its language."""
        share = self._share if await self._language(text) == "en" else 0.0
        return np.concatenate(
            [
                await _weighted(self.english, text, share),
                await _weighted(self.other, text, (1 - share**2) ** 0.5),
            ]
        )

    def serving(self, language: str) -> Embedder:
        """The encoder that questions in ``language`` are asked of."""
        return self.english if language == "en" else self.other

    async def _language(self, text: str) -> str:
        """The language of a question; the last few are remembered."""
        language = self._languages.pop(text, None)
        if language is None:
            language = await self._workers.run(partial(detect_language, text))
        self._languages[text] = language
        if len(self._languages) > self._remembered_queries:
            self._languages.popitem(last=False)
        return language


async def _weighted(encoder: Embedder, text: str, weight: float) -> Vectors:
    """A question's vector times its weight; an encoder of no weight is not asked."""
    if weight == 0:
        return np.zeros(encoder.dimension, dtype=np.float32)
    return np.float32(weight) * await encoder.embed_query(text)
