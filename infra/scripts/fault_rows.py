"""How a row of docs/faults.md comes about: one question, with one fault of a provider in its way.

Everything is real but the provider, time and chance: a wait moves the clock on at once, and jitter draws
its most.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

from agents.events import Done, Retracted
from agents.graph import CompiledGraph, build_agent
from agents.run import run
from agents.state import Context
from agents.tools import default_tools
from app.asking import build_bounds
from app.settings import load_settings
from rag.answer.answerer import Answerer
from rag.errors import ArdoiseError
from rag.index.filters import Filter
from rag.llm.base import ChatModel
from rag.llm.extractive import ExtractiveChat
from rag.llm.mistral import MistralChat
from rag.llm.resilient import ResilientChat
from rag.llm.structured import StructuredChat
from rag.llm.vllm import VllmChat
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policy, PolicyLimits
from rag.telemetry.metrics import Metrics
from rag.types import Answer, Chunk, Hit, LegScore
from tests.clocks import ManualClock
from tests.fakes import HashingEmbedder
from tests.servers.provider import KEY

DEADLINE_S = 60.0
SILENT_DEADLINE_S, IDLE_S = 3.0, 0.3
"""Of rows whose fault is silence, which passes in real time: until the deadline, and until it is given up."""
SILENT = ("fault-slow", "fault-hung", "fault-stall")
QUESTION = "Avec quoi le cache KV grandit-il ?"
# What the provider says in its answer stands in the passage: nothing but the fault degrades a row.
TEXT = "Le cache KV grandit avec le contexte. L'attention le relit à chaque étape."
HITS = [
    Hit(
        Chunk("c1", "d1", TEXT, 0, len(TEXT), ("KV cache",), metadata={"language": "fr"}),
        1.0,
        {"dense": LegScore(1, 0.8), "sparse": LegScore(1, 7.0)},
    )
]
_NOWHERE = "http://127.0.0.1:1"
# What is no model of the provider's: a fault of the caller's own side, with a model that is well.
_OWN = ("wrong key", "no server", "circuit open")


@dataclass(frozen=True, slots=True)
class Row:
    """One fault on one backend.

    ``reasons`` are those of ``degraded``, or the parts that have none; ``said`` is all that was told.
    """

    fault: str
    backend: str
    sees: str
    reasons: tuple[str, ...]
    calls: int
    waited_s: float
    retracted: bool
    said: str
    in_time: bool

    def line(self, what: str) -> str:
        """The row as Markdown; ``what`` is the fault in words."""
        taken, reasons = "yes" if self.retracted else "", ", ".join(self.reasons)
        seen = f"{self.sees} | {reasons} | {self.calls} | {self.waited_s:g} | {taken}"
        return f"| {what} | {self.backend} | {seen} |"


@dataclass(frozen=True, slots=True)
class Rig:
    """A backend with a fault under its policy, the deadline of the one question, and what was taken back."""

    chat: ChatModel
    deadline: Deadline
    clock: ManualClock
    metrics: Metrics
    retracted: list[str]


Ask = Callable[[Rig], Awaitable[Answer]]


async def ask_answerer(rig: Rig) -> Answer:
    """The answerer's answer to the question and its passage, as it is streamed."""
    return await Answerer(ExtractiveChat(HashingEmbedder())).answer(
        QUESTION,
        HITS,
        rig.chat,
        "fr",
        rig.deadline,
        on_token=lambda _: None,
        on_retract=rig.retracted.append,
    )


async def ask_agent(rig: Rig) -> Answer:
    """The agent's answer: its graph and its tools over a corpus of the one passage."""

    async def search(_query: str, _until: Deadline, /, filter: Filter | None = None) -> list[Hit]:  # noqa: ARG001
        return HITS

    offline = ExtractiveChat(HashingEmbedder())
    context = Context(
        rig.chat,
        offline,
        default_tools(search),
        Answerer(offline),
        rig.deadline,
        bounds=build_bounds(load_settings({}), rig.chat, rig.deadline),
    )
    async for event in run(_graph(), QUESTION, context, None):
        if isinstance(event, Retracted):
            rig.retracted.append(event.why)
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("a run ends with its answer")


@cache
def _graph() -> CompiledGraph:
    return build_agent()


async def row(fault: str, backend: str, url: str, ask: Ask) -> Row:
    """Asks one question of a provider with this fault."""
    sees, said, reasons = "", "", tuple[str, ...]()
    async with _rig(fault, backend, url) as rig:
        try:
            answer = await ask(rig)
        except ArdoiseError as error:
            sees, said = f"error `{type(error).__name__}`, no fallback", str(error)
        else:
            sees = f"grade `{answer.grade}`"
            reasons = tuple(one.reason or one.part for one in answer.degraded)
            said = " ".join(f"{one.part} {one.why}" for one in answer.degraded)
    calls, waited = rig.metrics.count("model_calls"), sum(rig.clock.slept)
    in_time = rig.deadline.remaining > 0
    return Row(fault, backend, sees, reasons, calls, waited, bool(rig.retracted), said, in_time)


@asynccontextmanager
async def _rig(fault: str, backend: str, url: str) -> AsyncIterator[Rig]:
    clock, metrics, bare = ManualClock(), Metrics(), chat(backend, fault, url)
    limits, deadline = PolicyLimits(), Deadline.after(DEADLINE_S, clock)
    if fault in SILENT:
        limits, deadline = PolicyLimits(idle_s=IDLE_S), Deadline.after(SILENT_DEADLINE_S)
    policy = Policy(bare.name, limits, metrics, deadline.clock, clock.sleep, lambda _, most: most)
    if fault == "circuit open":
        for _ in range(limits.failures):
            policy.breaker.settle(policy.breaker.admit(), "failed")
    try:
        yield Rig(StructuredChat(ResilientChat(bare, policy)), deadline, clock, metrics, [])
    finally:
        await bare.close()


def chat(backend: str, fault: str, url: str) -> ChatModel:
    """The backend with this fault, under no policy."""
    model, key = "model" if fault in _OWN else fault, "sk-wrong-42" if fault == "wrong key" else KEY
    address = _NOWHERE if fault == "no server" else url
    return MistralChat(model, key, address) if backend == "mistral" else VllmChat(model, address, key)
