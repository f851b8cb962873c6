"""Memory: in context (``history``), structural (``Threads``, a file each), and long-term (``store``)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from agents.memory.base import Threads
from rag.errors import UnknownChoice

__all__ = ["Threads", "build_threads"]


def build_threads(kind: str, *, path: Path, url: str = "") -> AbstractAsyncContextManager[Threads]:
    """Threads by name: ``sqlite`` in the file ``path``, or ``postgres`` at ``url``.

    Raises:
        UnknownChoice: there is no such kind.
    """
    match kind:
        case "sqlite":
            from agents.memory.sqlite import sqlite_threads

            return sqlite_threads(path)
        case "postgres":
            from agents.memory.postgres import postgres_threads

            return postgres_threads(url)
    raise UnknownChoice("place for threads", kind, ("sqlite", "postgres"))
