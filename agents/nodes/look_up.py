"""The chain's first node: the question is the query, nothing is planned."""

from __future__ import annotations

from typing import Any

from agents.nodes.route import SEARCH
from agents.nodes.step import Note
from agents.nodes.understand import start
from agents.state import Context, State
from rag.language import detect_language
from rag.llm.base import ToolCall


async def look_up(state: State, _context: Context, note: Note) -> dict[str, Any]:
    """One search with the question as it is."""
    question = state["question"]
    language = detect_language(question)
    note.detail.update(language=language)
    return start(question, language) | {"calls": [ToolCall("chain", SEARCH, {"query": question})]}
