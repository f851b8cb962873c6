"""What can be computed for a question by rule, and when its numbers are better left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rag.language import detect_language
from rag.llm.extractive_arithmetic import find_sum
from rag.llm.formulas import FORMULAS, Match, best_match
from rag.llm.formulas.asked import asks_for, in_unit
from rag.llm.formulas.french import french_name, in_french
from rag.llm.quantities import mentions, plain, without

CALCULATOR = "calculator"

_ASKS_A_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|likely|far|fast|big|large)\b"
    r"|\bwhat (?:share|fraction|part|proportion|factor|probability)\b"
    r"|\bcombien\b|\bquel(?:le)? (?:part|proportion|probabilité|pourcentage|facteur)\b"
)
# Of a sum that was not read its parts are no quantities of a formula.
_SUM_LEFT = re.compile(r"\d\s*(?:\*|\^|\s\+\s)\s*\d")
_DIGITS = re.compile(r"\d[\d, ]*(?:[.,]\d+)?")
_GROUPING = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")


def computed(question: str, alike: Mapping[str, float] | None = None) -> tuple[str, dict[str, Any]] | None:
    """The tool and its arguments: arithmetic as it stands, else the formula that the question asks for.

    ``alike`` is the question's likeness to each formula, by name, where that is known.
    """
    found = find_sum(question)
    if found:
        expression, unit = found
        return CALCULATOR, {"expression": expression} | ({"unit": unit} if unit else {})
    text = plain(question)
    if _SUM_LEFT.search(text):
        return None
    match = best_match(text, mentions(text), FORMULAS, alike)
    return call_of(match, text) if match else None


def call_of(match: Match, text: str) -> tuple[str, dict[str, Any]]:
    """The tool that computes a formula with the quantities of a ``plain`` question, and its arguments."""
    if match.formula.tool:
        return match.formula.tool, match.arguments
    # A currency is named beside an amount, other units are asked for elsewhere.
    asked = text if match.formula.gives == "money" else without(text, mentions(text))
    expression, unit = in_unit(match.expression, match.formula.gives, asked, match.formula.unit)
    label = match.formula.name
    if detect_language(text) == "fr":
        label, unit = french_name(match.formula), in_french(unit)
    return CALCULATOR, {"expression": expression, "label": label} | ({"unit": unit} if unit else {})


def unplaced(question: str, passages: Iterable[str], alike: Mapping[str, float] | None = None) -> bool:
    """Whether ``question`` wants a number from quantities that neither a formula nor a passage takes up.

    What such passages state is the result of another example: quoted, it would be a wrong number.
    """
    text = plain(question)
    if not (_ASKS_A_NUMBER.search(text) or asks_for(text)):
        return False
    own = {number for one in mentions(text) for number in _numbers(text[one.start : one.end])}
    held = {number for passage in passages for number in _numbers(plain(passage))}
    return not own <= held and computed(question, alike) is None


def _numbers(text: str) -> set[str]:
    """The numbers of a text in one form: ``1,024`` and ``1 024`` as ``1024``, ``0,5`` as ``0.5``."""
    return {_GROUPING.sub("", number.strip(" ,")).replace(",", ".") for number in _DIGITS.findall(text)}
