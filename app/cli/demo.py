"""``ardoise demo``: the whole system on the handbook, in one command."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.cli.ask import answer_live, print_sources
from app.cli.ingest import print_report, progress_bar, shown_in
from app.cli.output import errors_told, out, run
from app.cli.serve import Host, Port, listen, serve_on
from app.requests import AskRequest
from app.settings import Settings, load_settings
from app.system import open_system
from rag.errors import BadInput

HANDBOOK = Path("docs/handbook")
QUESTION = "How much memory does the KV cache of Mistral 7B take per token?"


def demo(
    corpus: Annotated[Path, typer.Option(help="Folder to ingest.")] = HANDBOOK,
    question: Annotated[str, typer.Option(help="Question to ask in the terminal.")] = QUESTION,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Ingest the handbook, ask one question here, then serve the page until Ctrl-C."""
    with errors_told():
        if not corpus.is_dir():
            raise BadInput(f"no folder {corpus}: run this in the project's folder, or name a --corpus")
        with closing(listen(host, port)) as listener:
            settings = load_settings()
            run(_show(settings, corpus, question))
            serve_on(listener, settings, host, port)


async def _show(settings: Settings, corpus: Path, question: str) -> None:
    async with open_system(settings, owner="ardoise demo") as system:
        with progress_bar() as bar:
            report = await system.library.ingest([corpus], prune=True, progress=shown_in(bar))
        print_report(report)
        out.print(f"\n[bold]{question}[/bold]\n")
        print_sources(await answer_live(system, AskRequest(question=question)))
        out.print()
