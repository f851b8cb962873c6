"""The folder of a sweep: what each stage made, kept whole or not at all, for this sweep alone."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from eval.folder import write_json, written
from rag.errors import BadInput, StorageError

Arrays = Mapping[str, NDArray[Any]]
_FORMAT = 1
"""Of the folder; another one's artefacts are not read."""
_MAGIC = b"ardoise-stage"


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a stage made: numbers in ``arrays``, everything else as JSON in ``facts``.

    ``facts["seconds"]`` is how long it took.
    """

    arrays: Arrays
    facts: Mapping[str, Any]


class Store:
    """Artefacts by key below ``folder``; several processes may write, since a key stands for one content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def collections(self) -> Path:
        """Where the indexes of the sweep lie."""
        return self.folder / "collections"

    def save(self, kind: str, key: str, artefact: Artefact) -> None:
        """Keeps what a stage made; it is there only once it is whole.

        Raises:
            StorageFull, StorageError: it cannot be written.
        """
        payload = _packed(artefact)
        path = self._path(kind, key)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with written(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as file:
                    file.write(
                        b"%s %d %s\n" % (_MAGIC, _FORMAT, hashlib.sha256(payload).hexdigest().encode())
                    )
                    file.write(payload)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)

    def facts(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The facts of an artefact, ``None`` if it is not there or not as it was written."""
        try:
            return self.load(kind, key).facts
        except StorageError:
            return None

    def load(self, kind: str, key: str) -> Artefact:
        """What a stage made.

        Raises:
            StorageError: it is not there, or not as it was written.
        """
        path = self._path(kind, key)
        try:
            head, _, payload = path.read_bytes().partition(b"\n")
        except OSError as error:
            raise StorageError(f"{path}: cannot be read: {error.strerror}: run the sweep again") from error
        wanted = b"%s %d %s" % (_MAGIC, _FORMAT, hashlib.sha256(payload).hexdigest().encode())
        if head != wanted:
            raise StorageError(f"{path}: not as it was written: run the sweep again")
        return _unpacked(payload)

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / "stages" / kind / f"{key}.npz"


class Claim:
    """Holds a folder for one sweep and one process, from ``claim`` until ``release``."""

    def __init__(self, folder: Path, sweep: Mapping[str, str], command: str) -> None:
        """Takes the folder; ``sweep`` identifies what it belongs to, by names that a person understands.

        Raises:
            StorageError: another process is at work there.
            BadInput: the folder belongs to another sweep, or is not a sweep's.
        """
        with written(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = _locked(folder, command)
        try:
            _identify(folder, sweep)
        except BaseException:
            self.release()
            raise
        for rest in folder.glob("stages/*/*.part"):  # of a process that was killed
            rest.unlink(missing_ok=True)

    def release(self) -> None:
        """Lets go; a second call does nothing."""
        self._file.close()


def _locked(folder: Path, command: str) -> TextIO:
    file = (folder / ".lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with file:
            file.seek(0)
            who = file.read().strip() or "another process"
        raise StorageError(
            f"{folder}: {who} is sweeping there: wait for it to end, or choose another folder with --out"
        ) from None
    file.truncate(0)
    file.write(f"process {os.getpid()} ({command})")
    file.flush()
    return file


def _identify(folder: Path, sweep: Mapping[str, str]) -> None:
    path = folder / "identity.json"
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if strange := sorted(entry.name for entry in folder.iterdir() if entry.name != ".lock"):
            raise BadInput(
                f"{folder}: holds {strange[0]!r} and no sweep: choose an empty folder with --out"
            ) from None
        write_json(folder, path.name, {"format": _FORMAT, **sweep})
        return
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read ({error}): choose another folder with --out") from error
    if there.get("format") != _FORMAT:
        raise BadInput(f"{folder}: was written by another version of this program: choose another folder")
    if other := [name for name in sweep if there.get(name) != sweep[name]]:
        raise BadInput(
            f"{folder}: belongs to another sweep ({other[0]}: {there.get(other[0])}, not {sweep[other[0]]}): "
            "choose another folder with --out"
        )


def _packed(artefact: Artefact) -> bytes:
    file = io.BytesIO()
    facts = np.frombuffer(json.dumps(dict(artefact.facts), ensure_ascii=False).encode(), dtype=np.uint8)
    arrays: dict[str, Any] = {**artefact.arrays, "facts_": facts}
    np.savez(file, **arrays)
    return file.getvalue()


def _unpacked(payload: bytes) -> Artefact:
    with np.load(io.BytesIO(payload), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return Artefact(arrays, json.loads(arrays.pop("facts_").tobytes()))
