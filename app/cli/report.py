"""``ardoise eval report``: the report of a sweep, from its folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import JsonFlag, errors_told, out, print_json
from eval.sweep_report import write_report


def report(
    folder: Annotated[Path, typer.Argument(help="The folder of an `ardoise eval sweep`.")],
    publish: Annotated[
        Path | None, typer.Option(help="Write a copy into this folder, without the paths of this machine.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write report.html and report.md of a sweep again; nothing is run."""
    with errors_told():
        written = write_report(folder, publish)
    if as_json:
        print_json({"report": str(written)})
    else:
        out.print(str(written), markup=False)
