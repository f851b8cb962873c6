"""Which way a question goes: the model says it by the tools that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.memory.history import remembered
from agents.nodes.asking import ask_or_plan
from agents.nodes.step import Note
from agents.prompts import load
from agents.state import Context, Route, State
from rag.answer.abstention import abstention
from rag.llm.base import ChatRequest, Message, ToolCall, ToolSpec

SEARCH = "search_corpus"

# Two ways out that are no tools, offered as such: so a model has to choose them, and prose alone is no way
# round the documents.
DIRECT = ToolSpec(
    "answer_directly",
    "Replies at once. Only for greetings, thanks, and questions about this conversation itself.",
    {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
)
OUT_OF_SCOPE = ToolSpec(
    "out_of_scope",
    "Says that neither documents nor tools can help: today's news or weather, acting in the world.",
    {"type": "object", "properties": {}, "additionalProperties": False},
)


async def route(state: State, context: Context, note: Note) -> dict[str, Any]:
    """Asks for the tools that the question needs, and reads from them which way it goes."""
    messages = (Message("system", load("route")), *remembered(state), Message("user", state["query"]))
    tools = await context.offer(state["query"], context.tools) if context.offer else context.tools
    specs = (*(tool.spec for tool in tools.values()), DIRECT, OUT_OF_SCOPE)
    request = ChatRequest(messages, context.deadline, tools=specs, tool_choice="required")
    reply = await ask_or_plan(context, note, state["spent"], request)
    calls = [call for call in reply.tool_calls if call.name in tools]
    way, said = _way(calls, reply.tool_calls, state["language"])
    note.detail.update(
        route=way,
        calls=[{"name": call.name, **call.arguments} for call in calls],
        unknown=sorted({call.name for call in reply.tool_calls} - {spec.name for spec in specs}),
    )
    if len(tools) < len(context.tools):
        note.detail.update(offered=list(tools), of=len(context.tools))
    return {"route": way, "said": said, "calls": calls}


def _way(calls: Sequence[ToolCall], asked: Sequence[ToolCall], language: str) -> tuple[Route, str]:
    """The way, and what is said at once where that needs no tool. A tool asked for goes before a way out."""
    if not calls:
        for call in asked:
            said = call.arguments.get("answer")
            if call.name == DIRECT.name and isinstance(said, str) and said.strip():
                return "direct", said.strip()
            if call.name == OUT_OF_SCOPE.name:
                return "out_of_scope", abstention(language)
    if any(call.name != SEARCH for call in calls):
        return "tools", ""
    # The same question to pages in another language is one question still.
    parts = {str(call.arguments.get("query")) for call in calls}
    return ("decomposed" if len(parts) > 1 else "single"), ""
