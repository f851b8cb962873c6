"""The report of a sweep: a self-contained HTML page, and the same in Markdown, from its folder alone."""

from __future__ import annotations

from pathlib import Path


def write_report(folder: Path, into: Path | None = None) -> Path:
    """Writes ``report.html`` and ``report.md`` beside the sweep's files; the path of the first is returned.

    Nothing is run again. ``into`` is another folder for a copy to be published, which holds no path of this
    machine: of an absolute path only the last name is left.

    Raises:
        BadInput: the folder holds no finished sweep, or a file of it is not what it should be.
        StorageFull, StorageError: the report cannot be written.
    """
    from eval.folder import write_lines
    from eval.sweep_report.content import build_content
    from eval.sweep_report.folder import read_sweep, without_paths
    from eval.sweep_report.render import render

    sweep = read_sweep(folder)
    content = build_content(without_paths(sweep) if into else sweep)
    for name in ("report.html", "report.md"):
        write_lines(into or folder, name, [render(name, content)])
    return (into or folder) / "report.html"
