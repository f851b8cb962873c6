"""What the agent keeps of a user beyond the conversation, in LangGraph's store, out of others' reach."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from rag.errors import BadInput, ToolError
from rag.resilience.deadline import Deadline

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore

NAMESPACE = "memories"
RELEVANT = 0.27
"""How near a note has to be, from 0 for what is unrelated to 1 for the query's own words (docs/agent.md)."""


class Note(Arguments):
    """What to keep."""

    text: str = Field(description="one fact in a sentence", min_length=1, max_length=500)


class Cue(Arguments):
    """What to look for among the notes."""

    query: str = Field("", description="what the notes are about; left out: all of them", max_length=500)
    limit: int = Field(5, ge=1, le=20)


def remember(store: BaseStore, user: str) -> Tool:
    """The tool that keeps a note for ``user``; it has side effects, and so needs approval."""
    namespace = (NAMESPACE, user)

    async def run(asked: Note, _deadline: Deadline) -> ToolResult:
        text = " ".join(asked.text.split())
        # The same note twice is one note.
        key = hashlib.sha256(text.casefold().encode()).hexdigest()[:32]
        try:
            await store.aput(namespace, key, {"text": text})
        except BadInput as error:
            raise ToolError(f"{error}: delete some notes first") from error
        return ToolResult(f"remembered: {text}")

    return make_tool(
        "remember",
        "Keeps a fact about the user for later conversations (note, retiens, souviens-toi). Only when the "
        "user asks for it.",
        Note,
        run,
        ({"text": "The user prefers answers in French."}, {"text": "Our cards are two RTX 4090."}),
        side_effects=True,
    )


def recall(store: BaseStore, user: str) -> Tool:
    """The tool that looks among the notes of ``user``."""
    namespace = (NAMESPACE, user)

    async def run(asked: Cue, _deadline: Deadline) -> ToolResult:
        items = await store.asearch(namespace, query=asked.query or None, limit=asked.limit)
        if not items:
            return ToolResult("nothing is remembered of this user")
        near = [item for item in items if item.score is None or item.score >= RELEVANT]
        if not near:
            return ToolResult("nothing of this is remembered")
        return ToolResult("remembered earlier: " + "; ".join(str(item.value["text"]) for item in near))

    return make_tool(
        "recall",
        "Looks up what the user asked to remember in earlier conversations (what do you know about me, te "
        "rappelles-tu).",
        Cue,
        run,
        ({"query": "preferred language"}, {"query": "which GPUs do we own", "limit": 3}),
    )
