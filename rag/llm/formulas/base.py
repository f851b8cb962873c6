"""What a formula of the handbook is: what is asked, the quantities that it takes, what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from rag.llm.formulas.asked import Gives
from rag.llm.quantities import Kind

SHARE = (0.0, 1.0)
"""The bounds of a share of one."""
_TYPES = {"4": "fp32", "2": "fp16", "1": "int8", "0.5": "int4"}


@dataclass(frozen=True, slots=True)
class Slot:
    """A quantity that a formula takes: its kind, a pattern of the words that name it, and a default if any.

    ``per`` is the time, in seconds, for which a rate is taken: 60 turns ten a second into 600. What is below
    ``least`` is another quantity: no model has 4,096 parameters. ``below`` names the slot whose quantity is
    greater: a part is less than its whole. A slot with ``many``, an operator, takes all the quantities of its
    kind that no other slot takes: ``{x}`` is ``(40+60+200)``, and ``{x_count}`` how many they are.
    """

    cues: str
    kind: Kind = "number"
    default: str | None = None
    per: int = 1
    least: float = 0.0
    below: str = ""
    many: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of the handbook, which ``page`` explains.

    ``asked`` is the question that it answers, or several wordings of it, in English or French: a question
    that is worded otherwise is compared with them by vectors. Wordings that differ find more than alike ones.
    ``about`` are patterns, for a question in its usual words.

    ``expression`` is arithmetic in which a slot's name in braces stands for its quantity. With ``tool``, that
    tool knows the formula: the slots are named as its arguments are, and ``fixed`` are further ones. A slot
    whose name begins with ``_`` is often told beside the others and not needed. ``never`` is a pattern of
    words that ask for something else, ``needs`` one of words without which it is not meant. What it gives
    lies within ``bounds``: by default a share between 0 and 1, and nothing with a unit below 0.
    """

    name: str
    page: str
    asked: str | tuple[str, ...]
    about: tuple[str, ...]
    slots: Mapping[str, Slot]
    expression: str
    gives: Gives = "number"
    unit: str = ""
    tool: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    never: str = ""
    needs: str = ""
    bounds: tuple[float, float] | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that it can give; the tools check theirs."""
        if self.bounds is not None:
            return self.bounds
        if self.gives == "share":
            return SHARE
        return (0.0 if self.unit or self.gives != "number" else -inf), inf

    @property
    def wordings(self) -> tuple[str, ...]:
        """The questions that it answers, at least one."""
        return (self.asked,) if isinstance(self.asked, str) else self.asked


@dataclass(frozen=True, slots=True)
class Match:
    """A formula with the quantities of a question in its slots."""

    formula: Formula
    literals: Mapping[str, str]

    @property
    def expression(self) -> str:
        """The formula with the quantities in it, in base units; ``{r_whole}`` is the 8 of a share ``2/8``."""
        bracketed = {
            name: f"({text})" if "/" in text and text[0] != "(" else text
            for name, text in self.literals.items()
        }
        wholes = {f"{name}_whole": text.partition("/")[2] or "1" for name, text in self.literals.items()}
        return self.formula.expression.format(**bracketed, **wholes)

    @property
    def arguments(self) -> dict[str, Any]:
        """The quantities as arguments of the formula's tool; those at their default are left out."""
        given: dict[str, Any] = {}
        for name, literal in self.literals.items():
            if literal == self.formula.slots[name].default or name.startswith("_"):
                continue
            kind = self.formula.slots[name].kind
            value = literal if kind in ("model", "dtype") else _number(literal)
            given[name] = _TYPES.get(f"{_number(literal):g}", "fp16") if kind == "dtype" else value
        return given | dict(self.formula.fixed)

    @property
    def result(self) -> str:
        """What is computed: the expression, or the tool that knows it with its arguments."""
        return f"{self.formula.tool} {self.arguments}" if self.formula.tool else self.expression


def n(cues: str, default: str | None = None, least: float = 0.0, below: str = "", many: str = "") -> Slot:
    """A plain number: a count, a dimension, an exponent."""
    return Slot(cues, "number", default, least=least, below=below, many=many)


def share(cues: str, default: str | None = None, below: str = "", many: str = "") -> Slot:
    """A share of one: a percentage, a probability, ``three in ten``."""
    return Slot(cues, "share", default, below=below, many=many)


def of(
    kind: Kind, cues: str = "", default: str | None = None, per: int = 1, below: str = "", many: str = ""
) -> Slot:
    """A quantity of another kind."""
    return Slot(cues, kind, default, per, below=below, many=many)


def _number(literal: str) -> int | float:
    above, _, below = literal.partition("/")
    value = float(above) / float(below or 1)
    return int(value) if value.is_integer() else value
