"""What the graph itself costs: milliseconds a step, without and with checkpoints, and bytes of a thread.

    python infra/scripts/bench_agent.py [--write]

``--write`` puts both tables into docs/agent.md, in place of what it wrote there before.
"""

import argparse
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
from page_section import provenance, write_section  # noqa: E402
from rag.llm.scripted import ScriptedChat  # noqa: E402
from rag.types import Answer  # noqa: E402
from tests.agents import SEARCH, Corpus, context, hit  # noqa: E402
from thread_growth import TURNS, growth  # noqa: E402

COMMAND = "make bench-agent"
PAGE = ROOT / "docs" / "agent.md"

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


async def overheads() -> str:
    """One row a graph, with and without a thread."""
    rows = ["| graph | checkpoints | steps | p50, ms a step | p95, ms a step |", "|---|---|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        async with sqlite_threads(Path(folder) / "threads.sqlite") as threads:
            for name, build in (("agent", build_agent), ("chain", build_chain)):
                for kept in (False, True):
                    times, steps = await overhead(build(threads.saver if kept else None), kept)
                    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
                    kind = "SQLite" if kept else "none"
                    rows.append(f"| {name} | {kind} | {steps} | {p50:.2f} | {p95:.2f} |")
    return "\n".join(rows)


async def main(write: bool) -> None:
    """Both tables, printed or put into the page."""
    text = (
        f"## What the graph itself costs\n\nMeasured: {provenance(COMMAND)}.\n\n"
        f"Time beside the nodes' own, over {RUNS} runs on a scripted model:\n\n{await overheads()}\n\n"
        f"A thread of {TURNS} turns in SQLite, eight passages a turn:\n\n{await growth()}"
    )
    if write:
        write_section(PAGE, COMMAND, text)
    else:
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="into docs/agent.md")
    asyncio.run(main(parser.parse_args().write))
