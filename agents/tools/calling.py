"""One call of a tool, whatever happens to it: within its time, cut to its length, failures as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agents.tools.base import Tool, ToolResult
from rag.errors import DeadlineExceeded, Overloaded, ToolError
from rag.llm.base import ToolCall
from rag.resilience.deadline import Deadline

_CHARACTERS_PER_TOKEN = 4  # an estimate that holds for every model


async def carry_out(call: ToolCall, tools: Mapping[str, Tool], deadline: Deadline) -> ToolResult:
    """The result of ``call``; one that failed says what to do instead and never raises.

    Raises:
        DeadlineExceeded: the request's own time ran out; a tool's time-out alone is a result.
    """
    tool = tools.get(call.name)
    if tool is None:
        offered = ", ".join(tools) or "none"
        return ToolResult(f"there is no tool {call.name[:80]!r}: use one of {offered}", failed=True)
    until = Deadline(min(deadline.at, deadline.clock() + tool.timeout_s), deadline.clock)
    try:
        async with until.limit(tool.name):
            result = await tool.run(call.arguments, until)
    except (ToolError, Overloaded) as error:
        result = ToolResult(f"{tool.name}: {error}", failed=True)
    except DeadlineExceeded:
        if deadline.remaining <= 0:
            raise
        result = ToolResult(
            f"{tool.name} took more than {tool.timeout_s:g} s: ask for less, or go on without it", failed=True
        )
    return replace(result, text=truncated(result.text, tool.max_tokens), foreign=tool.foreign)


def truncated(text: str, max_tokens: int) -> str:
    """``text`` within ``max_tokens`` (four characters each), cut between words; the cut is told."""
    most = max_tokens * _CHARACTERS_PER_TOKEN
    if len(text) <= most:
        return text
    note = f" … [cut: {len(text):,} characters, ask for a part]"
    return text[: most - len(note)].rsplit(" ", 1)[0] + note
