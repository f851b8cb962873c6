"""What keeps a formula from a wrong number: impossible results, and words that it knows nothing of."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.llm.formulas.base import Formula, Match
from rag.llm.quantities import Mention

# What changes a result so much that a formula has to speak of it, and how it does.
_CLAIMS = tuple(
    (re.compile(asked), re.compile(spoken))
    for asked, spoken in (
        (r"\bf-?_?(?:2|0[.,]5|β|beta)(?![\w.])", r"\bf-?_?(?:2|0[.,]5|β|beta)"),
        (
            r"\b(?:two|three|four|deux|trois|quatre|\d+|majority|quorum)\b"
            r"(?: (?:of|out of|d')[^,.:;?]{0,15})?"
            r" (?:(?:are|is|must be|sont) )?(?:needed|required|suffices?|nécessaires|requis|suffisent)\b",
            "quorum|majority|at least (?:two|three|k)",
        ),
        *(
            # Asked for, not told: no quantity (0) stands in the clause.
            (
                rf"(?:how (?:many|much)|combien|[,:;.] )[^\d,.:;?]*\b(?:per|an?|par) (?:{time})\b",
                f"{time}|{short}",
            )
            for time, short in (
                ("day|jour", "daily"),
                ("week|semaine", "weekly"),
                ("month|mois", "monthly"),
                ("year|an", "annual"),
            )
        ),
    )
)
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    **{
        name: getattr(math, name) for name in ("ceil", "floor", "log", "log2", "log10", "exp", "sqrt", "comb")
    },
    "ln": math.log,
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_SLACK = 1e-9


def leaves_unclaimed(text: str, found: Sequence[Mention], formula: Formula) -> bool:
    """Whether a ``plain`` question speaks of what this formula knows nothing of: an F2, how many per day."""
    told = text
    for mention in found:
        if mention.kind != "number":
            told = told[: mention.start] + "0" * (mention.end - mention.start) + told[mention.end :]
    claims = [spoken for claim, spoken in _CLAIMS if claim.search(told)]
    if not claims:
        return False
    own = " ".join((formula.name, *formula.wordings, *formula.about, formula.unit)).lower()
    return any(not spoken.search(own) for spoken in claims)


def is_possible(match: Match) -> bool:
    """Whether what the formula gives for these quantities lies within its limits; a tool checks its own."""
    if match.formula.tool:
        return True
    least, most = match.formula.limits
    try:
        value = _value(ast.parse(match.expression, mode="eval").body)
    except (ArithmeticError, TypeError, ValueError):  # of a type: 2.5 things chosen out of 10
        return False
    return least - _SLACK <= value <= most + _SLACK


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATORS[type(sign)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            given = [_value(one) for one in arguments]
            if name in ("ceil", "floor") and given[0] < -_SLACK:
                raise ValueError("nothing is counted below zero: two quantities stand in each other's place")
            return _FUNCTIONS[name](*given)
        case _:
            raise ValueError(f"a formula holds {ast.dump(node)}, which is no arithmetic")
