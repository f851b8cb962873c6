"""What a formula is, and which one a question asks for: the one whose quantities the question names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from rag.llm.formulas.asked import Gives, asks_for
from rag.llm.quantities import Kind, Mention

_LEAST = 0.45
"""The least that each quantity has to fit, on average: below it the formula is of other quantities."""
_CLEAR = 0.2
"""By how much a formula has to fit better than the next one that takes the quantities otherwise."""
_FAR = 7  # words between a quantity and what names it, from which on it names something else
_UNNAMED = {"number": 0.05, "share": 0.25, "rate": 0.2}  # what a quantity of the right kind is worth unnamed
_TYPES = {"4": "fp32", "2": "fp16", "1": "int8", "0.5": "int4"}
_ACCEPTED: Mapping[Kind, tuple[Kind, ...]] = {
    "number": ("number", "rate"),
    "share": ("share", "number"),
    "rate": ("rate", "number"),
    "dtype": ("dtype", "bits"),
    "bits": ("bits", "number"),
    "money": ("money", "wage"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A quantity that a formula takes: its kind, a pattern of the words that name it, and a default if any.

    ``per`` is the time, in seconds, for which a rate is taken: 60 turns ten a second into 600. What is below
    ``least`` is another quantity: no model has 4,096 parameters.
    """

    cues: str
    kind: Kind = "number"
    default: str | None = None
    per: int = 1
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of the handbook: ``page`` explains it, ``about`` are patterns that all stand in a question.

    ``expression`` is arithmetic in which a slot's name in braces stands for its quantity. With ``tool``, that
    tool knows the formula: the slots are named as its arguments are, and ``fixed`` are further ones.
    """

    name: str
    page: str
    about: tuple[str, ...]
    slots: Mapping[str, Slot]
    expression: str
    gives: Gives = "number"
    unit: str = ""
    tool: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A formula with its quantities; ``score`` says how well they fit, ``unused`` how many are left over."""

    formula: Formula
    literals: Mapping[str, str]
    score: float
    unused: int

    @property
    def expression(self) -> str:
        """The formula with the quantities in it, in base units; ``{r_whole}`` is the 8 of a share ``2/8``."""
        bracketed = {name: f"({text})" if "/" in text else text for name, text in self.literals.items()}
        wholes = {f"{name}_whole": text.partition("/")[2] or "1" for name, text in self.literals.items()}
        return self.formula.expression.format(**bracketed, **wholes)

    @property
    def result(self) -> str:
        """What is computed: the expression, or the tool that knows it."""
        return self.formula.tool or self.expression

    @property
    def arguments(self) -> dict[str, Any]:
        """The quantities as arguments of the formula's tool; those at their default are left out."""
        given: dict[str, Any] = {}
        for name, literal in self.literals.items():
            if literal == self.formula.slots[name].default:
                continue
            kind = self.formula.slots[name].kind
            value = literal if kind in ("model", "dtype") else _number(literal)
            given[name] = _TYPES.get(f"{_number(literal):g}", "fp16") if kind == "dtype" else value
        return given | dict(self.formula.fixed)


def n(cues: str, default: str | None = None, least: float = 0.0) -> Slot:
    """A plain number: a count, a dimension, an exponent."""
    return Slot(cues, "number", default, least=least)


def share(cues: str, default: str | None = None) -> Slot:
    """A share of one: a percentage, a probability, ``three in ten``."""
    return Slot(cues, "share", default)


def of(kind: Kind, cues: str = "", default: str | None = None, per: int = 1) -> Slot:
    """A quantity of another kind."""
    return Slot(cues, kind, default, per)


def best_match(text: str, found: Sequence[Mention], formulas: Sequence[Formula]) -> Match | None:
    """The formula of ``formulas`` that the question asks for, if there is one.

    Every pattern of ``about`` has to stand in ``text``, and every slot without default needs a quantity of
    its kind. Among those, the formula whose quantities are named best wins. A wrong number is worse than
    none: there is no match where the best formula leaves a quantity of the question unused, or another one
    fits about as well and says something else.
    """
    matches = [match for formula in formulas if (match := _match(text, found, formula))]
    best = max(matches, key=lambda match: match.score, default=None)
    if best is None or best.unused:
        return None
    near = (match for match in matches if match.score > best.score - _CLEAR)
    return best if all(match.result == best.result for match in near) else None


def _match(text: str, found: Sequence[Mention], formula: Formula) -> Match | None:
    if not all(_pattern(pattern).search(text) for pattern in formula.about):
        return None
    names = list(formula.slots)
    scores = [[_fit(text, found, mention, formula.slots[name]) for mention in found] for name in names]

    @cache  # at most slots · 2 ** MOST entries, and gone with the question
    def assign(index: int, used: int) -> tuple[float, tuple[int, ...]]:
        """The best sum for the slots from ``index`` on, and the mention of each (-1: its default)."""
        if index == len(names):
            return 0.0, ()
        options = []
        if formula.slots[names[index]].default is not None:
            rest, chosen = assign(index + 1, used)
            options.append((rest, (-1, *chosen)))
        for place, score in enumerate(scores[index]):
            if score > 0 and not used & (1 << place):
                rest, chosen = assign(index + 1, used | (1 << place))
                options.append((score + rest, (place, *chosen)))
        return max(options, default=(float("-inf"), ()))

    total, chosen = assign(0, 0)
    if total == float("-inf"):
        return None
    literals = {
        name: _in_slot(found[place], formula.slots[name]) if place >= 0 else formula.slots[name].default or ""
        for name, place in zip(names, chosen, strict=True)
    }
    bound = [place for place in chosen if place >= 0]
    # A model's name and a type of number say what is spoken of, also where no formula needs them.
    left = [mention for place, mention in enumerate(found) if place not in bound]
    unused = sum(not mention.incidental and mention.kind not in ("model", "dtype") for mention in left)
    asked = asks_for(text)
    other = 0.0 if asked is None or formula.gives == asked or formula.unit in text.split() else 1.0
    mean = total / len(bound) if bound else 0.0
    if mean < _LEAST or 2 * unused > len(bound):
        return None
    return Match(
        formula, literals, 0.5 * len(formula.about) + mean + 0.4 * len(bound) - 0.5 * unused - other, unused
    )


def _fit(text: str, found: Sequence[Mention], mention: Mention, slot: Slot) -> float:
    """How well a mention fits a slot: 0 for a quantity of another kind, up to 1 with its name beside it."""
    if mention.kind not in _ACCEPTED.get(slot.kind, (slot.kind,)):
        return 0.0
    if slot.kind == "share" and not 0 <= mention.value <= 1:
        return 0.0
    if mention.kind != "model" and mention.value < slot.least:
        return 0.0
    # With a default nothing has to be found: only what is named takes its place.
    optional = slot.default is not None
    unnamed = 0.0 if optional else _UNNAMED.get(slot.kind, 0.3)
    if not slot.cues:
        return unnamed + 0.3
    named = max((_near(text, found, mention, cue) for cue in _pattern(slot.cues).finditer(text)), default=0.0)
    # A bare number may be a share or a rate whose unit was left out, but one with its unit goes first.
    return max(unnamed, named) if mention.kind == slot.kind else 0.7 * named


def _near(text: str, found: Sequence[Mention], mention: Mention, cue: re.Match[str]) -> float:
    """1 for a name that touches the quantity, less for each word, clause and quantity in between."""
    if cue.start() < mention.end and mention.start < cue.end():
        return 1.0
    after = cue.start() >= mention.end
    between = text[mention.end : cue.start()] if after else text[cue.end() : mention.start]
    words = len(between.split())
    if words > _FAR or re.search(r"[.?!;:] ", between):
        return 0.0
    score = (1.0 if after else 0.95) / (1 + 0.25 * words)
    if "," in between or re.search(r"\b(?:and|et|with|avec|but|mais)\b", between):
        score *= 0.6
    low, high = (mention.end, cue.start()) if after else (cue.end(), mention.start)
    crossed = sum(1 for other in found if low <= other.start and other.end <= high)
    return score * 0.4**crossed


def _in_slot(mention: Mention, slot: Slot) -> str:
    """The mention as an expression in the slot's unit."""
    if slot.kind == "dtype" and mention.kind == "bits":
        return f"{mention.literal}/8"
    if slot.kind in ("money", "number"):
        # "1,460 a month" against what one month brings: the time cancels out.
        return mention.literal.partition("/")[0] if mention.kind in ("wage", "rate") else mention.literal
    if slot.per != 1 and mention.kind in ("rate", "wage"):
        above, _, below = mention.literal.partition("/")
        return above if below == str(slot.per) else f"{mention.literal}*{slot.per}"
    return mention.literal


def _number(literal: str) -> int | float:
    above, _, below = literal.partition("/")
    value = float(above) / float(below or 1)
    return int(value) if value.is_integer() else value


@lru_cache(maxsize=2048)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d])(?:{pattern})")
