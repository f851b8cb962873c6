"""What embedders behind an API share: batches within its limits, usage counted, questions remembered."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np

from rag.embedding.base import TokenEmbedder, Vectors
from rag.errors import ConfigurationError
from rag.llm.failures import Source
from rag.types import Usage

REQUEST_TIMEOUT_S = 60.0
"""Of one request; a caller's own deadline may end it sooner."""
_IN_FLIGHT = 4
_PIECE = re.compile(r"[A-Za-zÀ-ɏ]{1,4}|\d{1,2}|\S")
"""Stands for a token where the model's tokenizer is not on this machine: rather too many than too few."""


class RemoteEmbedder(ABC):
    """Sends texts in batches of at most ``most_texts`` and ``most_tokens`` (estimated), four at a time.

    Nothing is retried here: whoever holds the deadline decides on that. Texts longer than ``max_tokens``
    (estimated too) are cut. ``usage`` adds up the tokens that the backend counted.
    """

    def __init__(
        self,
        source: Source,
        dimension: int,
        max_tokens: int,
        *,
        most_texts: int,
        most_tokens: int,
        remembered_queries: int = 256,
    ) -> None:
        self._source = source
        self._dimension = dimension
        self._max_tokens = max_tokens
        self._most_texts = most_texts
        self._most_tokens = most_tokens
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._remembered_queries = remembered_queries
        self.usage = Usage()

    @abstractmethod
    async def _request(self, texts: list[str]) -> tuple[list[list[float]], Usage]:
        """The backend's vectors of a batch, in its order, and the tokens that it counted.

        Raises:
            ModelError: whatever the client raised.
        """

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections."""

    @property
    def name(self) -> str:
        """Backend, model and dimension: ``mistral:mistral-embed/1024``; the weights are not known."""
        return f"{self._source.backend}:{self._source.model}/{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    @property
    def max_tokens(self) -> int:
        """Longest input, in tokens as ``token_spans`` estimates them."""
        return self._max_tokens

    @property
    def languages(self) -> frozenset[str] | None:
        """Nobody has said."""
        return None

    def token_embedder(self, language: str) -> TokenEmbedder | None:  # noqa: ARG002 - no API gives them
        """None: these APIs give a vector for a text, not for its tokens."""
        return None

    @property
    def tokenizer(self) -> str:
        """The estimate of ``token_spans`` and the longest input: no model's own."""
        return f"estimate/{self._max_tokens}"

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """An estimate: up to four letters or two digits are a token, and any other character but blanks."""
        return [match.span() for match in _PIECE.finditer(text)]

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 ``[len(texts), dimension]``.

        Raises:
            ModelError: the backend failed; the batches that were under way are given up.
            ConfigurationError: its vectors have another length.
        """
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)

        batches = self._batches(texts)
        lanes = [asyncio.create_task(self._lane(batches, vectors)) for _ in range(_IN_FLIGHT)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
        return vectors

    async def _lane(self, batches: Iterator[tuple[int, list[str]]], vectors: Vectors) -> None:
        """Takes batches, shared with the other lanes, until none is left."""
        for start, batch in batches:
            vectors[start : start + len(batch)] = await self._embed(batch)

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question, float32 ``[dimension]``; the last few are remembered."""
        vector = self._queries.pop(text, None)
        if vector is None:
            vector = (await self._embed([self._cut(text)[0]]))[0]
            vector.setflags(write=False)
        self._queries[text] = vector
        if len(self._queries) > self._remembered_queries:
            self._queries.popitem(last=False)
        return vector

    async def _embed(self, texts: list[str]) -> Vectors:
        rows, usage = await self._request(texts)
        self.usage += usage
        if len(rows) != len(texts):
            raise self._source.unavailable(f"{len(rows)} vectors for {len(texts)} texts")
        wrong = next((len(row) for row in rows if len(row) != self._dimension), None)
        if wrong is not None:
            raise ConfigurationError(
                f"{self._source} makes vectors of length {wrong}, not {self._dimension}: set "
                f"ARDOISE_EMBEDDING__DIMENSION={wrong} and ingest into a new collection"
            )
        vectors: Vectors = np.array(rows, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise self._source.unavailable("a vector that is zero or no number")
        vectors /= lengths
        return vectors

    def _cut(self, text: str) -> tuple[str, int]:
        """The text within ``max_tokens``, and its tokens; a full stop for an empty one, which APIs refuse."""
        spans = self.token_spans(text)[: self._max_tokens]
        return (text[: spans[-1][1]], len(spans)) if spans else (".", 1)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Neighbouring texts, with the place of the first."""
        batch: list[str] = []
        held = start = 0
        for place, whole in enumerate(texts):
            text, tokens = self._cut(whole)
            if batch and (len(batch) == self._most_texts or held + tokens > self._most_tokens):
                yield start, batch
                batch, held, start = [], 0, place
            batch.append(text)
            held += tokens
        if batch:
            yield start, batch
