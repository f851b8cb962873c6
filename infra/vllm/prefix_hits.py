"""Measures on vLLM's own metric how much of our prompts its prefix cache saves, and writes it down.

    .venv/bin/python infra/vllm/prefix_hits.py

Questions go through the chain to a real server (`make test-vllm` installs it), first as the prompts are, then
with their stable part, the instructions, moved behind the passages.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "infra" / "scripts")]

from app.requests import AskRequest  # noqa: E402
from app.settings import load_settings  # noqa: E402
from page_section import provenance  # noqa: E402
from rag.llm.base import ChatDelta, ChatModel, ChatReply, ChatRequest, Message  # noqa: E402
from rag.llm.vllm import VllmChat  # noqa: E402
from tests.servers.vllm import MODEL, Vllm, running_vllm  # noqa: E402
from tests.system import small_system  # noqa: E402

PAGE = ROOT / "infra" / "vllm" / "README.md"
BEGIN, END = "<!-- hits: written by infra/vllm/prefix_hits.py -->", "<!-- end of hits -->"
CORPUS = ROOT / "docs" / "handbook" / "inference"
QUESTIONS = (
    "What does the KV cache hold?",
    "How does paged attention place the KV cache in memory?",
    "Why is decode limited by memory bandwidth?",
    "What does chunked prefill do for the latency of other requests?",
    "When does speculative decoding pay?",
    "How many bits does a weight take with AWQ?",
)


@dataclass(frozen=True, slots=True)
class Arm:
    """One order of the prompt: tokens that were looked up in the cache, and those found there."""

    name: str
    queries: float
    hits: float

    @property
    def rate(self) -> float:
        """Share of the prompts' tokens that were not computed again."""
        return self.hits / self.queries


class Ours(VllmChat):
    """Sends prompts as they are, and stops after a few tokens: what is measured is the prompt."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """As ``VllmChat``."""
        return await super().complete(replace(request, messages=self._ordered(request), max_tokens=4))

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """As ``VllmChat``."""
        return super().stream(replace(request, messages=self._ordered(request), max_tokens=4))

    def _ordered(self, request: ChatRequest) -> tuple[Message, ...]:
        return request.messages


class StableLast(Ours):
    """Sends the instructions behind what they are about, as a message of the user's."""

    def _ordered(self, request: ChatRequest) -> tuple[Message, ...]:
        system, *others = request.messages
        return (*others, replace(system, role="user"))


async def measure(server: Vllm) -> tuple[Arm, Arm]:
    """The hit rates of our order and of the turned one, each over the same questions."""
    ours = await _arm("instructions, passages, question (ours)", server, Ours(MODEL, server.url))
    turned = await _arm("passages, question, instructions", server, StableLast(MODEL, server.url))
    return ours, turned


async def _arm(name: str, server: Vllm, chat: ChatModel) -> Arm:
    with tempfile.TemporaryDirectory() as home:
        environment = {"ARDOISE_HOME": home}
        small = {"generation.prompt_tokens": 800, "generation.max_tokens": 16, "request.deadline_s": 600}
        async with small_system(load_settings(environment, small), chat) as system:
            await system.library.ingest([CORPUS], prune=False, progress=lambda _: None)
            before = _counts(server)
            for question in QUESTIONS:
                answer = await system.ask(AskRequest(question=question, agent=False))
                if answer["grade"] not in ("full", "cut"):  # a few tokens are enough: only the prompt counts
                    raise RuntimeError(f"{question!r} was not answered by {chat.name}: {answer['degraded']}")
            after = _counts(server)
    return Arm(name, after[0] - before[0], after[1] - before[1])


def _counts(server: Vllm) -> tuple[float, float]:
    return (
        server.metric("vllm:prefix_cache_queries_total"),
        server.metric("vllm:prefix_cache_hits_total"),
    )


def shown(arms: Sequence[Arm]) -> str:
    """The rates as a table, with when and where they were measured."""
    lines = [
        BEGIN,
        "",
        "| order of the prompt | prompt tokens | of them cached | hit rate |",
        "|---|--:|--:|--:|",
    ]
    lines += [f"| {arm.name} | {arm.queries:,.0f} | {arm.hits:,.0f} | {arm.rate:.1%} |" for arm in arms]
    lines += [
        "",
        f"{provenance('.venv/bin/python infra/vllm/prefix_hits.py')}; {len(QUESTIONS)} questions.",
        "",
        END,
    ]
    return "\n".join(lines)


def refreshed(text: str, arms: Sequence[Arm]) -> str:
    """``text`` with the table of these rates."""
    return re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: shown(arms), text, flags=re.DOTALL)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, running_vllm(Path(scratch) / "server.log") as running:
        measured = asyncio.run(measure(running))
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")
