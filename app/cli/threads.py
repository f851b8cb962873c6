"""``ardoise threads``: conversations, listed, shown, resumed, taken back and deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.cli.ask import print_sources, print_waiting
from app.cli.output import Collection, JsonFlag, out, print_json, request_of, run
from app.remote import resume_remotely
from app.requests import ResumeRequest
from app.settings import load_settings
from app.system import System, open_system
from app.views import Json
from rag.errors import IndexInUse

cli = typer.Typer(
    help="List, show, resume, rewind and delete conversations (while a service runs, through its API).",
    no_args_is_help=True,
)
T = TypeVar("T")
Thread = Annotated[str, typer.Argument(help="As in the list.")]
User = Annotated[str, typer.Option(help="Whose conversations; the web page's are of none: --user ''.")]


def _with_system(work: Callable[[System], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with open_system(load_settings(), owner="ardoise threads") as system:
            return await work(system)

    return run(opened())


@cli.command("list")
def list_threads(collection: Collection = None, user: User = "local", as_json: JsonFlag = False) -> None:
    """The conversations of a user."""
    threads = _with_system(
        lambda system: system.conversations.overview(system.thread_name(collection, user, ""))
    )
    if as_json:
        print_json({"threads": threads})
        return
    for thread in threads:
        out.print(f"{thread['thread']}  {thread['state']}  {thread['question'][:80]}", markup=False)
    out.print(f"{len(threads)} threads", style="dim")


@cli.command("show")
def show(
    thread: Thread, collection: Collection = None, user: User = "local", as_json: JsonFlag = False
) -> None:
    """The turns of a conversation, each with the checkpoint to rewind to."""
    shown = _with_system(
        lambda system: system.conversations.show(system.thread_name(collection, user, thread))
    )
    _print_thread(shown, as_json)


@cli.command("rewind")
def rewind(
    thread: Thread,
    checkpoint: Annotated[str, typer.Argument(help="The end of a turn, as `show` prints it.")],
    collection: Collection = None,
    user: User = "local",
    as_json: JsonFlag = False,
) -> None:
    """Go back to the end of a turn: what came after is forgotten, the next question goes on from there."""
    shown = _with_system(
        lambda system: system.conversations.rewind(system.thread_name(collection, user, thread), checkpoint)
    )
    _print_thread(shown, as_json)


@cli.command("resume")
def resume(
    thread: Thread,
    approve: Annotated[
        bool | None, typer.Option("--approve/--deny", help="The yes or no that the thread waits for.")
    ] = None,
    collection: Collection = None,
    user: User = "local",
    as_json: JsonFlag = False,
) -> None:
    """Go on with a run that waits for approval or was cut short."""
    answered = run(_resume(thread, {"collection": collection, "approve": approve, "user": user or None}))
    if as_json:
        print_json(answered)
        return
    out.print(answered["answer"], markup=False)
    print_waiting(answered)
    print_sources(answered)


async def _resume(thread: str, given: Json) -> Json:
    request, settings = request_of(ResumeRequest, **given), load_settings()
    try:
        async with open_system(settings, owner="ardoise threads") as system:
            return await system.resume(thread, request)
    except IndexInUse as error:
        return await resume_remotely(thread, request, settings, error)


@cli.command("delete")
def delete(
    thread: Thread, collection: Collection = None, user: User = "local", as_json: JsonFlag = False
) -> None:
    """Forget a conversation."""
    _with_system(lambda system: system.conversations.delete(system.thread_name(collection, user, thread)))
    if as_json:
        print_json({"deleted": thread})
    else:
        out.print(f"{thread} deleted", markup=False)


def _print_thread(shown: Json, as_json: bool) -> None:
    if as_json:
        print_json(shown)
        return
    for turn in shown["turns"]:
        out.print(f"{turn['checkpoint']}  {turn['question']}", style="cyan", markup=False)
        out.print(f"    {' '.join(turn['answer'].split())[:200]}", markup=False)
    if shown["state"] != "answered":
        out.print(f"not answered yet: {shown['question']}", style="yellow", markup=False)
    for call in shown["waiting"]:
        out.print(f"waits for approval: {call['name']} {call['arguments']}", style="yellow", markup=False)
    out.print(f"{shown['thread']}: {shown['state']}", style="dim", markup=False)
