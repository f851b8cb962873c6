"""What can go wrong with a collection's files, told in this project's errors."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import IndexCorrupt, IndexInUse, StorageError, StorageFull
from rag.index.tokens import encoders
from rag.index.upgrade import FORMAT, check_version

RESERVE = 96 * 2**20
"""Bytes kept free: the engine allocates its files 32 MiB at a time."""


def require_space(folder: Path, size: int) -> None:
    """Sees that ``size`` more bytes fit on the disk, with a reserve.

    The engine writes through memory maps, where a full disk is no error but the end of the process (SIGBUS);
    so space is looked at before.

    Raises:
        StorageFull: it might not fit.
    """
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE:
        raise StorageFull(
            f"{free / 2**20:.0f} MiB are free for {folder}, {(size + RESERVE) / 2**20:.0f} MiB are needed:"
            " make room; what is stored already is intact"
        )


def write_marker(folder: Path, dimension: int) -> None:
    """Makes the folder a collection of this format, at one stroke; ``collection.json`` is its mark."""
    draft = folder / "collection.json.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "dimension": dimension}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "collection.json")


def read_marker(folder: Path) -> tuple[int, int]:
    """Format version and dimension of the collection.

    Raises:
        IndexCorrupt: the file is damaged.
        IndexMismatch: a later version of this program wrote the collection.
    """
    try:
        marker = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
        version, dimension = int(marker["format"]), int(marker["dimension"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise corrupt(folder, f"collection.json: {error}") from error
    check_version(folder.name, version)
    return version, dimension


def read_token_lengths(folder: Path) -> dict[str, int]:
    """The length of the token vectors of each encoder that the collection has a place for.

    From the engine's own configuration, which it changes together with its files.

    Raises:
        IndexCorrupt: the file is damaged.
    """
    try:
        config = json.loads((folder / "shard" / "edge_config.json").read_text(encoding="utf-8"))
        named = encoders(config["vectors"])
        return {encoder: int(config["vectors"][name]["size"]) for name, encoder in named.items()}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise corrupt(folder, f"edge_config.json: {error}") from error


def corrupt(folder: Path, why: str) -> IndexCorrupt:
    """The error for files that cannot be read back."""
    return IndexCorrupt(
        f"collection {folder.name!r} cannot be read back from {folder} ({why}):"
        " restore the folder from a copy, or delete the collection and ingest again"
    )


@contextmanager
def engine_errors(folder: Path) -> Iterator[None]:
    """Turns what the engine and the file system raise into ``StorageError`` and its kin."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(folder, error) from error
        raise StorageError(f"the files in {folder} cannot be used: {error}") from error
    except BaseException as error:
        # The engine raises bare Exception, or a panic, which derives from BaseException.
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        if "No space left" in str(error):
            raise _full(folder, error) from error
        if "WouldBlock" in str(error):
            raise IndexInUse(f"collection {folder.name!r} is in use by another program: stop it") from error
        raise corrupt(folder, str(error)) from error


def _full(folder: Path, error: BaseException) -> StorageFull:
    return StorageFull(f"no space left for {folder} ({error}): make room; what is stored already is intact")
