"""Recall of the retrieval step before the tools: is the right tool among the best k of 5, 20 and 100?

    python infra/scripts/bench_tools.py [--embedder NAME]

The requests and the tools beside ours are in ``eval/data/tools``. Without an embedder: BM25 alone. A request
counts where its tool is among those there are; sizes above ours are filled with the others, in their order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from langgraph.store.memory import InMemoryStore

from agents.tools import Listed, default_tools
from agents.tools.base import Tool, ToolResult
from agents.tools.selection import index_tools, rank_tools
from app.parts import build_settings_embedder
from app.settings import load_settings
from rag.embedding.base import Embedder
from rag.index.filters import Filter
from rag.resilience.deadline import Deadline
from rag.types import Document, Hit

DATA = Path(__file__).parents[2] / "eval" / "data" / "tools"
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
    start, places = time.perf_counter(), []
    for row in asked:
        names = [tool.name for tool in await rank_tools(row["request"], index, embedder)]
        places.append(names.index(row["tool"]))
    spent = (time.perf_counter() - start) / len(asked) * 1000
    recall = {f"recall@{cut}": sum(place < cut for place in places) / len(places) for cut in CUTS}
    return {"tools": len(tools), "requests": len(asked), **recall, "ms": spent}


async def run(name: str) -> None:
    """Prints the table."""
    settings = load_settings(overrides={"embedding.model": name} if name else {})
    embedder = build_settings_embedder(settings) if name else None
    header = ["tools", "requests", *(f"recall@{cut}" for cut in CUTS), "ms"]
    print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")  # noqa: T201
    for size in SIZES:
        row = await measure(size, embedder)
        print("| " + " | ".join(f"{row[key]:.3g}" for key in header) + " |")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--embedder", default="", help="as ARDOISE_EMBEDDER; left out: BM25 alone")
    asyncio.run(run(parser.parse_args().embedder))
