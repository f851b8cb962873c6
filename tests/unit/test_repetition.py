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


@given(st.text("abcdé ", min_size=1, max_size=1500), st.integers(1, 40))
def test_any_unit_is_noticed_within_a_few_repetitions(unit: str, piece: int) -> None:
    run = max(400, 4 * len(unit))
    at = found_after("An introduction. " + unit * (4 * run // len(unit) + 1), piece)
    assert at is not None
    assert at <= len("An introduction. ") + run + 100 + piece


def test_a_paragraph_that_comes_again_and_again_is_noticed_at_the_fourth_time() -> None:
    paragraph = "".join(f"The {word} holds what is asked for. " for word in "abcdefghijklm")
    assert len(paragraph) > 400
    at = found_after(paragraph * 40)
    assert at is not None
    assert at <= 4 * len(paragraph) + 100 + 3


@pytest.mark.parametrize(
    "sentence",
    ["{n}. The cache grows with every token that is kept. ", "Step {n}: at 0.{n} the cache is {n}% full.\n"],
)
def test_one_sentence_that_only_counts_on_is_noticed(sentence: str) -> None:
    at = found_after("".join(sentence.format(n=n) for n in range(7, 300)))
    assert at is not None
    assert 1000 <= at <= 1500


def test_what_a_reply_repeats_is_named() -> None:
    assert RepetitionGuard().endless("tokens and " * 100) in {
        ("tokens and " * 2)[shift : shift + 11] for shift in range(11)
    }


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{n}. Item number {n} of the list.\n" for n in range(1, 30)),
        "".join(
            f"A model of {n} billion parameters takes {2 * n} GB in 16 bits, {n} GB in 8 bits, and about half"
            " of that again in 4 bits. "
            for n in range(7, 18)
        ),
        "\n".join(f"layers.{n}.attention.query_key_value.weight" for n in range(80)),
        "|" + "---|" * 60 + "\n" + "\n".join(f"| {n} | {n * n} |" for n in range(200)),
        "=" * 300 + "\ntext",
        "The KV cache grows with every token. " * 3 + "It is freed at the end of the request. " * 3,
    ],
)
def test_lists_tables_and_rules_are_no_endless_text(text: str) -> None:
    assert found_after(text) is None
