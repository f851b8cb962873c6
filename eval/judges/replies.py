"""Remembers on disk what a judge said, so that no question is paid for twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

from rag.llm.base import ChatRequest
from rag.resilience.cache_file import CacheFile
from rag.resilience.workers import Workers

_QUEUE = 1024  # a judge's own bounds let far fewer wait
_SCHEMA = "CREATE TABLE IF NOT EXISTS replies (key BLOB PRIMARY KEY, text TEXT NOT NULL)"


def reply_key(judge: str, request: ChatRequest, repeat: int) -> bytes:
    """What a reply depends on: judge (method, version, model), prompt, schema, limits.

    ``repeat`` counts the same request within one score: a judge that is asked three times to see how far
    it agrees with itself must not be given its first reply three times.
    """
    asked = [
        judge,
        [[message.role, message.content] for message in request.messages],
        request.schema,
        request.max_tokens,
        request.temperature,
        repeat,
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


class ReplyCache:
    """Replies by ``reply_key`` in one SQLite file, each written whole or not at all; processes may share it.

    ``max_entries`` bounds the file: the entries written first go first. A file that cannot be read or
    written costs calls, never the work: a warning says so and the judge is asked.
    """

    def __init__(self, path: Path, *, max_entries: int = 200_000) -> None:
        self._max_entries = max_entries
        workers = Workers(threads=1, queue=_QUEUE, name="replies")
        self._file = CacheFile(path, _SCHEMA, workers, "judge's cache")

    async def get(self, key: bytes) -> str | None:
        """The reply's text, if it is known."""

        def read(database: sqlite3.Connection) -> str | None:
            row = database.execute("SELECT text FROM replies WHERE key = ?", (key,)).fetchone()
            return row[0] if row else None

        return await self._file.use(read, None)

    async def put(self, key: bytes, text: str) -> None:
        """Keeps a reply."""

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, text))
                database.execute(
                    "DELETE FROM replies WHERE rowid <= (SELECT max(rowid) FROM replies) - ?",
                    (self._max_entries,),
                )

        await self._file.use(write, None)
