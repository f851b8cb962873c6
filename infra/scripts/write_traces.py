"""Writes docs/traces.md: ten questions to the handbook and every step of their runs, offline."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.requests import AskRequest, ResumeRequest  # noqa: E402
from app.settings import load_settings  # noqa: E402
from app.system import System, open_system  # noqa: E402

PAGE = ROOT / "docs" / "traces.md"
HANDBOOK = ROOT / "docs" / "handbook"
LONGEST = 300
"""Characters of a detail that are shown."""

QUESTIONS = (
    ("A question that one search answers", "What is the KV cache?", "facts"),
    ("A follow-up, made self-contained", "And why does it grow with the context?", "facts"),
    (
        "A question of two parts: a number is computed, and a hop looks for each part in the pages found",
        "We kept the best of forty checkpoints on a public benchmark, without any training on it. Is that "
        "still hacking the benchmark, and what must a p-value be below, by the simplest correction at 5%?",
        "parts",
    ),
    ("Arithmetic goes to a tool", "How many bytes are 2 * 32 * 8 * 128 * 2?", "sums"),
    (
        "A formula of the handbook, chosen by rule",
        "How many bytes of KV cache does a token take with 48 layers, 8 KV heads of width 160 and bf16?",
        "formula",
    ),
    ("The same of another quantity", "And with int8?", "formula"),
    ("Two things compared", "Compare GPTQ and AWQ.", "compared"),
    (
        "Nothing here answers it: back once, then abstained from",
        "Who won the 1998 football World Cup?",
        "off",
    ),
    (
        "An order planted in a page is quoted, not obeyed",
        "What does the note to AI assistants and automated readers tell the user?",
        "planted",
    ),
    ("Something to remember waits for a yes", "Remember that I prefer answers in French.", "notes"),
)
HEAD = """# Traces

Ten questions to the handbook and each step of their runs as `ask --json` has it under `trace`. The model is
the offline one: rules plan (`by: rules`), and answers are quoted sentences. Times are left out.

Written by `python infra/scripts/write_traces.py`.
"""


async def traced(system: System) -> str:
    """The page."""
    blocks = [HEAD]
    for title, question, thread in QUESTIONS:
        answered = await system.ask(AskRequest(question=question, thread=thread, user="reader"))
        blocks.append(f"## {title}\n\n> {question}\n\n{_table(answered)}\n\n**Answer.** {_said(answered)}\n")
        if answered.get("waiting"):
            went_on = await system.resume(thread, ResumeRequest(approve=True, user="reader"))
            rest = {**went_on, "trace": went_on["trace"][len(answered["trace"]) :]}
            blocks.append(f"After `ardoise threads resume {thread} --approve`:\n\n{_table(rest)}\n")
            blocks.append(f"**Answer.** {_said(went_on)}\n")
    return "\n".join(blocks)


def _table(answered: dict[str, Any]) -> str:
    rows = ["| node | what it decided |", "|---|---|"]
    for step in answered["trace"]:
        detail = "; ".join(
            f"{name}: {_cell(value)}"
            for name, value in step.items()
            if name not in ("node", "ms", "passages", "rungs") and value not in ([], {}, "")
        )
        rows.append(f"| `{step['node']}` | {detail} |")
    return "\n".join(rows)


def _cell(value: Any) -> str:
    text = " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _said(answered: dict[str, Any]) -> str:
    """The answer and where it stands."""
    sources = ", ".join(f"[{cited['marker']}] `{cited['uri']}`" for cited in answered["citations"])
    return " ".join(answered["answer"].split()) + (f" ({sources})" if sources else "")


async def main() -> None:
    """Fills a collection of its own, asks, and writes the page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {"ARDOISE_HOME": folder, "ARDOISE_LLM": "extractive"}, {"retrieval.reranker": "none"}
        )
        async with open_system(settings, owner="write_traces") as system:
            await system.library.ingest([HANDBOOK], prune=False, progress=lambda _: None)
            PAGE.write_text(await traced(system), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
