"""How a thread grows on disk with its turns, with and without pruning: a table and its curves."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agents.graph import build_agent  # noqa: E402
from agents.memory.sqlite import sqlite_threads  # noqa: E402
from agents.run import run  # noqa: E402
from rag.llm.scripted import ScriptedChat  # noqa: E402
from tests.agents import SEARCH, Corpus, context, hit  # noqa: E402

TURNS = 200
SHOWN = (1, 10, 20, 30, 50, 100, 150, 200)
PASSAGE = "The KV cache of Mistral 7B takes 131,072 bytes per token. Paging removes fragmentation. " * 12


async def sizes(folder: Path, prune: bool) -> dict[int, int]:
    """Bytes of the database, its log included, after each of the turns shown."""
    chat = ScriptedChat(lambda request: SEARCH if request.tools else "It takes 131,072 bytes per token [1].")
    path, measured = folder / f"threads-{prune}.sqlite", {}
    async with sqlite_threads(path) as threads:
        graph = build_agent(threads.saver)
        for turn in range(1, TURNS + 1):
            found = [
                replace(one, chunk=replace(one.chunk, id=f"c{place}"))
                for place, one in enumerate([hit(0.8, PASSAGE)] * 8)
            ]
            ctx = replace(context(chat, Corpus(found)), history_tokens=500)
            async for _ in run(graph, f"How many bytes, asked for time {turn}?", ctx, "thread"):
                pass
            if prune:
                state = await graph.aget_state({"configurable": {"thread_id": "thread"}})
                await threads.keep("thread", state.values["turns"])
            if turn in SHOWN:
                measured[turn] = on_disk(path)
    return measured


def on_disk(path: Path) -> int:
    """Bytes of a database and of what lies beside it."""
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


async def growth() -> str:
    """The table, then both curves: the upper one keeps every checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        pruned, whole = await sizes(Path(folder), True), await sizes(Path(folder), False)
    rows = [f"| {turn} | {pruned[turn] / 1024:,.0f} | {whole[turn] / 1024:,.0f} |" for turn in SHOWN]
    lines = [f"  line [{', '.join(f'{one[turn] / 1024:.0f}' for turn in SHOWN)}]" for one in (whole, pruned)]
    return "\n".join(
        [
            "| turns | pruned, KiB | every checkpoint kept, KiB |",
            "|---:|---:|---:|",
            *rows,
            "",
            "```mermaid",
            "xychart-beta",
            '  title "The upper line keeps every checkpoint, the lower one is pruned"',
            f"  x-axis turns [{', '.join(map(str, SHOWN))}]",
            "  y-axis KiB",
            *lines,
            "```",
        ]
    )
