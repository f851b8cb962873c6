"""Threads in PostgreSQL: for several processes and machines that share their conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

from agents.memory.base import busy, serializer, whole_writes
from rag.errors import StorageError

if TYPE_CHECKING:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow
    from psycopg_pool import AsyncConnectionPool

    Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

CONNECTIONS = 16
"""Most connections of one process; a claim holds one while its thread is worked on."""

PATIENCE_S = 10.0
"""Seconds to wait for a connection."""

_NEWEST: LiteralString = (
    "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = %(thread)s AND checkpoint_ns = '')"
)
# A blob is of one version of one channel; it goes when no checkpoint that is left speaks of it.
_ORPHANS: LiteralString = """
DELETE FROM checkpoint_blobs b WHERE b.thread_id = %(thread)s AND NOT EXISTS (
    SELECT FROM checkpoints c WHERE c.thread_id = b.thread_id AND c.checkpoint_ns = b.checkpoint_ns
    AND c.checkpoint -> 'channel_versions' ->> b.channel = b.version)
"""


class PostgresThreads:
    """Threads in a database; made by ``postgres_threads``."""

    def __init__(self, saver: AsyncPostgresSaver, pool: Pool) -> None:
        self.saver = saver
        self._pool = pool

    async def names(self) -> list[str]:
        """All threads, sorted."""
        with _told():
            async with self._pool.connection() as connection:
                rows = await connection.execute("SELECT DISTINCT thread_id FROM checkpoints")
                return sorted([str(row["thread_id"]) async for row in rows])

    async def keep(self, thread: str, checkpoints: Collection[str]) -> None:
        """Forgets every checkpoint of ``thread`` but these and the newest."""
        condition: LiteralString = f"NOT checkpoint_id = ANY(%(ids)s) AND checkpoint_id < {_NEWEST}"
        await self._delete(condition, {"thread": thread, "ids": list(checkpoints)})

    async def rewind(self, thread: str, checkpoint: str) -> None:
        """Forgets what came after ``checkpoint``: ids grow with time."""
        await self._delete("checkpoint_id > %(id)s", {"thread": thread, "id": checkpoint})

    async def delete(self, thread: str) -> None:
        """Forgets the thread."""
        with _told():
            await self.saver.adelete_thread(thread)

    async def scrub(self) -> None:
        """Nothing: the server's own vacuum does it, in its time."""

    @asynccontextmanager
    async def claim(self, thread: str) -> AsyncIterator[None]:
        """An advisory lock of a connection's session: the server lets go of it when the connection ends."""
        key = {"key": thread}
        with _told():
            async with self._pool.connection() as connection:
                asked = await connection.execute(
                    "SELECT pg_try_advisory_lock(hashtextextended(%(key)s, 0)) AS got", key
                )
                row = await asked.fetchone()
                if row is None or not row["got"]:
                    raise busy(thread)
                try:
                    yield
                finally:
                    await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%(key)s, 0))", key)

    async def _delete(self, condition: LiteralString, values: dict[str, Any]) -> None:
        tables: tuple[LiteralString, ...] = ("checkpoint_writes", "checkpoints")
        with _told():
            async with self._pool.connection() as connection, connection.transaction():
                for table in tables:
                    await connection.execute(
                        f"DELETE FROM {table} WHERE thread_id = %(thread)s AND {condition}",  # noqa: S608 - literals of this file
                        values,
                    )
                await connection.execute(_ORPHANS, values)


@asynccontextmanager
async def postgres_threads(url: str) -> AsyncIterator[PostgresThreads]:
    """Threads in the database at ``url``; its tables are made when they are not there.

    Raises:
        StorageError: there is no such server or database, or it does not let us in.
    """
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    with _told():
        pool: Pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=PATIENCE_S,
            open=False,
            kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        )
        async with pool:
            await pool.wait(PATIENCE_S)
            saver = whole_writes(AsyncPostgresSaver)(pool, serde=serializer())
            await saver.setup()
            yield PostgresThreads(saver, pool)


@contextmanager
def _told() -> Iterator[None]:
    from psycopg import Error
    from psycopg_pool import PoolTimeout

    try:
        yield
    except (Error, PoolTimeout) as error:
        # psycopg names host, port and database, never the password.
        raise StorageError(f"the conversations in PostgreSQL cannot be used: {error}") from error
