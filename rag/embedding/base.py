"""The contract of an embedder: texts to dense vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
TextKind = Literal["query", "document"]
"""What a text is to its encoder: some put a prefix before each kind."""


class TokenEmbedder(Protocol):
    """Gives every token of a text a vector of its own, for late interaction."""

    @property
    def name(self) -> str:
        """Model and weights; vectors of two names are not compared."""

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        """For each text, float32 ``[tokens, dimension]`` of unit length, special tokens included."""


class Embedder(Protocol):
    """Turns texts into vectors of unit length, so that a dot product is the cosine similarity."""

    @property
    def name(self) -> str:
        """The model and what identifies its weights; two embedders of one name give the same vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Longest input in tokens of ``count_tokens``; what is longer is cut by the model."""

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        """What gives the tokens of texts in ``language`` vectors; ``None`` if nothing here does."""

    @property
    def languages(self) -> frozenset[str] | None:
        """Languages that the embedder serves well (ISO 639-1); ``None``: every one, or nobody has said.

        What a dense leg finds for a question in another language deserves less trust.
        """

    @property
    def tokenizer(self) -> str:
        """What ``token_spans`` goes by, with ``max_tokens``: embedders of one tokenizer cut texts alike.

        Cheap, unlike ``name``: what is only cut and never embedded needs no model.
        """

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each of the model's own tokens stands in ``text``, as character offsets, in order.

        Special tokens are not among them. Cheap: it loads the tokenizer and never the model.
        """

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: float32 of shape ``[len(texts), dimension]``."""

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question: float32 of shape ``[dimension]``."""
