"""A run with two tools that write to a file; in a process of its own it stays in the second, to be killed.

``python -m tests.doomed THREADS LOG`` says ``AT_WORK`` once what the first tool did is on disk.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.events import Event
from agents.graph import build_agent
from agents.memory.sqlite import sqlite_threads
from agents.tools.base import Tool, ToolResult
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from tests.agents import Corpus, calls, context, events, resumed

THREAD = "t"
AT_WORK = "at work"


async def doomed_run(threads_file: Path, log: Path, again: bool) -> list[Event]:
    """A thread begun, whose second tool never ends, or the same thread ``again``, to its end."""
    async with sqlite_threads(threads_file) as threads:
        kept, put_writes = asyncio.Event(), threads.saver.aput_writes

        async def told(*arguments: Any, **more: Any) -> None:
            await put_writes(*arguments, **more)
            kept.set()

        async def first(arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
            _write(log, "first ends")
            # From here on the next to be written is what this call brought.
            kept.clear()
            return ToolResult(f"first says {arguments['x']}")

        async def second(arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
            _write(log, "second begins")
            if not again:
                await kept.wait()
                sys.stdout.write(AT_WORK + "\n")
                sys.stdout.flush()
                await asyncio.Event().wait()
            _write(log, "second ends")
            return ToolResult(f"second says {arguments['x']}")

        threads.saver.aput_writes = told  # type: ignore[method-assign]
        tools = [Tool(tool.__name__, "writes", {"type": "object"}, tool) for tool in (first, second)]
        chat = ScriptedChat(lambda _: calls(("first", {"x": 1}), ("second", {"x": 2})))
        ctx, graph = context(chat, Corpus([]), more_tools=tools), build_agent(threads.saver)
        return await resumed(graph, ctx) if again else await events(graph, "Do both.", ctx, THREAD)


def _write(log: Path, line: str) -> None:
    with log.open("a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    asyncio.run(doomed_run(Path(sys.argv[1]), Path(sys.argv[2]), again=False))
