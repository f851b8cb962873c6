"""``ardoise memory``: what is remembered for a user, listed and deleted."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import JsonFlag, out, print_json, run
from app.settings import load_settings
from app.system import open_system
from app.views import Json

cli = typer.Typer(help="List and delete what the agent was asked to remember.", no_args_is_help=True)
User = Annotated[str, typer.Option(help="Whose memories.")]


@cli.command("list")
def list_memories(user: User = "local", as_json: JsonFlag = False) -> None:
    """What is remembered, newest first."""

    async def work() -> list[Json]:
        async with open_system(load_settings(), owner="ardoise memory") as system:
            return await system.conversations.memories(user)

    memories = run(work())
    if as_json:
        print_json({"user": user, "memories": memories})
        return
    for memory in memories:
        out.print(f"{memory['key']}  {memory['text']}", markup=False)
    out.print(f"{len(memories)} memories of {user}", style="dim", markup=False)


@cli.command("delete")
def delete(
    keys: Annotated[list[str] | None, typer.Argument(help="As in the list.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of the user's memories.")] = False,
    user: User = "local",
    as_json: JsonFlag = False,
) -> None:
    """Forget memories."""
    if bool(keys) == everything:
        raise typer.BadParameter("name the memories to forget, or say --all")

    async def work() -> int:
        async with open_system(load_settings(), owner="ardoise memory") as system:
            doomed: list[str | None] = [None] if everything else [*(keys or [])]
            return sum([await system.conversations.forget(user, key) for key in doomed])

    deleted = run(work())
    if as_json:
        print_json({"user": user, "deleted": deleted})
    else:
        out.print(f"{deleted} memories deleted")
