"""The calculator computes arithmetic and nothing else."""

import contextlib
import math
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.arithmetic import evaluate
from agents.tools.calculator import calculator
from agents.tools.readable import format_number, told
from agents.tools.units import converted
from rag.errors import ToolError
from rag.resilience.deadline import Deadline


def expressions() -> st.SearchStrategy[tuple[str, Fraction]]:
    """Random arithmetic, bracketed throughout, with its exact value."""
    leaves = st.integers(1, 10**4).map(lambda n: (str(n), Fraction(n)))

    def combined(
        inner: st.SearchStrategy[tuple[str, Fraction]],
    ) -> st.SearchStrategy[tuple[str, Fraction]]:
        def join(a: tuple[str, Fraction], sign: str, b: tuple[str, Fraction]) -> tuple[str, Fraction]:
            operate = {"+": a[1] + b[1], "*": a[1] * b[1], "/": a[1] / b[1]}
            return f"({a[0]} {sign} {b[0]})", operate[sign]

        # Without a subtraction nothing cancels, so that floats stay near the fractions.
        return st.builds(join, inner, st.sampled_from("+*/"), inner)

    return st.recursive(leaves, combined, max_leaves=12)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 * 32 * 8 * 128 * 2", 2 * 32 * 8 * 128 * 2),
        ("1/(60+1) + 1/(60+3)", 1 / (60 + 1) + 1 / (60 + 3)),
        ("sqrt(128)", math.sqrt(128)),
        ("-7 // 2", -7 // 2),
        ("2^10", 2**10),
        ("3 × 4 ÷ 2 − 1", 3 * 4 / 2 - 1),
        ("ceil(10 / 3) + max(1, 2)", math.ceil(10 / 3) + 2),
        ("  1e12 / 3.0  ", 1e12 / 3.0),
    ],
)
def test_arithmetic_has_the_value_that_python_gives_it(expression: str, value: float) -> None:
    assert evaluate(expression).value == value


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "().__class__",
        "open('x')",
        "[1, 2]",
        "'a' * 3",
        "True + 1",
        "x + 1",
        "1 if 2 else 3",
        "lambda: 1",
        "sqrt(x=4)",
        "1 +",
        "",
    ],
)
def test_anything_but_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


@pytest.mark.parametrize("expression", ["1 / 0", "sqrt(-1)", "(-8) ** 0.5", "log(0)", "1e308 * 10"])
def test_an_expression_without_a_value_says_so(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "9 ** 9 ** 9",
        "2 ** 100000",
        "round(5, -(10 ** 9))",
        "comb(10 ** 9, 5 * 10 ** 8)",
        "10 ** 1000 * 10 ** 1000",
        "(" * 300 + "1" + ")" * 300,
    ],
)
def test_a_bomb_is_refused_before_it_is_computed(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_tool_error(text: str) -> None:
    try:
        value = evaluate(text).value
    except ToolError:
        return
    assert isinstance(value, int | float)


@given(expressions())
def test_random_expressions_agree_with_exact_fractions(pair: tuple[str, Fraction]) -> None:
    text, exact = pair
    assert float(evaluate(text).value) == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


@given(st.text("0123456789+-*/().eE %*sqrtlogminaxcb,", max_size=120))
def test_whatever_is_made_of_arithmetics_letters_ends_at_once(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(ToolError):
        evaluate(text)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("expression", "unit", "value"),
    [
        ("16 GB / 3350 GB/s", "ms", 16 / 3350 * 1000),
        ("80% of 24 GiB", "GiB", 0.8 * 24),
        ("2 * 32 * 8 * 128 * 2 bytes", "KiB", 2 * 32 * 8 * 128 * 2 / 1024),
        ("3 min + 20 s", "s", 3 * 60 + 20),
        ("max(10 ms, 2 s)", "s", 2),
        ("sqrt(9 s * 4 s)", "s", 6),
        ("1,024 * 3", None, 1024 * 3),
        ("min(1,128)", None, 1),
        ("17 % 5", None, 17 % 5),
        ("0.25", "%", 25),
        ("comb(5, 2)", None, 10),
    ],
)
def test_units_are_carried_through_and_converted(expression: str, unit: str | None, value: float) -> None:
    of = evaluate(expression)
    assert (converted(of, unit) if unit else of.value) == pytest.approx(value)


@pytest.mark.parametrize(
    "expression", ["2 GB + 3 s", "log(2 s)", "max(1 s, 1 GB)", "2 ** (1 s)", "sqrt(2 GB)"]
)
def test_units_that_do_not_go_together_are_refused(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


def test_a_quantity_is_not_given_in_a_unit_of_another_kind() -> None:
    with pytest.raises(ToolError, match="cannot be given in ms"):
        converted(evaluate("3 GB"), "ms")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (131072, "131,072"),
        (0.5, "0.5"),
        (1 / 3, "0.333333"),
        (4.0, "4"),
        (2.5e20, "2.5e+20"),
        (1234567.8, "1,234,568"),
    ],
)
def test_numbers_are_shown_as_people_write_them(value: float, shown: str) -> None:
    assert format_number(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (140 * 10**9, "bytes", "140 GB = 130.385 GiB = 140,000,000,000 bytes"),
        (2**17, "octets", "128 Kio = 131.072 ko = 131,072 octets"),
        (900, "bytes", "900 bytes"),
        (0.8 * 24 * 2**30, "B", "19.2 GiB = 20.6158 GB = 20,615,843,021 B"),
        (2592.0, "s", "43.2 minutes = 2,592 s"),
        (90000, "secondes", "25 heures = 90,000 secondes"),
        (90, "s", "90 s"),
        (0.0048, "s", "4.8 ms = 0.0048 s"),
        (21.33e12, "FLOP", "21.33 TFLOP = 2.133e+13 FLOP"),
        (84 * 10**21, "FLOP", "8.4e+22 FLOP"),
        (120 / 7, "fragments", "17.1429 ≈ 17.1 fragments"),
        (4e5 / 7, "tokens", "57,142.9 ≈ 57,143 tokens"),
        (2.5, "attempts", "2.5 attempts"),
        (24 / 7, "euros a month", "3.42857 ≈ 3.43 euros a month"),
        (99.70029, "%", "99.7003 %"),
        (2 / 3, "", "0.666667"),
        (17, "chunks", "17 chunks"),
    ],
)
def test_a_result_is_told_in_the_unit_that_people_compare_by_and_then_exactly(
    value: float, unit: str, shown: str
) -> None:
    assert told(value, unit) == shown


@given(
    st.integers(-(2**4096), 2**4096) | st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "bytes", "s", "FLOP", "tokens", "euros", "%"]),
)
def test_any_result_can_be_told(value: float, unit: str) -> None:
    assert told(value, unit)


async def test_the_tool_says_expression_and_value() -> None:
    result = await calculator().run({"expression": "6 * 7"}, Deadline.after(1))
    assert result.text == "6 * 7 = 42"


async def test_a_wrong_argument_is_told_to_the_agent() -> None:
    with pytest.raises(ToolError, match="expression"):
        await calculator().run({"formula": "1"}, Deadline.after(1))
