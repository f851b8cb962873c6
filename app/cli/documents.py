"""``ardoise documents``: what a collection holds."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import Collection, JsonFlag, out, print_json, run
from app.settings import load_settings
from app.system import open_system
from app.views import Json

cli = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)


@cli.command("list")
def list_documents(collection: Collection = None, as_json: JsonFlag = False) -> None:
    """The documents of a collection."""

    async def work() -> list[Json]:
        async with open_system(load_settings(), owner="ardoise documents") as system:
            return await system.library.documents(collection)

    documents = run(work())
    if as_json:
        print_json({"documents": documents})
        return
    for document in documents:
        out.print(f"{document['id']}  {document['language']}  {document['chunks']} chunks", markup=False)
    out.print(f"{len(documents)} documents", style="dim")


@cli.command("show")
def show(
    document_id: Annotated[str, typer.Argument(help="As in the list.")],
    collection: Collection = None,
    as_json: JsonFlag = False,
) -> None:
    """One document: what is known of it, and its text."""

    async def work() -> Json:
        async with open_system(load_settings(), owner="ardoise documents") as system:
            return await system.library.document(document_id, collection)

    document = run(work())
    if as_json:
        print_json(document)
    else:
        out.print(document["text"], markup=False)


@cli.command("delete")
def delete(
    document_ids: Annotated[list[str], typer.Argument(help="As in the list.")],
    collection: Collection = None,
    as_json: JsonFlag = False,
) -> None:
    """Remove documents, and what conversations and memories quote of them; the files stay."""

    async def work() -> Json:
        async with open_system(load_settings(), owner="ardoise documents") as system:
            return await system.library.delete_documents(document_ids, collection)

    deleted = run(work())
    if as_json:
        print_json(deleted)
    else:
        out.print(f"{len(deleted['deleted'])} documents deleted")
        for thread in deleted["forgotten"]["busy"]:
            out.print(f"thread {thread} was at work and may quote them still", markup=False)
