"""What a thread keeps of a question: what was said. The work on the way is forgotten."""

from __future__ import annotations

from typing import Any

from langgraph.types import Overwrite

from agents.memory.history import MAX_SUMMARY, by_rule, overflow
from agents.nodes.asking import ask
from agents.nodes.step import Note
from agents.prompts import load
from agents.state import MAX_HISTORY, Context, State
from rag.llm.base import ChatRequest, Message

_SUMMARY_TOKENS = 300


async def finish(state: State, context: Context, note: Note) -> dict[str, Any]:
    """Appends question and answer; what no longer fits word for word is folded into the summary."""
    said = [Message("user", state["question"]), Message("assistant", state["answer"].text)]
    old, recent = overflow([*state["history"], *said], context.history_tokens, MAX_HISTORY)
    summary = state.get("summary", "")
    if old:
        summary = await _summary(summary, old, state, context, note)
        note.detail.update(folded=len(old))
    return {
        "history": Overwrite(recent),
        "summary": summary,
        "calls": [],
        "waiting": [],
        "results": Overwrite([]),
    }


async def _summary(summary: str, old: list[Message], state: State, context: Context, note: Note) -> str:
    """By the model if there is one and it may still be asked, else by rule."""
    text = "\n".join([summary, *(f"{message.role}: {message.content}" for message in old)]).strip()
    messages = (Message("system", load("summarise")), Message("user", text))
    request = ChatRequest(messages, context.deadline, max_tokens=_SUMMARY_TOKENS)
    reply = await ask(context, note, state["spent"], request)
    written = reply.text.strip()[:MAX_SUMMARY] if reply else ""
    note.detail.update(by="model" if written else "rules")
    return written or by_rule(summary, old)
