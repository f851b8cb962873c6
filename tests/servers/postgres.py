"""A PostgreSQL server for tests: our own on a Unix socket, in a folder that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian puts the programs, a folder for each version, off the PATH."""


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; ``None`` where PostgreSQL is not installed."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").is_file()), None)


@contextmanager
def running_postgres(binaries: Path) -> Iterator[str]:
    """The URL of an empty database; the server is stopped and its files are deleted at the end."""
    # It refuses to run as root, which is who runs in a container.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "tests",
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)  # noqa: S603 - our own
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        control: list[str | Path] = [binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
        start: list[str | Path] = [*control, "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)  # noqa: S603
        try:
            yield f"postgresql://tests@/postgres?host={folder}"
        finally:
            stop: list[str | Path] = [*control, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)  # noqa: S603
    finally:
        shutil.rmtree(folder)
