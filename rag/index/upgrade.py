"""Format versions of a collection, and the steps from each to the next.

========  =======================================================================
version   what a payload holds
========  =======================================================================
1         the chunk, and ``filter``: its fields as text
2         also ``numbers`` and ``dates``, which range conditions look at
========  =======================================================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from rag.errors import IndexMismatch
from rag.index.base import Index

FORMAT = 2
"""The version that this program writes."""


async def upgrade(index: Index, version: int) -> None:
    """Takes a collection from ``version`` to ``FORMAT``; a step that was cut short can be taken again."""
    for step in range(version, FORMAT):
        await STEPS[step](index)


def check_version(collection: str, version: int) -> None:
    """Sees that this program can read a collection, perhaps after an upgrade.

    Raises:
        IndexMismatch: another program wrote it.
    """
    if not 1 <= version <= FORMAT:
        raise IndexMismatch(
            f"collection {collection!r} has format {version}, this version reads formats 1 to {FORMAT}:"
            " use the version that made it, or delete the collection and ingest again"
        )


async def _write_again(index: Index) -> None:
    """Writes every point anew, and with it the payload that this version makes of its chunk."""
    async for points in index.scan_points():
        await index.upsert(points)


STEPS: Mapping[int, Callable[[Index], Awaitable[None]]] = {1: _write_again}
"""By the version that a step starts from."""
