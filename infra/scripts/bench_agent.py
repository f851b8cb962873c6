"""Prints what the graph itself costs, in milliseconds a step, without and with a checkpoint each step."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agents.events import Done  # noqa: E402
from agents.graph import CompiledGraph, build_agent, build_chain  # noqa: E402
from agents.memory.sqlite import sqlite_threads  # noqa: E402
from agents.run import run  # noqa: E402
from rag.llm.scripted import ScriptedChat  # noqa: E402
from rag.types import Answer  # noqa: E402
from tests.agents import SEARCH, Corpus, context, hit  # noqa: E402

RUNS = 60
WARM = 5


async def overhead(graph: CompiledGraph, threads: bool) -> tuple[Sequence[float], int]:
    """Milliseconds a step that are not a node's own work, run by run, and the steps of a run."""
    chat = ScriptedChat(lambda request: SEARCH if request.tools else "It takes 131,072 bytes per token [1].")
    measured, steps = [], 0
    for number in range(RUNS + WARM):
        ctx, done = context(chat, Corpus([hit(0.8)])), Done(Answer(""))
        start = time.perf_counter()
        async for event in run(graph, "How many bytes?", ctx, f"{number}" if threads else None):
            if isinstance(event, Done):
                done = event
        whole = (time.perf_counter() - start) * 1000
        steps = len(done.answer.trace)
        if number >= WARM:
            measured.append((whole - sum(step.ms for step in done.answer.trace)) / steps)
    return measured, steps


async def main() -> None:
    """One row a graph, with and without a thread."""
    sys.stdout.write(
        "| graph | checkpoints | steps | p50, ms a step | p95, ms a step |\n|---|---|---:|---:|---:|\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        async with sqlite_threads(Path(folder) / "threads.sqlite") as threads:
            for name, build in (("agent", build_agent), ("chain", build_chain)):
                for kept in (False, True):
                    times, steps = await overhead(build(threads.saver if kept else None), kept)
                    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
                    sys.stdout.write(
                        f"| {name} | {'SQLite' if kept else 'none'} | {steps} | {p50:.2f} | {p95:.2f} |\n"
                    )


if __name__ == "__main__":
    asyncio.run(main())
