"""What can be computed for a question by rule, and when its numbers are better left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rag.language import detect_language
from rag.llm.extractive_arithmetic import find_sum
from rag.llm.extractive_functions import named_sum
from rag.llm.extractive_swaps import asks_anew, clashes, exchanges
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
# "And if the rate triples?", "And in a year?": another number than the one before, without a digit.
_CHANGED = re.compile(
    r"\b(?:doubl\w+|tripl\w+|halv\w+|half|twice|percent\w*|moitié|pourcentage"
    r"|(?:in|per|en|par) (?:(?:an?|one|une?) )?(?:hour|day|week|month|year|heure|jour|semaine|mois|an))\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\b(?:how many|how much|combien)\b", re.IGNORECASE)
UNCOMPUTED = {
    "en": "Nothing was computed: no rule says where these quantities belong."
    " What the pages say, with numbers of their own:",
    "fr": "Rien n'a été calculé : aucune règle ne dit où vont ces quantités."
    " Ce que disent les pages, avec leurs propres nombres :",
}
"""What is said above quotations that would pass for the answer, say to "And in int8?"."""
# Of a sum that was not read its parts are no quantities of a formula.
_SUM_LEFT = re.compile(r"\d\s*(?:\*|\^|\s\+\s)\s*\d")
_DIGITS = re.compile(r"\d[\d, ]*(?:[.,]\d+)?")
_GROUPING = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question that a formula answered, and that is asked again of other quantities."""

    text: str
    match: Match

    def added(self, text: str) -> int:
        """How many quantities a ``plain`` question gives that this one did not."""
        now, then = (Counter(one.literal for one in mentions(asked)) for asked in (text, self.text))
        return (now - then).total()

    def kept_in(self, match: Match, text: str) -> bool:
        """Whether what was not given anew stands where it stood, by the same formula."""
        places = match.literals.items()
        moved = sum(self.match.literals.get(name) != literal for name, literal in places)
        return match.formula is not self.match.formula or moved <= self.added(text)


def earlier(
    question: str, alike: Mapping[str, float] | None = None, before: Earlier | None = None
) -> Earlier | None:
    """``question`` with the formula that answers it, or else ``before``."""
    match = None if find_sum(question) else _matched(plain(question), alike, before)
    return Earlier(plain(question), match) if match else before


def computed(
    question: str, alike: Mapping[str, float] | None = None, before: Earlier | None = None
) -> tuple[str, dict[str, Any]] | None:
    """The tool and its arguments: arithmetic as it stands, else the formula that the question asks for.

    ``alike`` is the question's likeness to each formula, by name, where that is known. What asks the same
    as ``before`` of other quantities is computed by its formula, or not at all if quantities changed places.
    """
    named = named_sum(question)
    found = (named, "") if named else find_sum(question)
    if found:
        expression, unit = found
        return CALCULATOR, {"expression": expression} | ({"unit": unit} if unit else {})
    text = plain(question)
    if _SUM_LEFT.search(text):
        return None
    match = _matched(text, alike, before)
    return call_of(match, text) if match else None


def _matched(text: str, alike: Mapping[str, float] | None, before: Earlier | None) -> Match | None:
    match = best_match(text, mentions(text), FORMULAS, alike)
    if match is None and before and exchanges(text, before.text):
        match = best_match(text, mentions(text), (before.match.formula,), alike)
    return match if match and (before is None or before.kept_in(match, text)) else None


def computed_in_turn(
    question: str, own: str, alike: Mapping[str, float] | None = None, before: Earlier | None = None
) -> tuple[str, dict[str, Any]] | None:
    """What is computed for a question that may be joined to the ones before its ``own`` part.

    A follow-up that gives all its quantities itself takes none from the question before it; one that neither
    gives nor wants any has nothing computed from them, nor one with another of a kind.
    """
    if not own:
        return computed(question, alike, before)
    if not (_HOW_MANY.search(own) or mentions(plain(own))):
        return None
    call = computed(own, alike)
    clashing = clashes(own, question.removesuffix(own))
    return call if call or clashing else computed(question, alike, before)


def left_uncomputed(question: str, own: str, alike: Mapping[str, float] | None, before: Earlier) -> bool:
    """Whether a computed question was asked again of other quantities, and no number came of it."""
    if asks_anew(own) or not (before.added(plain(question)) or _CHANGED.search(own)):
        return False
    return computed_in_turn(question, own, alike, before) is None


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
    return scattered(question, [" ".join(passages)], alike)


def scattered(question: str, passages: Iterable[str], alike: Mapping[str, float] | None = None) -> bool:
    """Whether ``question`` wants a number that no formula gives, and no passage has all of its quantities.

    Each may stand in some passage, and what these state is still about other ones.
    """
    text = plain(question)
    if not (_ASKS_A_NUMBER.search(text) or asks_for(text)):
        return False
    own = {number for one in mentions(text) for number in _numbers(text[one.start : one.end])}
    held = any(own <= _numbers(plain(passage)) for passage in passages)
    return not held and computed(question, alike) is None


def _numbers(text: str) -> set[str]:
    """The numbers of a text in one form: ``1,024`` and ``1 024`` as ``1024``, ``0,5`` as ``0.5``."""
    return {_GROUPING.sub("", number.strip(" ,")).replace(",", ".") for number in _DIGITS.findall(text)}
