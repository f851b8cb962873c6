"""Remembers on disk the vectors of passages, so that no text is embedded twice by the same model."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from rag.embedding.base import Embedder, TokenEmbedder, Vectors
from rag.resilience.cache_file import CacheFile
from rag.resilience.workers import Workers

_GROUP = 256
"""Texts embedded between two writes: what a killed run loses at most."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    embedder TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (embedder, text)
)
"""


class CachedEmbedder:
    """An embedder whose passages are looked up first, by embedder name and SHA-256 of the text.

    ``max_entries`` bounds the file: the entries written first go first. A cache that cannot be read or
    written costs time, never the work: a warning says so and the texts are embedded. Several
    processes may share the file.
    """

    def __init__(self, inner: Embedder, path: Path, workers: Workers, *, max_entries: int = 200_000) -> None:
        self._inner = inner
        self._file = CacheFile(path, _SCHEMA, workers, "embedding cache")
        self._max_entries = max_entries

    @property
    def name(self) -> str:
        """The embedder's own name: the vectors are the same."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._inner.dimension

    @property
    def max_tokens(self) -> int:
        """Longest input of the embedder, in tokens."""
        return self._inner.max_tokens

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        """The embedder's own; token vectors are not kept on disk."""
        return self._inner.token_embedder(language)

    @property
    def languages(self) -> frozenset[str] | None:
        """Languages that the embedder serves."""
        return self._inner.languages

    @property
    def tokenizer(self) -> str:
        """The embedder's own."""
        return self._inner.tokenizer

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """The embedder's own tokens."""
        return self._inner.token_spans(text)

    async def embed_query(self, text: str) -> Vectors:
        """The vector of a question, from the embedder: questions are not kept on disk."""
        return await self._inner.embed_query(text)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, float32 ``[len(texts), dimension]``; only new texts reach the embedder."""
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        known = await self._file.use(partial(self._read, keys), dict[bytes, Vectors]())
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        for group in _groups(list(new)):
            vectors = await self._inner.embed_documents([new[key] for key in group])
            made = dict(zip(group, vectors, strict=True))
            known.update(made)
            await self._file.use(partial(self._write, made), None)
        return np.array([known[key] for key in keys], dtype=np.float32).reshape(-1, self.dimension)

    def _read(self, keys: Sequence[bytes], database: sqlite3.Connection) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        for group in _groups(keys):
            marks = ",".join("?" * len(group))
            rows = database.execute(
                f"SELECT text, vector FROM vectors WHERE embedder = ? AND text IN ({marks})",  # noqa: S608 - question marks only
                (self.name, *group),
            )
            found.update((key, np.frombuffer(vector, dtype="<f4")) for key, vector in rows)
        return {key: vector for key, vector in found.items() if vector.shape == (self.dimension,)}

    def _write(self, made: dict[bytes, Vectors], database: sqlite3.Connection) -> None:
        rows = [(self.name, key, vector.astype("<f4").tobytes()) for key, vector in made.items()]
        with database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            database.execute(
                "DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?",
                (self._max_entries,),
            )


def _groups(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _GROUP):
        yield keys[start : start + _GROUP]
