"""A page of several sections, each written by a command of its own."""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from eval.folder import commit, machine


def write_section(page: Path, command: str, text: str) -> None:
    """Puts ``text`` into the page in place of what ``command`` wrote before, or at its end."""
    begin, end = f"<!-- written by {command} -->", f"<!-- end of {command} -->"
    section = f"{begin}\n{text}\n{end}"
    old = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    if begin in old:
        new = re.sub(re.escape(begin) + ".*" + re.escape(end), lambda _: section, old, flags=re.DOTALL)
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    page.write_text(new, encoding="utf-8")


def provenance(command: str) -> str:
    """Where and when a section comes from: command, date, commit, machine."""
    name, dirty, _ = (commit() or "unknown").partition("-dirty")
    return (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, commit {name[:7]}{dirty}, {machine()},"
        f" Python {platform.python_version()}"
    )
