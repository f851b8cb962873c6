"""Writes docs/faults.md: what a caller sees for each fault of a provider, on each backend."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fault_rows import (  # noqa: E402
    DEADLINE_S,
    IDLE_S,
    SILENT_DEADLINE_S,
    Ask,
    Row,
    ask_agent,
    ask_answerer,
    chat,
    row,
)
from page_section import provenance  # noqa: E402
from rag.llm.base import Message  # noqa: E402
from rag.resilience.policy import PolicyLimits  # noqa: E402
from tests.servers.provider import running_provider  # noqa: E402

PAGE = ROOT / "docs" / "faults.md"
BACKENDS = ("mistral", "vllm")
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
    "fault-html-429": "429 with an HTML page, Retry-After: 7",
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
    "fault-shape-null": "JSON of another form: `null`",
    "fault-shape-content": "JSON of another form: a number for the text",
    "fault-shape-deep": "JSON of another form: nested 100,000 deep",
    "fault-shape-key": "the caller's key for a finish reason",
    "fault-shape-usage": "a usage below zero, and one of 400 digits",
    "fault-empty": "an empty answer",
    "fault-endless": "the same words without end",
    "fault-error": "finish reason `error`",
    "fault-filter": "finish reason `content_filter`",
    "fault-filter-400": "400, a content filter stopped the prompt",
    "fault-length": "cut at max_tokens",
    "fault-too-long": "400, the prompt is too long",
    "fault-400": "400, another mistake",
    "wrong key": "401, wrong key",
    "fault-403": "403",
    "fault-404": "404, unknown model",
    "fault-422": "422",
    "circuit open": "none, but the circuit is open",
}
AGENT_FAULTS = {
    **{
        fault: FAULTS[fault]
        for fault in (
            "model",
            "fault-429",
            "fault-500",
            "fault-html",
            "fault-slow",
            "fault-midstream-error",
            "fault-shape-null",
            "fault-shape-key",
            "fault-filter",
            "fault-too-long",
        )
    },
    "mends": "tool arguments against their schema, mended once told",
    "fault-schema": "tool arguments against their schema, twice",
    "fault-broken-call": "a tool call that is broken off",
    "wrong key": FAULTS["wrong key"],
    "circuit open": FAULTS["circuit open"],
}
HEAD = f"""# What a caller sees when a model fails

Each row is one streamed question with a deadline of {DEADLINE_S:g} s against the provider of `tests/servers`, under the default
policy ({PolicyLimits().retries} retries); where the fault is silence, the deadline is {SILENT_DEADLINE_S:g} s, and {IDLE_S} s of silence are borne. Every row
ends before its deadline. *Calls* are those that reached the provider's door, *waited* is the time between them, with
jitter at its most. *Taken back* says whether words had been shown that a retraction then took back.

The grades go down with the ladder: `full`, by the configured model; `other_model`, by one of `resilience.fallbacks`;
`cut`, by either, but cut short by `generation.max_tokens`; `cached`, given before; `extractive`, quoted sentences. An
answer that is cut stands: another model would meet the same limit. It is never kept in the cache.

A content filter is no failure of the backend: it is not retried and opens no circuit, and the next rung answers. The
finish reason `error` is one, and counts against the circuit as a stream does that breaks off.

What opens the circuit are calls that fail, not counts of tokens, though a server that is down fails these too. A count
that fails is an estimate from then on, until the model has replied: so an outage costs one count (a second at most),
and then the call itself finds out, with its retries. Were counts to tell the circuit, a slow `/tokenize`, or a gateway
without that route, would take a model away that answers; and one question would count twice in an outage.

"""  # noqa: E501 - lines as the page has them
ANSWERER = "## The answer alone: passages that are there already\n\n"
AGENT = """## The whole agent, as questions go by default

The model plans first, then answers. Each of the two may fail, and `degraded` names each kind of failure once.
Where only the plan fails, rules plan and the model answers all the same.

"""
TABLE = """| fault | backend | caller sees | `degraded` for | calls | waited, s | taken back |
|---|---|---|---|---:|---:|---|
"""


async def matrix(faults: Mapping[str, str], ask: Ask) -> list[Row]:
    """All rows of a table, each fault on each backend."""
    rows = []
    for backend in BACKENDS:
        with running_provider() as provider:
            await _warmed_up(backend, provider.url)
            rows += [await row(fault, backend, provider.url, ask) for fault in faults]
    return sorted(rows, key=lambda one: list(faults).index(one.fault))


async def _warmed_up(backend: str, url: str) -> None:
    """Loads the tokenizer, whose first use takes seconds."""
    model = chat(backend, "model", url)
    await model.count_tokens([Message("user", "warm up")])
    await model.close()


def table(rows: Sequence[Row], faults: Mapping[str, str]) -> str:
    """The rows as Markdown, which do not depend on the machine or its speed."""
    return TABLE + "\n".join(one.line(faults[one.fault]) for one in rows) + "\n"


async def _page() -> str:
    alone = table(await matrix(FAULTS, ask_answerer), FAULTS)
    agent = table(await matrix(AGENT_FAULTS, ask_agent), AGENT_FAULTS)
    where = f"{provenance('make faults')}; a test keeps the rows fresh.\n\n"
    return f"{HEAD}{where}{ANSWERER}{alone}\n{AGENT}{agent}"


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(_page()), encoding="utf-8")
