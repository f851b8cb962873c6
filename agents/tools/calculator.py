"""Arithmetic for the agent."""

from __future__ import annotations

from pydantic import Field

from agents.tools.arithmetic import MAX_LENGTH, evaluate
from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.readable import told
from agents.tools.units import converted, shown_unit
from rag.resilience.deadline import Deadline


class Calculation(Arguments):
    """What to compute, and how to name the result."""

    expression: str = Field(
        description="arithmetic in Python's notation; numbers may have units (16 GB, 5 ms, 80%)",
        max_length=MAX_LENGTH,
    )
    unit: str | None = Field(
        None,
        description="the unit of the result, such as GiB, ms or %; left out: the base unit",
        max_length=40,
    )
    label: str | None = Field(None, description="what is computed, in a few words", max_length=120)


async def _run(asked: Calculation, _deadline: Deadline) -> ToolResult:
    result = evaluate(asked.expression)
    value, unit = (converted(result, asked.unit), asked.unit) if asked.unit else (result.value, "")
    if not unit and result.dimension:
        unit = shown_unit(result)
    label = f"{asked.label}: " if asked.label else ""
    return ToolResult(f"{label}{asked.expression.strip()} = {told(value, unit)}")


def calculator() -> Tool:
    """The tool that computes an expression, with units."""
    return make_tool(
        "calculator",
        "Computes an arithmetic expression: + - * / // % **, sqrt, log, exp, ceil, floor, min, max, comb; "
        "numbers may have units (bytes, KiB, GB, tokens, s, ms, FLOP, %).",
        Calculation,
        _run,
        (
            {"expression": "2 * 32 * 8 * 128 * 2", "unit": "bytes", "label": "KV cache per token"},
            {"expression": "16 GB / 3350 GB/s", "unit": "ms"},
            {"expression": "sqrt(4096) / 8"},
        ),
    )
