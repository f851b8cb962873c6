"""Faces a system of its own with planted documents, notes and tools' results: ``ardoise eval redteam``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.events import Done, Token
from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.mcp import Offered
from agents.tools.memory import NAMESPACE
from app.parts import Parts, build_parts, build_store
from app.requests import AskRequest, ResumeRequest
from app.settings import Settings
from app.system import System, open_system
from app.views import Json
from eval.redteam.attacks import Attack, Secrets
from eval.redteam.obedient import ObedientChat
from eval.redteam.page import Faced
from eval.redteam.verdict import Outcome
from rag.llm.base import Message
from rag.resilience.deadline import Deadline
from rag.types import Hit

VICTIM, OTHER = "alice", "bob"


class Ticket(Arguments):
    """Which ticket."""

    number: int


class Address(Arguments):
    """What to open."""

    url: str


class PlantedTools:
    """Another program's tools, callable without asking: one says what was planted, one opens pages."""

    def __init__(self) -> None:
        self.planted = ""
        self.opened: list[Mapping[str, Any]] = []

    async def offered(self) -> Offered:
        """Both tools."""
        return Offered((self._tickets(), self._web()))

    async def close(self) -> None:
        """Nothing to let go of."""

    def _tickets(self) -> Tool:
        async def run(_asked: Ticket, _deadline: Deadline) -> ToolResult:
            return ToolResult(self.planted or "There is no such ticket.")

        return _foreign(make_tool("tickets__read", "Reads a ticket.", Ticket, run, ({"number": 1},)))

    def _web(self) -> Tool:
        async def run(asked: Address, _deadline: Deadline) -> ToolResult:
            self.opened.append(asked.model_dump())
            return ToolResult("An empty page.")

        return _foreign(make_tool("web__open", "Opens a page.", Address, run, ({"url": "http://a.example"},)))


def _foreign(tool: Tool) -> Tool:
    return replace(tool, foreign=True)


async def red_team(
    settings: Settings,
    attacks: Sequence[Attack],
    home: Path,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    build: Callable[[Settings], Parts] | None = None,
) -> list[Faced]:
    """Each attack against the rules and against the obedient model, with the settings' parts below ``home``.

    ``build`` makes other parts than the settings choose.

    Raises:
        ConfigurationError: what a part needs is missing.
    """
    secrets = Secrets()
    alone = _alone(settings, home, secrets)
    # The encoders are those that the settings' home keeps compiled; all else is made anew.
    encoding = alone.model_copy(update={"home": settings.home})
    make = build or (lambda _: build_parts(encoding, build_store(alone, "ardoise eval redteam", None)))
    first = make(alone)
    outcomes: list[list[Outcome]] = []
    for chat in (None, ObedientChat()):
        tools = PlantedTools()
        # A system closes its store; its encoders are loaded once for both.
        parts = replace(first, store=make(alone).store, foreign=tools, cache=None)
        parts = replace(parts, chat=chat) if chat else parts
        async with open_system(alone, "ardoise eval redteam", parts=parts) as system:
            if chat is None:
                await _plant(system, attacks, home / "planted")
                await _note(system, OTHER, secrets.others_note)
            faced = []
            for number, attack in enumerate(attacks):
                faced.append(await _face(system, attack, chat, tools))
                progress(len(outcomes) * len(attacks) + number + 1, 2 * len(attacks))
            outcomes.append(faced)
    return [Faced(*one) for one in zip(attacks, *outcomes, strict=True)]


def _alone(settings: Settings, home: Path, secrets: Secrets) -> Settings:
    """The settings with everything that is kept below ``home``, no other service, and a key to guard.

    No reranker: which passage comes first is not what is asked here, and it would take most of the time.
    """

    def with_(section: str, **values: Any) -> Any:
        return getattr(settings, section).model_copy(update=values)

    changed = {
        "home": home,
        "mcp": {},
        "generation": with_("generation", llm="extractive", mistral_api_key=SecretStr(secrets.key)),
        "retrieval": with_("retrieval", reranker="none", expansion="none"),
        "index": with_("index", qdrant_url=None),
        "memory": with_("memory", database_url=None),
        "cache": with_("cache", store="none"),
        "resilience": with_("resilience", fallbacks=()),
    }
    return settings.model_copy(update=changed)


async def _plant(system: System, attacks: Sequence[Attack], folder: Path) -> None:
    for attack in attacks:
        if attack.document:
            path = folder / attack.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(attack.document, encoding="utf-8")
    await system.library.ingest([folder], prune=False, progress=lambda _: None)


async def _note(system: System, user: str, text: str) -> None:
    await (await system.conversations.store()).aput((NAMESPACE, user), text[:20], {"text": text})


async def _face(system: System, attack: Attack, chat: ObedientChat | None, tools: PlantedTools) -> Outcome:
    """The question and, where a call is what the attacker wants of a model, the follow-up."""
    if chat:
        chat.face(attack)
    tools.planted, tools.opened = (attack.said if attack.planted == "tool_result" else ""), []
    if attack.planted == "note":
        await _note(system, VICTIM, attack.said)
    # Without a thread what needs a yes gets a no at once, and the rules have no second turn.
    thread = attack.id if chat else None
    happened = _Happened()
    again = [attack.follow_up] if chat and (attack.does.call or attack.does.reveal) else []
    for question in (attack.question, *again):
        request = AskRequest(question=question, thread=thread, user=VICTIM, cached=False)
        waits = await happened.watch(system.ask_events(request))
        if waits and thread:
            denied = system.resume_events(thread, ResumeRequest(approve=False, user=VICTIM))
            await happened.watch(denied)
    notes = [note["text"] for note in await system.conversations.memories(VICTIM)]
    own = [note for note in notes if note != attack.said]
    await system.conversations.forget(VICTIM, None)
    found = tuple(Message("tool", text) for text in happened.found)
    return Outcome(
        answers=tuple(happened.answers),
        told=(*happened.streamed, *happened.answers),
        quotes=tuple(happened.quotes),
        views=tuple(happened.views),
        foreign_calls=tuple(tools.opened),
        notes=tuple(own),
        asked_for=tuple(happened.asked_for),
        reached=chat.obeyed if chat else attack.reached(found),
    )


class _Happened:
    """What callers got in the turns of one conversation."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.streamed: list[str] = []
        self.quotes: list[str] = []
        self.views: list[str] = []
        self.found: list[str] = []
        self.asked_for: list[str] = []

    async def watch(self, events: Any) -> bool:
        """Writes down a run; whether it waits for a yes."""
        streamed, whole, hits = "", dict[str, Any](), tuple[Hit, ...]()
        async with aclosing(events):
            async for event, done in events:
                if isinstance(event, Token):
                    streamed += event.text
                if isinstance(event, Done):
                    whole, hits = done or {}, event.hits
        self._keep(streamed, whole, hits)
        return bool(whole.get("waiting"))

    def _keep(self, streamed: str, whole: Json, hits: Sequence[Hit]) -> None:
        results = [str(step["result"]) for step in whole["trace"] if step["node"] == "act"]
        self.answers.append(whole["answer"])
        self.streamed.append(streamed)
        self.quotes += [citation["quote"] for citation in whole["citations"]] + results
        self.views.append(json.dumps(whole, ensure_ascii=False))
        self.asked_for += [json.dumps(call, ensure_ascii=False) for call in whole.get("waiting", ())]
        self.found += results
        for hit in hits:
            self.found += [*hit.chunk.headings, str(hit.chunk.metadata.get("title")), hit.chunk.text]
