"""What keeps a formula from a wrong number: impossible results, and words that it knows nothing of."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rag.llm.formulas.base import Formula, Match, Slot
from rag.llm.quantities import Mention, without

# A remark after "not" that negates nothing of what is asked: "embeddings not counted".
_ASIDE = r"(?! (?:count|includ|more than|less than|only|shared|want|know|care|matter|need|tied|for\b))"
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
        # What is negated, or what is left of one: three that are not found, the share of wrong answers.
        (
            rf"\bnot\b{_ASIDE}|\bcannot\b|(?<!what does)(?<!what do)n't\b{_ASIDE}"
            rf"|\bnone\b(?! to spare)|\bno longer\b|\bne (?:\S+ ){{1,2}}pas\b|\bn'\S+ pas\b"
            r"|(?<!veux )(?<!veut )\baucune?\b",
            r"\bnot\b|n't|\bnone\b|\bno\b|never|nothing|unaffected|\bpas\b|\baucun|\bsans\b|\brien\b",
        ),
        (
            r"\bmiss(?:es|ed|ing)?\b|\brat(?:e|é|ée|és|ées)\b",
            "miss|without|lost|lose|rat|manqu|not|none|nothing|fail",
        ),
        (r"\birrelevant|\bnon pertinent", r"irrelevant|non pertinent|noise|useless|bruit|no\b|non"),
        (
            r"\bwrong (?:answers?|replies)|réponses? (?:fausses?|erronées?)",
            "wrong|fau[xs]|erron|error|erreur|fail|incorrect",
        ),
        (r"\b(?:is|are|stays?|be) (?:\w+ ){0,3}up\b(?! to)|\buptime\b", r"\bup\b|uptime"),
        # What is compared: "how many GB are saved", "counts double".
        (r"(?:not|n't) succeed\b", r"(?:not|n't) succeed|goes wrong|fails somewhere"),
        (r"\bwasted\b|\bgaspill", "wast|lost|reject|thrown|gaspill|perdu"),
        (r"\b(?:are|is|stays?) frozen\b|\bfrozen (?:weights|parameters)|\bgelée?s?\b", "fr[oe]e?z|fixed|gel"),
        (
            r"(?<!no )(?<!without )\bretr(?:y|ies|ied)\b",
            r"retr(?:y|ie)|again|attempt|\btries|repris|tentative|essai",
        ),
        (
            r"\b(?:is|are) saved\b|how (?:many|much) (?:\w+ ){0,2}(?:less|fewer)\b|"
            r"\bdo(?:es)? (?:\w+ ){1,4}saves?\b|\bdifference\b|économis|\bdifférence\b",
            "sav|less|fewer|differ|gain|reduc|shrink|smaller|spare|avoid|drop|écon|moins|diff|évit",
        ),
        (
            r"\b(?:counts?|weighs?|compte|pèse)(?: for)?"
            " (?:double|twice|half|triple|thrice|deux fois|trois fois)",
            "weigh|double|twice|poids|pes[ée]|pond",
        ),
        (r"\bfactor\b.*\band (?:with|than with|against|for) m[hq]a\b", r"\bboth\b"),
        *(
            # Asked for, not told: no quantity (0) stands in the clause.
            (
                rf"(?:how (?:many|much)|combien|[,:;.] )[^\d,.:;?]*\b(?:per|an?|par) (?:{time})\b",
                f"{time}|{short}",
            )
            for time, short in (
                ("minute", "minute"),
                ("hour|heure", "hourly"),
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
_MONTH = "2592000"
_PERIOD = re.compile(
    r"\b(?:(?:per|an?|each|every|in a|par|chaque)"
    " (?:hour|day|week|quarter|year|heure|jour|semaine|trimestre|an)"
    r"|hourly|daily|weekly|quarterly|yearly|annual(?:ly)?)\b"
)


def leaves_unclaimed(text: str, found: Sequence[Mention], formula: Formula) -> bool:
    """Whether a ``plain`` question speaks of what this formula knows nothing of: an F2, how many per day."""
    told = text
    for mention in found:
        if mention.kind != "number":
            told = told[: mention.start] + "0" * (mention.end - mention.start) + told[mention.end :]
    claims = [spoken for claim, spoken in _CLAIMS if claim.search(told)]
    if not claims:
        return False
    cues = (slot.cues for slot in formula.slots.values())
    own = " ".join(
        (formula.name, *formula.wordings, *formula.about, formula.needs, *cues, formula.unit)
    ).lower()
    return any(not spoken.search(own) for spoken in claims)


def takes_another_period(text: str, found: Sequence[Mention], unfilled: Iterable[Slot]) -> bool:
    """Whether a formula that falls back on a month is asked for another time: "how many minutes a week"."""
    return any(slot.default == _MONTH for slot in unfilled) and bool(_PERIOD.search(without(text, found)))


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
