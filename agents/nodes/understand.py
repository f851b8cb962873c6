"""The first node: which language, and what the question is about when it points back."""

from __future__ import annotations

import json
from typing import Any

from langgraph.types import Overwrite

from agents.bounds import Spent
from agents.memory.history import remembered
from agents.nodes.asking import ask
from agents.nodes.step import Note
from agents.prompts import load
from agents.state import Context, State
from rag.language import detect_language
from rag.llm.base import ChatReply, ChatRequest, Message
from rag.llm.extractive_follow_ups import follow_up

QUERY_SCHEMA = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
    "additionalProperties": False,
}


async def understand(state: State, context: Context, note: Note) -> dict[str, Any]:
    """Makes the question self-contained: no model is asked for a long one that points nowhere."""
    question = state["question"]
    history = remembered(state)
    query = follow_up(question, (*history, Message("user", question)))
    if query != question:
        query = await _by_a_model(question, history, context, note) or query
    language = detect_language(question)
    note.detail.update(language=language, **({"query": query} if query != question else {}))
    return start(query, language)


def start(query: str, language: str) -> dict[str, Any]:
    """The state at the start of a question: a thread's earlier one leaves nothing but what was said."""
    return {
        "query": query,
        "language": language,
        "route": "single",
        "said": "",
        "calls": [],
        "waiting": [],
        "results": Overwrite([]),
        "verdict": "thin",
        "tried": [],
        "parts": [],
        "leads": [],
    }


async def _by_a_model(
    question: str, history: tuple[Message, ...], context: Context, note: Note
) -> str | None:
    messages = (Message("system", load("understand")), *history, Message("user", question))
    request = ChatRequest(messages, context.deadline, schema=QUERY_SCHEMA, max_tokens=200)
    return query_of(await ask(context, note, Spent(), request))


def query_of(reply: ChatReply | None) -> str | None:
    """The query that a model wrote; one that did not keep to the schema gives none."""
    try:
        query = json.loads(reply.text)["query"] if reply else None
    except (ValueError, KeyError, TypeError):
        return None
    return query.strip() if isinstance(query, str) and query.strip() else None
