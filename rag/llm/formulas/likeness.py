"""How alike a question is to what each formula answers, by the vectors of both."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from rag.embedding import sentence_embedder
from rag.embedding.base import Embedder, Vectors
from rag.llm.formulas.base import Formula


class Likeness:
    """Compares questions with the wordings of formulas, which are embedded once for each encoder."""

    def __init__(self, embedder: Embedder, formulas: Sequence[Formula]) -> None:
        """``embedder`` may hold several encoders: a question meets the one that serves its language."""
        self._embedder = embedder
        self._named = [(formula.name, asked) for formula in formulas for asked in formula.wordings]
        self._vectors: dict[str, Vectors] = {}
        self._making = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def prepare(self, language: str) -> None:
        """Embeds the wordings for questions in ``language``, before one has to wait for them."""
        embedder = sentence_embedder(self._embedder, language)
        await asyncio.to_thread(lambda: embedder.name)  # compiles the encoder where nobody has
        await self._wordings(embedder)

    async def to(self, question: str, language: str = "en") -> Mapping[str, float]:
        """The likeness to each formula, by its name: 0 for the average wording, 1 for the same as one of its.

        Measured from the average, since some embedders find every two texts alike. Nothing is like a question
        in a language that no encoder knows.
        """
        embedder = sentence_embedder(self._embedder, language)
        if embedder.languages is not None and language not in embedder.languages:
            return {}
        cosines = await self._wordings(embedder) @ await embedder.embed_query(question)
        mean = float(np.mean(cosines))
        likeness = np.clip((cosines - mean) / max(1e-9, 1 - mean), 0, 1).tolist()
        best: dict[str, float] = {}
        for (name, _), one in zip(self._named, likeness, strict=True):
            best[name] = max(one, best.get(name, 0.0))
        return best

    async def _wordings(self, embedder: Embedder) -> Vectors:
        name = embedder.name
        async with self._making[name]:  # by whoever comes first: nobody embeds them a second time beside
            if name not in self._vectors:
                texts = [asked for _, asked in self._named]
                self._vectors[name] = await embedder.embed_documents(texts)
        return self._vectors[name]
