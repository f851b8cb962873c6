"""A quote supports a claim by its words and numbers, unless it says the opposite."""

from __future__ import annotations

import pytest

from rag.answer.support import CHECKS, Pair, Support, flags

QUOTE = "The first block of each prompt is hashed before it is stored, so 128 tokens can be shared."


def held(claim: str, quote: str = QUOTE, language: str = "en") -> bool:
    return not flags(Pair(claim, quote, language), Support())


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


@pytest.mark.parametrize(
    ("claim", "flag"),
    [
        ("The first block of each prompt is hashed, as remote pages of servers are fetched slowly.", "words"),
        ("The first block is hashed, so 256 tokens can be shared.", "numbers"),
        ("The first block of each prompt is hashed by vLLM before it is stored.", "entities"),
        ("The last block of each prompt is hashed before it is stored.", "opposites"),
        ("The first block of each prompt is not hashed before it is stored.", "denial"),
    ],
)
def test_each_check_flags_by_its_own_name_what_the_others_let_through(claim: str, flag: str) -> None:
    assert flags(Pair(claim, QUOTE, "en"), Support()) == (flag,)
    assert flag in CHECKS


def test_a_name_may_stand_in_the_passage_or_its_title_and_not_in_the_quote() -> None:
    claim = "The first block of each prompt in vLLM is hashed before it is stored."
    assert flags(Pair(claim, QUOTE, "en", "Serving › vLLM"), Support()) == ()


def test_the_digits_of_a_date_are_no_numbers_of_their_own() -> None:
    said = Pair("The regulation applies from 2 August 2026.", "It applies: regulation of 2026-08-02.", "en")
    other = Pair("The regulation applies from 2 August 2026.", "It applies: regulation of 2026-08-03.", "en")
    assert (flags(said, Support()), flags(other, Support())) == ((), ("entities",))


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
