"""A cache on disk without which the work goes on: one SQLite file, shared by processes."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from rag.resilience.workers import Workers

T = TypeVar("T")
_log = logging.getLogger(__name__)


class CacheFile:
    """Opened for each use, in a worker. One that cannot be read or written gets a warning, and no more."""

    def __init__(self, path: Path, schema: str, workers: Workers, name: str) -> None:
        """Nothing is opened yet; ``schema`` makes missing tables, ``name`` is for the warning."""
        self._path = path
        self._schema = schema
        self._workers = workers
        self._name = name

    async def use(self, task: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What ``task`` makes of the database; ``otherwise`` if the file is of no use.

        Raises:
            Overloaded: the workers' queue is full.
        """

        def call() -> T:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(self._path, timeout=10)) as database:
                    database.execute("PRAGMA journal_mode=WAL")
                    database.execute(self._schema)
                    return task(database)
            except (sqlite3.Error, OSError) as error:
                _log.warning("the %s %s is of no use (%s): delete the file", self._name, self._path, error)
                return otherwise

        return await self._workers.run(call)
