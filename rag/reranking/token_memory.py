"""Token vectors of the texts used last, so that a text that comes again is not embedded again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.embedding.base import TextKind, TokenEmbedder

Number = TypeVar("Number", np.float16, np.float32)


class TokenMemory(Generic[Number]):
    """Computes token vectors and keeps the last used ones, up to ``room`` bytes, in the precision given."""

    def __init__(self, kind: TextKind, precision: type[Number], room: int) -> None:
        self._kind: TextKind = kind
        self._precision: type[Number] = precision
        self._kept: OrderedDict[tuple[str, str], NDArray[Number]] = OrderedDict()
        self._room = room

    async def vectors(self, encoder: TokenEmbedder, texts: Sequence[str]) -> list[NDArray[Number]]:
        """The token vectors of each text; only those not remembered are computed, in one batch."""
        found = {text: self._kept.get((encoder.name, text)) for text in texts}
        new = [text for text, known in found.items() if known is None]
        made = await encoder.embed_tokens(new, self._kind) if new else []
        vectors = {text: known for text, known in found.items() if known is not None}
        vectors |= {text: tokens.astype(self._precision) for text, tokens in zip(new, made, strict=True)}
        for text, tokens in vectors.items():
            self._keep((encoder.name, text), tokens)
        return [vectors[text] for text in texts]

    def _keep(self, key: tuple[str, str], tokens: NDArray[Number]) -> None:
        if (before := self._kept.pop(key, None)) is not None:
            self._room += before.nbytes
        self._kept[key] = tokens
        self._room -= tokens.nbytes
        while self._room < 0:
            _, dropped = self._kept.popitem(last=False)
            self._room += dropped.nbytes
