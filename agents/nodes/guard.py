"""What may leave with a call to another program's tool: no address that the user did not write."""

from __future__ import annotations

import json

from agents.state import State
from agents.tools.base import Tool
from rag.answer.inert import addresses, plain
from rag.llm.base import ToolCall


def own_words(state: State) -> str:
    """What the user wrote in this conversation: no answer, no summary, no rewritten question."""
    said = [message.content for message in state["history"] if message.role == "user"]
    return "\n".join([*said, state["question"]])


def strangers(call: ToolCall, tool: Tool, words: str) -> list[str]:
    """The addresses in the call's arguments that are not in the user's words; our own tools take any.

    A model that has read a planted document, in an earlier answer for instance, may want to send what it
    knows to whoever planted it: where to, the user has to have said.
    """
    if not tool.foreign:
        return []
    sent = json.dumps(dict(call.arguments), ensure_ascii=False).replace("\\\\", "\\")
    return [address for address in addresses(sent) if address not in plain(words)]
