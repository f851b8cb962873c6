"""How well the rules choose tools, arguments and values on labelled questions, with intervals.

    python infra/scripts/plan_accuracy.py [--split dev] [--questions eval/data/handbook/questions.jsonl]

No index is asked: searches find nothing, and only what is computed counts. Follow-ups come with their turns.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from agents.tools import carry_out, default_tools
from app.parts import build_settings_embedder
from app.settings import load_settings
from eval.agent_metrics import arguments_match, tool_selection, value_match
from eval.questions import Question, read_questions
from eval.statistics.wilson import wilson
from rag.embedding import sentence_embedder
from rag.index.filters import Filter
from rag.llm.base import ChatModel, ChatRequest, Message
from rag.llm.extractive import ExtractiveChat
from rag.resilience.deadline import Deadline
from rag.types import Hit

QUESTIONS = Path(__file__).parents[2] / "eval" / "data" / "handbook" / "questions.jsonl"


async def nothing(_query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:  # noqa: ARG001
    """A search that finds nothing."""
    return []


async def judged(question: Question, chat: ChatModel) -> dict[str, bool | None]:
    """Tool, arguments and value of one question."""
    tools = default_tools(nothing)
    turns = [Message(turn.role, turn.content) for turn in question.turns]
    messages = (*turns, Message("user", question.question))
    specs = tuple(tool.spec for tool in tools.values())
    calls = (await chat.complete(ChatRequest(messages, Deadline.after(60), tools=specs))).tool_calls
    results = [await carry_out(call, tools, Deadline.after(10)) for call in calls]
    texts = [result.text for result in results]
    computed = [text for call, text in zip(calls, texts, strict=True) if call.name != "search_corpus"]
    return {
        "tool": tool_selection(question, calls),
        "arguments": arguments_match(question, calls, texts),
        "value": value_match(question, computed) if question.tools else None,
    }


async def judge(questions: Iterable[Question]) -> dict[str, dict[str, list[bool]]]:
    """What was right, by type of question and by what is judged."""
    chat = ExtractiveChat(sentence_embedder(build_settings_embedder(load_settings(overrides={}))))
    kinds: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for question in questions:
        for what, right in (await judged(question, chat)).items():
            if right is not None:
                kinds[question.type][what].append(right)
                kinds["all"][what].append(right)
    return kinds


def shown(right: Iterable[bool]) -> str:
    """``31/34 = 91.2% [77.0, 97.0]``: share and 95% Wilson interval."""
    flags = list(right)
    interval = wilson(sum(flags), len(flags))
    if interval is None:
        return "-"
    low, high = interval
    share = sum(flags) / len(flags)
    return f"{sum(flags)}/{len(flags)} = {share:.1%} [{100 * low:.1f}, {100 * high:.1f}]"


def main() -> None:
    """Prints a table by type of question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--split", choices=("dev", "test"))
    given = parser.parse_args()
    kinds = asyncio.run(judge(read_questions(given.questions, given.split)))
    lines = ["| type | tool | arguments | value |", "|---|---|---|---|"]
    for kind, found in sorted(kinds.items(), key=lambda item: item[0] == "all"):
        cells = " | ".join(shown(found[what]) for what in ("tool", "arguments", "value"))
        lines.append(f"| {kind} | {cells} |")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
