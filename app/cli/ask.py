"""``ardoise ask``: an answer with citations."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated

import typer

from agents.events import Retracted, Token
from app.cli.output import Collection, JsonFlag, err, out, print_json, request_of, run
from app.remote import ask_remotely
from app.requests import AskRequest
from app.settings import load_settings
from app.system import System, open_system
from app.views import Json
from rag.errors import IndexInUse


def ask(
    question: Annotated[str, typer.Argument(help="What to answer.")],
    collection: Collection = None,
    thread: Annotated[str | None, typer.Option(help="Continue the conversation of this name.")] = None,
    no_agent: Annotated[bool, typer.Option("--no-agent", help="Retrieve and answer, no planning.")] = False,
    llm: Annotated[str | None, typer.Option(help="extractive, mistral or vllm.")] = None,
    deadline: Annotated[float | None, typer.Option(help="Seconds that the answer may take.")] = None,
    user: Annotated[str, typer.Option(help="Whose conversation and memories the agent may reach.")] = "local",
    as_json: JsonFlag = False,
) -> None:
    """Answer a question from the collection, sentence by sentence with its source."""
    given = {
        "question": question,
        "collection": collection,
        "thread": thread,
        "llm": llm,
        "agent": not no_agent,
        "deadline_s": deadline,
        "user": user,
    }
    answered = run(_ask(given, live=not as_json))
    if as_json:
        print_json(answered)
    else:
        print_sources(answered)


async def _ask(given: Json, live: bool) -> Json:
    request = request_of(AskRequest, **given)
    settings = load_settings()
    try:
        async with open_system(settings, owner="ardoise ask") as system:
            await system.prepare(request.collection, request.llm)
            return await (answer_live(system, request) if live else system.ask(request))
    except IndexInUse as error:
        answered = await ask_remotely(request, settings, error)
        if live:
            out.print(answered["answer"], markup=False)
            print_waiting(answered)
        return answered


async def answer_live(system: System, request: AskRequest) -> Json:
    """Asks, and prints the answer's text as it is written."""
    answered: Json = {}
    async with aclosing(system.ask_events(request)) as events:
        async for event, done in events:
            if isinstance(event, Token):
                out.print(event.text, end="", markup=False)
            elif isinstance(event, Retracted):
                out.print(f"\n[taken back, what holds follows: {event.why}]\n", markup=False, style="yellow")
            answered = done or answered
    out.print()
    print_waiting(answered)
    return answered


def print_waiting(answered: Json) -> None:
    """What waits for a yes or no, if anything does, and how to say it."""
    if not answered.get("waiting"):
        return
    for call in answered["waiting"]:
        out.print(f"waits for approval: {call['name']} {call['arguments']}", style="yellow", markup=False)
    out.print(f"say it with: ardoise threads resume {answered['thread']} --approve (or --deny)", markup=False)


def print_sources(answered: Json) -> None:
    """Citations, what went less well than configured, and the time of each stage."""
    out.print()
    for citation in answered["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        doubt = "" if citation["supported"] else f"  (not supported: {', '.join(citation['flags'])})"
        out.print(f"[{citation['marker']}] {citation['uri']}{page}{doubt}", style="cyan", markup=False)
        quote = " ".join(citation["quote"].split())
        out.print(f"    “{quote[:200]}{'…' if len(quote) > 200 else ''}”", style="dim", markup=False)
    for item in answered["degraded"]:
        err.print(f"degraded: {item['part']}: {item['why']}", style="yellow", markup=False)
    times = ", ".join(f"{stage} {ms:.0f}" for stage, ms in answered["timings_ms"].items())
    parts = ", ".join(f"{name}: {part}" for name, part in answered["parts"].items())
    out.print(f"\ngrade {answered['grade']}; milliseconds: {times}", style="dim", markup=False)
    out.print(parts, style="dim", markup=False)
