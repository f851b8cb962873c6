"""How alike a question is to what each formula answers, by the vectors of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.embedding.base import Embedder, Vectors
from rag.llm.formulas.base import Formula


class Likeness:
    """Compares questions with the ``asked`` of formulas, which are embedded once."""

    def __init__(self, embedder: Embedder, formulas: Sequence[Formula]) -> None:
        self._embedder = embedder
        self._asked = tuple(dict.fromkeys(formula.asked for formula in formulas))
        self._vectors: Vectors | None = None

    async def to(self, question: str) -> Mapping[str, float]:
        """The likeness to each ``Formula.asked``: 0 for the average one, 1 for the same.

        Measured from the average, since some embedders find every two texts alike.
        """
        if self._vectors is None:
            self._vectors = await self._embedder.embed_documents(self._asked)
        cosines = self._vectors @ await self._embedder.embed_query(question)
        mean = float(np.mean(cosines))
        likeness = np.clip((cosines - mean) / max(1e-9, 1 - mean), 0, 1)
        return dict(zip(self._asked, likeness.tolist(), strict=True))
