"""Writes docs/faults.md: what a caller sees for each fault of a provider, on each backend.

Everything is real but the provider, time and chance: a wait moves the clock on at once, and jitter draws
its most.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from infra.scripts.page_section import provenance  # noqa: E402
from rag.answer.answerer import Answerer  # noqa: E402
from rag.errors import ArdoiseError  # noqa: E402
from rag.llm.base import ChatModel, Message  # noqa: E402
from rag.llm.extractive import ExtractiveChat  # noqa: E402
from rag.llm.mistral import MistralChat  # noqa: E402
from rag.llm.resilient import ResilientChat  # noqa: E402
from rag.llm.vllm import VllmChat  # noqa: E402
from rag.resilience.deadline import Deadline  # noqa: E402
from rag.resilience.policy import Policy, PolicyLimits  # noqa: E402
from rag.telemetry.metrics import Metrics  # noqa: E402
from rag.types import Chunk, Hit  # noqa: E402
from tests.clocks import ManualClock  # noqa: E402
from tests.fakes import HashingEmbedder  # noqa: E402
from tests.servers.provider import KEY, running_provider  # noqa: E402

PAGE = ROOT / "docs" / "faults.md"
BACKENDS = ("mistral", "vllm")
NOWHERE = "http://127.0.0.1:1"
IDLE_S = 0.3  # for the faults that are silent: the others have the default, however slow the machine
SILENT = ("fault-slow", "fault-hung", "fault-stall")
TEXT = "The KV cache stores keys and values. Attention reads all of it at each step."
HITS = [Hit(Chunk("c1", "d1", TEXT, 0, len(TEXT), ("KV cache",), metadata={"language": "en"}), 1.0)]
FAULTS = {
    "model": "none",
    "flaky-2": "500 twice, then well",
    "fault-429": "429, Retry-After: 7",
    "fault-429-date": "429, Retry-After: a date in 60 s",
    "fault-500": "500",
    "fault-503": "503",
    "no server": "connection refused",
    "fault-html": "200 with an HTML page",
    "fault-html-403": "403 with an HTML page",
    "fault-html-502": "502 with an HTML page",
    "fault-redirect": "302 to a login page",
    "fault-slow": "no first token",
    "fault-hung": "no first token, and no count of tokens",
    "fault-stall": "silence after the first words",
    "fault-drop": "connection dropped after the first words",
    "fault-cut": "stream ends without a finish reason",
    "fault-error-first": "error line before the first words",
    "fault-midstream-error": "error line after the first words",
    "fault-malformed": "a chunk that is no JSON",
    "fault-bytes": "a chunk that is no UTF-8",
    "fault-empty": "an empty answer",
    "fault-endless": "the same words without end",
    "fault-length": "cut at max_tokens",
    "fault-too-long": "400, the prompt is too long",
    "fault-400": "400, another mistake",
    "wrong key": "401, wrong key",
    "fault-403": "403",
    "fault-404": "404, unknown model",
    "fault-422": "422",
}
HEAD = f"""# What a caller sees when a model fails

Each row is one streamed question with a deadline of 60 s against the provider of `tests/servers`, under the default
policy ({PolicyLimits().retries} retries; silence bounded to {IDLE_S} s where it is the fault). *Calls* are those that reached the provider's
door, *waited* is the time between them, with jitter at its most. *Taken back* says whether words had been shown that a
retraction then took back.

The grades go down with the ladder: `full`, by the configured model; `other_model`, by one of `resilience.fallbacks`;
`cut`, by either, but cut short by `generation.max_tokens`; `cached`, given before; `extractive`, quoted sentences. An
answer that is cut stands: another model would meet the same limit. It is never kept in the cache.

"""  # noqa: E501 - lines as the page has them
TABLE = """| fault | backend | caller sees | `degraded` for | calls | waited, s | taken back |
|---|---|---|---|---:|---:|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault on one backend; ``reason`` is the failed rung's outcome, ``said`` all that was told."""

    fault: str
    backend: str
    sees: str
    reason: str
    calls: int
    waited_s: float
    retracted: bool
    said: str

    def line(self) -> str:
        """The row as Markdown."""
        taken = "yes" if self.retracted else ""
        what = FAULTS[self.fault]
        seen = f"{self.sees} | {self.reason} | {self.calls} | {self.waited_s:g} | {taken}"
        return f"| {what} | {self.backend} | {seen} |"


def _chat(backend: str, fault: str, url: str) -> ChatModel:
    # Each backend fails by itself, so its flaky model counts for itself.
    model, key = ("model", "sk-wrong-42") if fault == "wrong key" else (fault, KEY)
    address = NOWHERE if fault == "no server" else url
    return MistralChat(model, key, address) if backend == "mistral" else VllmChat(model, address, key)


async def _warmed_up(backend: str, url: str) -> None:
    """Loads the tokenizer, whose first use takes seconds."""
    chat = _chat(backend, "model", url)
    await chat.count_tokens([Message("user", "warm up")])
    await chat.close()


async def row(fault: str, backend: str, url: str) -> Row:
    """Asks one question of a provider with this fault."""
    clock, metrics, retracted = ManualClock(), Metrics(), list[str]()
    bare = _chat(backend, fault, url)
    limits = PolicyLimits(idle_s=IDLE_S) if fault in SILENT else PolicyLimits()
    policy = Policy(bare.name, limits, metrics, clock, clock.sleep, lambda _, most: most)
    answerer = Answerer(ExtractiveChat(HashingEmbedder()))
    deadline = Deadline.after(60.0, clock)
    sees = reason = said = ""
    try:
        answer = await answerer.answer(
            "What does the KV cache store?",
            HITS,
            ResilientChat(bare, policy),
            "en",
            deadline,
            on_token=lambda _: None,
            on_retract=retracted.append,
        )
    except ArdoiseError as error:
        sees, said = f"error `{type(error).__name__}`, no fallback", str(error)
    else:
        sees = f"grade `{answer.grade}`"
        said = " ".join(item.why for item in answer.degraded)
        outcomes = [rung["outcome"] for rung in answer.trace[0].detail["rungs"]]
        reason = ", ".join(outcome for outcome in outcomes if outcome != "answered")
    finally:
        await bare.close()
    return Row(
        fault, backend, sees, reason, metrics.count("model_calls"), sum(clock.slept), bool(retracted), said
    )


async def matrix() -> list[Row]:
    """All rows, each fault on each backend."""
    rows = []
    for backend in BACKENDS:
        with running_provider() as provider:
            await _warmed_up(backend, provider.url)
            rows += [await row(fault, backend, provider.url) for fault in FAULTS]
    return sorted(rows, key=lambda one: list(FAULTS).index(one.fault))


def table(rows: list[Row]) -> str:
    """The rows as Markdown, which do not depend on the machine or its speed."""
    return TABLE + "\n".join(one.line() for one in rows) + "\n"


if __name__ == "__main__":
    where = f"{provenance('make faults')}; a test keeps the rows fresh.\n\n"
    PAGE.write_text(HEAD + where + table(asyncio.run(matrix())), encoding="utf-8")
