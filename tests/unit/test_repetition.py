"""A text that repeats itself without end is noticed soon; tables, lists and lines of dots are let be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.repetition import RepetitionGuard


def found_after(text: str, piece: int = 3) -> int | None:
    """Characters until the guard speaks up, when the text comes in pieces."""
    guard = RepetitionGuard()
    for start in range(0, len(text), piece):
        if guard.endless(text[start : start + piece]) is not None:
            return start + piece
    return None


@given(st.text("abcdé ", min_size=1, max_size=300), st.integers(1, 40))
def test_any_unit_is_noticed_within_a_few_repetitions(unit: str, piece: int) -> None:
    run = max(400, 4 * len(unit))
    at = found_after("An introduction. " + unit * (4 * run // len(unit) + 1), piece)
    assert at is not None
    assert at <= len("An introduction. ") + run + 100 + piece


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{n}. Item number {n} of the list." for n in range(200)),
        "|" + "---|" * 60 + "\n" + "\n".join(f"| {n} | {n * n} |" for n in range(200)),
        "=" * 300 + "\ntext",
        "The KV cache grows with every token. " * 3 + "It is freed at the end of the request. " * 3,
    ],
)
def test_lists_tables_and_rules_are_no_endless_text(text: str) -> None:
    assert found_after(text) is None
