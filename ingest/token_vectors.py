"""The vectors of every chunk's tokens, made at ingestion so that late interaction finds them in the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.embedding.base import Embedder
from rag.headed import passage_text
from rag.index.base import Point, Tokens

_BATCH = 32
"""Chunks embedded at once: a question asked meanwhile waits for them."""


async def with_token_vectors(points: Sequence[Point], embedder: Embedder) -> list[Point]:
    """The points with the vectors of their tokens, by the encoder that serves each chunk's language.

    Of the passage under its headings, as the reranker reads it. Points in a language that the embedder has no
    token vectors for stay as they are.

    Raises:
        Overloaded: the embedder's queue is full.
    """
    made = list(points)
    for language in dict.fromkeys(_language(point) for point in points):
        encoder = embedder.token_embedder(language)
        if encoder is None:
            continue
        places = [place for place, point in enumerate(points) if _language(point) == language]
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            texts = [passage_text(points[place].chunk) for place in batch]
            for place, vectors in zip(batch, await encoder.embed_tokens(texts, "document"), strict=True):
                tokens = Tokens(encoder.name, vectors.astype(np.float16))
                made[place] = replace(points[place], tokens=tokens)
    return made


def _language(point: Point) -> str:
    return str(point.chunk.metadata["language"])
