"""Arithmetic with units: an expression is parsed and walked within bounds, never evaluated as code."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from agents.tools.units import UNITS, Number, Quantity, added, quantity, shown_unit
from rag.errors import ToolError

MAX_LENGTH = 500
MAX_EXPONENT = 1_000
MAX_BITS = 4_096
MAX_CHOICES = 1_000
"""Bounds: characters, the size of an exponent, the bits of any integer in between, and ``n`` of ``comb``."""

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_SIGNS: dict[type[ast.unaryop], Callable[[Any], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def _rounded(value: Number, digits: int = 0) -> Number:
    # Rounding an integer to -10**9 digits would compute 10**10**9.
    if not isinstance(digits, int) or abs(digits) > MAX_EXPONENT:
        raise ValueError(f"round takes at most {MAX_EXPONENT} digits")
    return round(value, digits) if digits else round(value)


def _comb(n: int, k: int) -> int:
    if n > MAX_CHOICES:
        raise ValueError(f"comb takes n up to {MAX_CHOICES}")
    return math.comb(n, k)


# Of plain numbers only; then those that keep the unit of what they are given.
_PLAIN: dict[str, Callable[..., Number]] = {
    "log": math.log,
    "ln": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "comb": _comb,
}
_KEEPING: dict[str, Callable[..., Number]] = {
    "ceil": math.ceil,
    "floor": math.floor,
    "round": _rounded,
    "abs": abs,
    "min": min,
    "max": max,
}
FUNCTIONS = ("sqrt", *_PLAIN, *_KEEPING)
_CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}

_ASCII = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "^": "**", "\u00a0": " ", "\u202f": " "})
_NAMES = "|".join(sorted((re.escape(name) for name in UNITS), key=len, reverse=True))
_MEASURED = re.compile(
    rf"(?<![\w.])(\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*((?:{_NAMES})(?!\w)(?:/(?:{_NAMES})(?!\w))?)"
)
_THOUSANDS = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\d,])")
_CALLING = re.compile(r"[A-Za-z]\w*\s*\(")
_PERCENT = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d*)?)\s*%\s*(of\b|(?=[-+*/)]|$))")


def evaluate(expression: str) -> Quantity:
    """The value of an arithmetic expression: ``+ - * / // % **``, brackets, ``sqrt`` and the like, units.

    A unit follows its number (``16 GB / 3350 GB/s``, ``80% of 24 GiB``); the result is in base units.
    ``×``, ``·``, ``÷``, ``−`` and ``^`` are read as their ASCII forms, ``1,024`` as 1024.

    Raises:
        ToolError: not arithmetic, undefined (division by zero), of units that do not go together, or
            beyond the bounds of this module.
    """
    if not expression.strip() or len(expression) > MAX_LENGTH:
        raise ToolError(f"an expression has 1 to {MAX_LENGTH} characters, this one has {len(expression)}")
    try:
        value = _value(ast.parse(_python(expression), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ToolError(f"{expression!r} is not an arithmetic expression: write it as 2 * (3 + 4)") from error
    except (ArithmeticError, ValueError, TypeError) as error:
        raise ToolError(f"{expression!r} has no value: {error}") from error
    if isinstance(value.value, float) and not math.isfinite(value.value):
        raise ToolError(f"{expression!r} has no finite value")
    return value


def _python(expression: str) -> str:
    """The expression in Python's notation, each number bracketed with its unit."""
    text = expression.strip().translate(_ASCII)
    # Among a function's arguments a comma separates them, and brackets cannot be told apart by a pattern.
    if not _CALLING.search(text):
        text = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
    text = _PERCENT.sub(lambda match: f"({match[1]}*percent)" + ("*" if match[2] else ""), text)
    return _MEASURED.sub(lambda match: f"({match[1]}*{_named(match[2])})", text)


def _named(unit: str) -> str:
    return unit.replace("€", "EUR").replace("$", "USD")


def _value(node: ast.expr) -> Quantity:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Quantity(_bounded(value))
        case ast.Name(id=name) if name in _CONSTANTS:
            return Quantity(_CONSTANTS[name])
        case ast.Name(id=name) if name in UNITS:
            return UNITS[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            of = _value(operand)
            return Quantity(_SIGNS[type(sign)](of.value), of.dimension)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _binary(op, _value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return _called(name, [_value(argument) for argument in args])
    raise ToolError(
        f"{ast.unparse(node)!r} is not arithmetic: use numbers with units such as GB, ms or tokens, "
        f"+ - * / // % **, brackets, {', '.join(FUNCTIONS)}, {' and '.join(_CONSTANTS)}"
    )


def _binary(op: ast.operator, left: Quantity, right: Quantity) -> Quantity:
    a, b = left.value, right.value
    if isinstance(op, ast.Pow):
        return _power(left, right)
    result = _bounded(_OPERATORS[type(op)](a, b))
    match op:
        case ast.Add() | ast.Sub() | ast.Mod():
            return added(left, right, result, {ast.Add: "add", ast.Sub: "subtract"}.get(type(op), "divide"))
        case ast.Mult():
            sign = 1
        case _:
            sign = -1
    powers = left.powers()
    for base, power in right.dimension:
        powers[base] = powers.get(base, 0) + sign * power
    return quantity(result, powers)


def _power(left: Quantity, right: Quantity) -> Quantity:
    base, exponent = left.value, right.value
    if right.dimension or (left.dimension and not isinstance(exponent, int)):
        raise ToolError(f"{shown_unit(left)} ** {shown_unit(right)} has no unit: use plain numbers")
    # A float's power is one instruction; an integer's grows with its exponent.
    if isinstance(base, int) and (
        abs(exponent) > MAX_EXPONENT or base.bit_length() * abs(exponent) > MAX_BITS
    ):
        raise ToolError(f"{base} ** {exponent} is too large to compute")
    result = base**exponent
    if isinstance(result, complex):
        raise ToolError(f"{base} ** {exponent} is not a real number")
    return quantity(_bounded(result), {name: power * int(exponent) for name, power in left.dimension})


def _called(name: str, arguments: list[Quantity]) -> Quantity:
    values = [argument.value for argument in arguments]
    if name == "sqrt":
        (of,) = arguments
        if any(power % 2 for _, power in of.dimension):
            raise ToolError(f"the square root of {shown_unit(of)} has no unit: use a plain number")
        return quantity(math.sqrt(of.value), {base: power // 2 for base, power in of.dimension})
    if name in _PLAIN:
        if any(argument.dimension for argument in arguments):
            raise ToolError(f"{name} takes plain numbers: divide the unit out first")
        return Quantity(_bounded(_PLAIN[name](*values)))
    result = _bounded(_KEEPING[name](*values))
    if name in ("min", "max"):
        for other in arguments[1:]:
            added(arguments[0], other, result, "compare")
    return Quantity(result, arguments[0].dimension)


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ToolError(f"a number of more than {MAX_BITS} bits is too large to compute")
    return value
