"""``ardoise ingest``: files into a collection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.output import Collection, JsonFlag, err, out, print_json, run
from app.settings import load_settings
from app.system import open_system
from app.views import report_view
from ingest.pipeline import IngestReport
from ingest.pipeline import Progress as Step
from rag.answer.inert import plain


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders; a BEIR folder works too.")],
    collection: Collection = None,
    chunker: Annotated[str | None, typer.Option(help="whole, fixed or recursive.")] = None,
    chunk_size: Annotated[int | None, typer.Option(help="Tokens of a chunk.")] = None,
    overlap: Annotated[int | None, typer.Option(help="Tokens that neighbours share.")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Drop documents whose files are gone.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read files, cut them into chunks, index them. Doing it again changes only what has changed."""
    report = run(_ingest(paths, collection, chunker, chunk_size, overlap, prune))
    if as_json:
        print_json(report_view(report))
    else:
        print_report(report)
    if report.failed and not (report.added or report.changed or report.unchanged):
        raise typer.Exit(2)


async def _ingest(
    paths: list[Path],
    collection: str | None,
    chunker: str | None,
    chunk_size: int | None,
    overlap: int | None,
    prune: bool,
) -> IngestReport:
    settings = load_settings(
        overrides={
            "collection": collection,
            "chunking.chunker": chunker,
            "chunking.size": chunk_size,
            "chunking.overlap": overlap,
        }
    )
    async with open_system(settings, owner="ardoise ingest") as system:
        with progress_bar() as bar:
            return await system.library.ingest(paths, prune=prune, progress=shown_in(bar))


def progress_bar() -> Progress:
    """A bar on stderr; silent when that is no terminal."""
    return Progress(
        TextColumn("{task.description:<40}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def shown_in(bar: Progress) -> Callable[[Step], None]:
    """A callback that moves ``bar`` along."""
    task = bar.add_task("reading", total=None)
    return lambda step: bar.update(
        task, completed=step.done, total=step.total, description=plain(step.uri)[-40:]
    )


def print_report(report: IngestReport) -> None:
    """What was done, and by name what was not and why."""
    if report.added or report.changed or report.pruned:
        out.print(
            f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
            f"{report.pruned} pruned: {report.chunks} chunks in {report.seconds:.1f} s"
        )
    else:
        out.print(f"nothing changed: {report.unchanged} documents are as they were")
    for uri, why in report.failed:
        err.print(f"failed: {uri}: {why}", style="yellow", markup=False)
    for suffix, uris in report.skipped.items():
        err.print(
            f"skipped: {len(uris)} files of type {suffix or '(none)'}, which no loader reads", markup=False
        )
