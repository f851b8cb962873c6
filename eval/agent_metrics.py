"""How well an agent chose its tools, filled in their arguments, and got numbers right: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.tools.arithmetic import evaluate
from agents.tools.units import Quantity, unit_named
from eval.questions import Question, ToolUse
from eval.text import covered
from rag.errors import ToolError
from rag.llm.base import ToolCall

SEARCH = "search_corpus"
COMPUTING = frozenset(["calculator", "kv_cache_size", "model_flops", "gpu_memory"])
"""Tools that compute: a formula's own tool does what the calculator does with its expression."""

READING = frozenset([SEARCH, "compare", "list_documents", "read_document", "recall"])
"""Tools that only look: one too many costs time, and does no harm."""

ROUNDED = 5e-6
"""Relative error of a result that is shown with six digits."""

_NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_STATED = re.compile(rf"(?:=|is|are|about|est|sont|environ)\s*(?P<value>{_NUMBER})\s*(?P<unit>[^\s;,.()=]*)")
_ANY = re.compile(rf"(?P<value>{_NUMBER})\s*(?P<unit>%|[A-Za-zµ€$]*)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A number that a text gives as a result, with the unit after it."""

    value: float
    unit: str


def tool_selection(question: Question, calls: Sequence[ToolCall]) -> bool:
    """Whether the tools called are those that the question needs.

    A question that needs a computation gets one. What only looks does no harm beside it; any other tool that
    the question does not need is wrong. A question without labelled tools is looked up, and nothing is
    computed for it.
    """
    called = {call.name for call in calls}
    wanted = {use.name for use in question.tools} or {SEARCH}
    computes = bool(wanted & COMPUTING)
    if computes != bool(called & COMPUTING):
        return False
    others = wanted - COMPUTING
    return others <= called <= wanted | COMPUTING | READING


def arguments_match(question: Question, calls: Sequence[ToolCall], results: Sequence[str]) -> bool | None:
    """Whether every labelled call was made with right arguments; ``None`` where none is labelled.

    Two expressions are the same arguments if their values are: what counts is what is computed. Of another
    computing tool that is its result, from ``results`` (texts, a call's in the place of its call).
    """
    if not question.tools:
        return None
    return all(_made(use, calls, results) for use in question.tools)


def value_match(question: Question, texts: Iterable[str]) -> bool | None:
    """Whether a text states the question's value, in any unit of its kind, within its tolerance.

    ``None`` where the question has no value. What follows ``=`` or ``is`` is stated; a text without such
    a number states every number in it.
    """
    if question.value is None:
        return None
    return any(_same(question, stated) for text in texts for stated in stated_values(text))


def quote_recall(question: Question, quotes: Iterable[str]) -> float | None:
    """The share of the gold quotes of which half of the words or more are quoted; ``None`` without gold."""
    if not question.gold:
        return None
    said = list(quotes)
    return sum(covered(gold.quote, said) >= 0.5 for gold in question.gold) / len(question.gold)


def stated_values(text: str) -> list[Stated]:
    """The numbers that a text gives as results."""
    found = list(_STATED.finditer(text)) or list(_ANY.finditer(text))
    return [Stated(float(match["value"].replace(",", "")), match["unit"]) for match in found]


def _same(question: Question, stated: Stated) -> bool:
    value = question.value or 0.0
    tolerance = max(question.tolerance or 0.0, ROUNDED * abs(value))
    return any(abs(reading - value) <= tolerance for reading in _readings(stated, question.unit or ""))


def _readings(stated: Stated, unit: str) -> list[float]:
    """A stated number in ``unit``: as it stands where a unit is not known, converted where both are."""
    source, target = _unit(stated.unit), _unit(unit)
    if source is None or target is None:
        return [stated.value]
    if source.dimension != target.dimension:
        return []
    return [stated.value * source.value / target.value]


def _unit(name: str) -> Quantity | None:
    """A unit by name; no unit is the number one."""
    return Quantity(1) if name in ("", "(ratio)") else unit_named(name)


def _made(use: ToolUse, calls: Sequence[ToolCall], results: Sequence[str]) -> bool:
    for call, result in zip(calls, results, strict=True):
        if call.name == use.name and dict(call.arguments) == use.arguments:
            return True
        if {call.name, use.name} <= COMPUTING and _computes(use, result):
            return True
    return False


def _computes(use: ToolUse, result: str) -> bool:
    """Whether a call's result is the value of the labelled expression."""
    expression = use.arguments.get("expression")
    if not isinstance(expression, str):
        return False
    try:
        wanted = float(evaluate(expression).value)
    except ToolError:
        return False
    return any(abs(stated.value - wanted) <= ROUNDED * abs(wanted) for stated in stated_values(result))
