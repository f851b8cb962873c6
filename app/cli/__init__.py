"""The command line ``ardoise``: one file a command, and the table of them here."""

from __future__ import annotations

import typer

from app.cli import (
    ask,
    collections,
    compare,
    demo,
    doctor,
    documents,
    evaluate,
    index,
    ingest,
    memory,
    report,
    search,
    serve,
    sweep,
    threads,
    tune,
)
from app.cli.output import errors_told

cli = typer.Typer(
    name="ardoise",
    help="Ask your documents: hybrid retrieval, an agent with tools, answers with citations, measured.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command("ingest")(ingest.ingest)
cli.command("search")(search.search)
cli.command("ask")(ask.ask)
cli.add_typer(documents.cli, name="documents")
cli.add_typer(collections.cli, name="collections")
cli.add_typer(index.cli, name="index")
cli.add_typer(threads.cli, name="threads")
cli.add_typer(memory.cli, name="memory")
cli.command("serve")(serve.serve)
cli.command("demo")(demo.demo)
cli.command("doctor")(doctor.doctor)
evaluate.cli.command("compare")(compare.compare)
evaluate.cli.command("gate")(compare.gate)
evaluate.cli.command("sweep")(sweep.sweep)
evaluate.cli.command("report")(report.report)
cli.add_typer(tune.cli, name="tune")
cli.add_typer(evaluate.cli, name="eval")


def main() -> None:
    """The console script."""
    with errors_told():
        cli()
