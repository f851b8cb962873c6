"""``ardoise index``: a collection as a file, and what its approximations cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import Collection, JsonFlag, out, print_json, run
from app.settings import load_settings
from app.system import open_system
from app.views import Json

cli = typer.Typer(help="Move a collection between stores; measure its recall.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The file; NAME.ardoise.gz is a good name for it.")]


@cli.command("export")
def export_collection(
    name: Annotated[str, typer.Argument(help="As in the list of collections.")],
    file: File,
    as_json: JsonFlag = False,
) -> None:
    """Write a collection with its documents to one file that any store can take in."""

    async def work() -> Json:
        async with open_system(load_settings(), owner="ardoise index export") as system:
            return await system.library.export(name, file)

    _tell(run(work()), as_json, "{documents} documents, {chunks} chunks of {collection} written to {file}")


@cli.command("import")
def import_collection(file: File, collection: Collection = None, as_json: JsonFlag = False) -> None:
    """Make the collection that a file holds, under its own name or another."""

    async def work() -> Json:
        async with open_system(load_settings(), owner="ardoise index import") as system:
            return await system.library.restore(file, collection)

    _tell(run(work()), as_json, "{documents} documents, {chunks} chunks read into {collection}")


@cli.command("recall")
def recall(
    collection: Collection = None,
    sample: Annotated[int, typer.Option(min=1, max=10_000, help="Chunks whose vectors are asked.")] = 200,
    top_k: Annotated[int, typer.Option(min=1, max=1000, help="Neighbours looked for.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Compare the dense leg, with its graph and quantization, with an exact search."""

    async def work() -> Json:
        async with open_system(load_settings(), owner="ardoise index recall") as system:
            return await system.library.recall(collection, sample, top_k)

    shown = "recall@{top_k} {recall:.3f} over {queries} queries; p50 {p50_ms:.2f} ms, p95 {p95_ms:.2f} ms"
    _tell(run(work()), as_json, shown + " (exact: p50 {exact_p50_ms:.2f} ms)")


def _tell(result: Json, as_json: bool, shown: str) -> None:
    if as_json:
        print_json(result)
    else:
        out.print(shown.format(**result), markup=False)
