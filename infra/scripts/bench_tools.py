"""Choosing among 5, 20 and 100 tools: recall of the step that offers the best, and whole runs of the graph.

    python infra/scripts/bench_tools.py [--embedder NAME] [--write]

The requests and the tools beside ours are in ``eval/data/tools``. Without an embedder: BM25 alone. A request
counts where its tool is among those there are; sizes above ours are filled with the others, in their order.
``--write`` puts both tables into docs/agent.md, between their marks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from langgraph.store.memory import InMemoryStore

from agents.events import Done
from agents.graph import build_agent
from agents.run import run as run_graph
from agents.state import Context
from agents.tools import Listed, default_tools
from agents.tools.base import Tool, ToolResult
from agents.tools.selection import ToolChoice, index_tools, rank_tools
from app.parts import build_settings_embedder
from app.settings import Settings, load_settings
from rag.answer.answerer import Answerer
from rag.embedding.base import Embedder
from rag.index.filters import Filter
from rag.llm.base import Message
from rag.llm.extractive import ExtractiveChat
from rag.llm.tokens import estimated_tokens
from rag.resilience.deadline import Deadline
from rag.types import Document, Hit

ROOT = Path(__file__).resolve().parents[2]
DATA, PAGE = ROOT / "eval" / "data" / "tools", ROOT / "docs" / "agent.md"
SIZES, CUTS = (5, 20, 100), (1, 3, 5, 8)
FIRST = ("search_corpus", "calculator", "kv_cache_size", "list_documents", "read_document")


class NoLibrary:
    """A collection without documents."""

    async def documents(self) -> list[Listed]:
        """None."""
        return []

    async def document(self, document_id: str, /) -> Document:
        """There is none."""
        raise NotImplementedError(document_id)


async def nothing(_query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:  # noqa: ARG001
    """A search that finds nothing."""
    return []


async def unused(_arguments: Any, _deadline: Deadline) -> ToolResult:
    """What no distractor gets to do."""
    return ToolResult("")


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def all_tools() -> list[Tool]:
    """Ours, the first five first, then the others."""
    ours = default_tools(nothing, NoLibrary(), InMemoryStore(), "someone")
    first = [ours[name] for name in FIRST] + [tool for name, tool in ours.items() if name not in FIRST]
    others = [
        Tool(row["name"], row["description"], {"properties": {name: {} for name in row["arguments"]}}, unused)
        for row in rows("distractors.jsonl")
    ]
    return first + others


async def measure(size: int, embedder: Embedder | None) -> dict[str, float]:
    """Recall at each cut, and the milliseconds that a question takes."""
    tools = all_tools()[:size]
    index = await index_tools(tools, embedder)
    asked = [row for row in rows("requests.jsonl") if row["tool"] in {tool.name for tool in tools}]
    # Encoders load at their first use and remember questions: what is timed is the ranking alone.
    for row in asked:
        await rank_tools(row["request"], index, embedder)
    start, places = time.perf_counter(), []
    for row in asked:
        names = [tool.name for tool in await rank_tools(row["request"], index, embedder)]
        places.append(names.index(row["tool"]))
    spent = (time.perf_counter() - start) / len(asked) * 1000
    recall = {f"recall@{cut}": sum(place < cut for place in places) / len(places) for cut in CUTS}
    return {"tools": len(tools), "requests": len(asked), **recall, "ms": spent}


def spec_tokens(tools: list[Tool]) -> int:
    """What the tools take of a prompt, estimated."""
    specs = [[tool.name, tool.description, dict(tool.parameters)] for tool in tools]
    return estimated_tokens([Message("system", json.dumps(specs))])


async def measure_runs(size: int, settings: Settings, embedder: Embedder | None) -> dict[str, Any]:
    """Runs of the agent, planned by rule: was the right tool offered, was it called, and what did it take."""
    tools = {tool.name: tool for tool in all_tools()[:size]}
    offline = ExtractiveChat(embedder or build_settings_embedder(settings))
    offer, graph = ToolChoice(settings.agent.tools_offered, embedder), build_agent()
    asked = [row for row in rows("requests.jsonl") if row["tool"] in tools]
    offered, called, tokens, ms = [], [], [], []
    for row in asked:
        context = Context(offline, offline, tools, Answerer(offline), Deadline.after(60), offer=offer)
        async for event in run_graph(graph, row["request"], context, None):
            if isinstance(event, Done):
                steps = {step.node: step for step in reversed(event.answer.trace)}
        shown = steps["route"].detail.get("offered", list(tools))
        offered.append(row["tool"] in shown)
        called.append(row["tool"] in steps["plan"].detail["calls"])
        tokens.append(spec_tokens([tools[name] for name in shown]))
        ms.append(steps["route"].ms)
    return {
        "tools": size,
        "requests": len(asked),
        "offered": min(size, settings.agent.tools_offered),
        "right one offered": f"{sum(offered)}/{len(asked)}",
        "called by the rules": f"{sum(called)}/{len(asked)}",
        "tokens of all": spec_tokens(list(tools.values())),
        "tokens offered": round(sum(tokens) / len(tokens)),
        "ms of `route`": round(sum(ms) / len(ms), 2),
    }


def table(lines: list[dict[str, Any]]) -> str:
    """Rows of one form as a Markdown table."""
    head = list(lines[0])
    cells = [
        [f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values()]
        for row in lines
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *cells])


async def run(name: str, write: bool) -> None:
    """Prints both tables, or writes them into the page."""
    settings = load_settings(overrides={"embedding.model": name} if name else {})
    embedder = build_settings_embedder(settings) if name else None
    ranked = table([await measure(size, embedder) for size in SIZES])
    ran = table([await measure_runs(size, settings, embedder) for size in SIZES])
    both = f"Recall of the ranking ({name or 'BM25 alone'}):\n\n{ranked}\n\nRuns of the graph:\n\n{ran}\n"
    if not write:
        print(both)  # noqa: T201
        return
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- tools -->\n")
    _, end, after = rest.partition("<!-- end of tools -->")
    if not end:
        raise SystemExit(f"{PAGE}: no place for the tables of tools")
    PAGE.write_text(f"{before}<!-- tools -->\n{both}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--embedder", default="", help="as ARDOISE_EMBEDDER; left out: BM25 alone")
    parser.add_argument("--write", action="store_true", help="into docs/agent.md")
    given = parser.parse_args()
    asyncio.run(run(given.embedder, given.write))
