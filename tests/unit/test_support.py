"""A quote supports a claim by its words and numbers, unless it says the opposite."""

from __future__ import annotations

import pytest

from rag.answer.support import Support, supports

QUOTE = "The first block of each prompt is hashed before it is stored, so 128 tokens can be shared."


def held(claim: str, quote: str = QUOTE, language: str = "en") -> bool:
    return supports(quote, claim, language, Support())


@pytest.mark.parametrize(
    "claim",
    [
        QUOTE,
        "The first block of a prompt is hashed before it is stored.",
        "Before it is stored, a prompt's first block is hashed.",
        "No: 128 tokens can be shared, as each prompt's first block is hashed.",
        "Not only is the first block of each prompt hashed: 128 tokens can be shared.",
    ],
)
def test_what_the_quote_says_is_supported(claim: str) -> None:
    assert held(claim)


@pytest.mark.parametrize(
    "claim",
    [
        "The last block of each prompt is hashed before it is stored.",
        "The first block of each prompt is hashed after it is stored.",
        "The first block of each prompt is not hashed before it is stored.",
        "The first block of each prompt is never hashed.",
        "The first block is hashed, so 256 tokens can be shared.",
        "Nothing is hashed of the first block of each prompt.",
        "Pages are fetched from a remote server.",
        "",
    ],
)
def test_the_opposite_another_number_or_another_matter_is_not(claim: str) -> None:
    assert not held(claim)


def test_a_denial_in_the_quote_counts_as_one_in_the_claim_does() -> None:
    denied = "Normalisation does not help small batches. Large batches train well."
    assert held("Normalisation does not help small batches.", denied)
    assert not held("Normalisation helps small batches.", denied)
    assert held("Large batches train well.", denied)


def test_a_denial_may_be_put_in_other_words() -> None:
    assert held("Without a prefix no error is raised.", "Nothing raises an error without a prefix.")


def test_what_somebody_else_is_quoted_with_denies_nothing() -> None:
    quote = 'Summaries lose names, amounts and negations ("the user does not want a refund").'
    assert held("Summaries lose names, amounts and negations.", quote)


def test_opposites_that_both_texts_name_are_no_swap() -> None:
    quote = "The first block is shared and the last block is private."
    assert held("The last block is private, the first block is shared.", quote)


def test_an_opposite_elsewhere_in_the_quote_is_no_swap() -> None:
    quote = "The cache stores keys of all tokens; a query reads them before the softmax."
    assert held("The cache stores keys of all tokens after projection.", quote)


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("Le délai est prolongeable de deux mois.", True),
        ("Le délai n'est pas prolongeable de deux mois.", False),
        ("Le délai est prolongeable sans demande de deux mois.", False),
    ],
)
def test_french_is_read_as_well(claim: str, supported: bool) -> None:
    assert (
        held(claim, "Le délai d'un mois est prolongeable de deux mois pour une demande.", "fr") is supported
    )
