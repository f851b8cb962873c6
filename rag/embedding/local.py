"""What embedders on this machine share: the tokenizer, batches of like length, questions remembered."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding.base import TokenEmbedder, Vectors
from rag.embedding.card import read_card
from rag.embedding.weights import DEFAULT_MODEL, Weights
from rag.resilience.workers import Workers

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LANGUAGES: Mapping[str, frozenset[str]] = {DEFAULT_MODEL: frozenset({"en"})}
"""What a model serves well, by ISO 639-1 code, for models that do not serve every language."""


class LocalEmbedder(ABC):
    """Loads the tokenizer at its first use and leaves the model to ``_embed``, which runs in ``workers``.

    ``lanes`` is the number of batches given to the workers at a time: not more than they have threads, or
    a question asked meanwhile waits for more than one batch.
    """

    def __init__(
        self,
        weights: Weights,
        workers: Workers,
        *,
        batch_size: int = 32,
        lanes: int = 1,
        remembered_queries: int = 256,
    ) -> None:
        self.weights = weights
        self._workers = workers
        self._batch_size = batch_size
        self._lanes = lanes
        self._card = read_card(weights.folder, weights.model)
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._remembered_queries = remembered_queries

    @property
    @abstractmethod
    def name(self) -> str:
        """The model and what identifies its weights."""

    @abstractmethod
    def _embed(self, texts: list[str], *, query: bool) -> Vectors:
        """Vectors of a batch, float32 ``[len(texts), dimension]`` of unit length; called in a worker."""

    @property
    def dimension(self) -> int:
        """Length of a vector, as the model's files say."""
        return self._card.dimension

    @property
    def languages(self) -> frozenset[str] | None:
        """Languages that the model serves, where that is known; see ``LANGUAGES``."""
        return LANGUAGES.get(self.weights.model)

    @property
    def max_tokens(self) -> int:
        """The model's window less the special tokens and the prompt that go with every passage."""
        return self._card.window - len(self._tokenizer.encode(self._card.document).ids)

    def token_embedder(self, language: str) -> TokenEmbedder | None:  # noqa: ARG002 - one model for all
        """Nothing, unless the runtime can tell the tokens' vectors."""
        return None

    @property
    def tokenizer(self) -> str:
        """The model and its window: runtimes and precisions of it share the tokenizer."""
        return f"{self.weights.name}/{self.max_tokens}"

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets of the model's tokens in ``text``; needs the tokenizer alone."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets]

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 ``[len(texts), dimension]``.

        Batches hold texts of like length, so that little is spent on padding; each is a call of its own
        to the workers, so that a question asked meanwhile waits for one batch and not for all.

        Raises:
            ConfigurationError: the weights are not the expected ones.
            Overloaded: the workers' queue is full.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        longest_first = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        size = self._batch_size
        batches = iter([longest_first[start : start + size] for start in range(0, len(texts), size)])
        lanes = [asyncio.create_task(self._lane(texts, batches, vectors)) for _ in range(self._lanes)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
        return vectors

    async def _lane(self, texts: Sequence[str], batches: Iterator[list[int]], vectors: Vectors) -> None:
        """Takes batches, shared with the other lanes, until none is left."""
        for places in batches:
            batch = [texts[place] for place in places]
            vectors[places] = await self._workers.run(partial(self._embed, batch, query=False))

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question, float32 ``[dimension]``; the last few are remembered."""
        vector = self._queries.pop(text, None)
        if vector is None:
            vector = (await self._workers.run(partial(self._embed, [text], query=True)))[0]
            vector.setflags(write=False)
        self._queries[text] = vector
        if len(self._queries) > self._remembered_queries:
            self._queries.popitem(last=False)
        return vector

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.weights.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
