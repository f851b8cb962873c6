"""``ardoise collections``: what there is to ask."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.index import export_collection, import_collection
from app.cli.output import JsonFlag, out, print_json, run
from app.settings import load_settings
from app.system import open_system
from app.views import Json

cli = typer.Typer(help="List, save and delete collections.", no_args_is_help=True)
# A snapshot is the portable file: restored on either store, documents included.
cli.command("snapshot")(export_collection)
cli.command("restore")(import_collection)


@cli.command("list")
def list_collections(as_json: JsonFlag = False) -> None:
    """The collections with their sizes."""

    async def work() -> list[Json]:
        async with open_system(load_settings(), owner="ardoise collections") as system:
            return await system.library.collections()

    collections = run(work())
    if as_json:
        print_json({"collections": collections})
        return
    for collection in collections:
        size = f"{collection['documents']} documents  {collection['chunks']} chunks"
        out.print(f"{collection['name']}  {collection.get('error', size)}", markup=False)
    if not collections:
        out.print("no collections yet: ardoise ingest PATH makes one")


@cli.command("delete")
def delete(name: Annotated[str, typer.Argument(help="As in the list.")], as_json: JsonFlag = False) -> None:
    """Remove a collection with everything in it; the ingested files stay."""

    async def work() -> None:
        async with open_system(load_settings(), owner="ardoise collections") as system:
            await system.library.drop(name)

    run(work())
    if as_json:
        print_json({"deleted": name})
    else:
        out.print(f"collection {name} deleted", markup=False)
