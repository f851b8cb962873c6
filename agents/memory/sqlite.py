"""Threads in one SQLite file: the default, for one machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agents.memory.base import busy, serializer, whole_writes
from rag.errors import StorageError

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


class SqliteThreads:
    """Threads in ``path``; made by ``sqlite_threads``."""

    def __init__(self, saver: AsyncSqliteSaver, path: Path, locks: int) -> None:
        self.saver = saver
        self._path = path
        self._locks = locks
        self._claimed: set[str] = set()

    async def names(self) -> list[str]:
        """All threads, sorted."""
        with _told(self._path):
            rows = await self.saver.conn.execute_fetchall("SELECT DISTINCT thread_id FROM checkpoints")
        return sorted(str(row[0]) for row in rows)

    async def keep(self, thread: str, checkpoints: Collection[str]) -> None:
        """Forgets every checkpoint of ``thread`` but these and the newest."""
        marks = ",".join("?" * len(checkpoints))
        newest = "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?)"
        condition = f"checkpoint_id NOT IN ({marks}) AND checkpoint_id < {newest}"
        await self._delete(thread, condition, (*checkpoints, thread))

    async def rewind(self, thread: str, checkpoint: str) -> None:
        """Forgets what came after ``checkpoint``: ids grow with time."""
        await self._delete(thread, "checkpoint_id > ?", (checkpoint,))

    async def delete(self, thread: str) -> None:
        """Forgets the thread."""
        with _told(self._path):
            await self.saver.adelete_thread(thread)

    async def scrub(self) -> None:
        """Writes the file anew, without what was deleted, and empties the write-ahead log."""
        with _told(self._path):
            async with self.saver.lock:
                await self.saver.conn.execute("VACUUM")
                await self.saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @asynccontextmanager
    async def claim(self, thread: str) -> AsyncIterator[None]:
        """One record lock a thread, on a file beside the database: it ends with the process."""
        # Two threads may fall on one byte; with 2^62 of them they do not.
        place = int.from_bytes(hashlib.sha256(thread.encode()).digest()[:8], "big") >> 2
        # POSIX locks are the process's, so tasks of one process are told apart by the set.
        if thread in self._claimed:
            raise busy(thread)
        self._claimed.add(thread)
        try:
            self._lock(thread, place)
            try:
                with _told(self._path):
                    yield
            finally:
                fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, place)
        finally:
            self._claimed.discard(thread)

    def _lock(self, thread: str, place: int) -> None:
        try:
            fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError as error:
            raise busy(thread) from error

    async def _delete(self, thread: str, condition: str, values: tuple[str, ...]) -> None:
        with _told(self._path):
            async with self.saver.lock:
                # The subquery on checkpoints must still see the newest one: writes go first.
                for table in ("writes", "checkpoints"):
                    await self.saver.conn.execute(
                        f"DELETE FROM {table} WHERE thread_id = ? AND {condition}",  # noqa: S608 - our own words
                        (thread, *values),
                    )
                await self.saver.conn.commit()


@asynccontextmanager
async def sqlite_threads(path: Path) -> AsyncIterator[SqliteThreads]:
    """Threads in the database ``path``, which is made when it is not there.

    Raises:
        StorageError: the file cannot be opened as a database of checkpoints.
    """
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    with _told(path):
        async with aiosqlite.connect(path) as connection:
            saver = whole_writes(AsyncSqliteSaver)(connection, serde=serializer())
            await saver.setup()
            # With a write-ahead log this survives the death of the process, at a fraction of the price of
            # surviving that of the machine, which may cost the last steps and never the file.
            await connection.execute("PRAGMA synchronous = NORMAL")
            # Open as long as the threads are: closing a file drops all locks that a process has on it.
            locks = os.open(path.with_name(path.name + ".locks"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                yield SqliteThreads(saver, path, locks)
            finally:
                os.close(locks)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StorageError(
            f"the conversations in {path} cannot be used ({error}): move the file away to start anew"
        ) from error
