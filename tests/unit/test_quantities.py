"""Quantities are read in many spellings, English and French, and what only looks like one is not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.quantities import mentions, plain, without


def read(text: str) -> list[tuple[str, float]]:
    return [(mention.kind, mention.value) for mention in mentions(plain(text))]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("1,200 tokens and 2 048 more", [("number", 1200), ("number", 2048)]),
        ("0,30 € par million de tokens", [("price", 0.30 / 1e6)]),
        ("40 million vectors", [("number", 40e6)]),
        ("60 ms each, eight arrive per second", [("time", 0.06), ("rate", 8)]),
        ("three questions in ten", [("share", 0.3)]),
        ("9 fois sur 10", [("share", 0.9)]),
        ("half a percent", [("share", 0.005)]),
        ("16.1 GB at 3 350 Go/s", [("bytes", 16.1e9), ("bandwidth", 3350e9)]),
        ("36 euros an hour", [("wage", 36 / 3600)]),
        ("a bf16 cache of 4-bit codes", [("dtype", 2), ("bits", 4)]),
        ("half a minute", [("time", 30)]),
        ("third in one list, two thirds of it", [("number", 3), ("share", 2 / 3)]),
        ("2 each second, 400 go there", [("rate", 2), ("number", 400)]),
        ("en pour cent", []),
        ("an L40S and BM25", []),
        ("forty-eight layers", [("number", 48)]),
        ("vingt-quatre couches", [("number", 24)]),
        ("half a million chunks", [("number", 500_000)]),
        ("un demi-million de jetons", [("number", 500_000)]),
        ("half an hour", [("time", 1800)]),
        ("one in twenty-five changed", [("share", 1 / 25)]),
        ("60 rpm", [("rate", 1)]),
        ("30 requests per working day", [("rate", 30 / 86_400)]),
        ("25 idle minutes", [("time", 25 * 60)]),
        ("in a 30-day month", [("time", 30 * 86_400)]),
        ("a 365-day year", [("time", 365 * 86_400)]),
        ("a 24-hour day", [("time", 24 * 3600)]),
        ("2.50 € per GPU-hour", [("wage", 2.5 / 3600)]),
        ("€2 for a million tokens", [("price", 2e-6)]),
        ("single precision", [("dtype", 4)]),
        ("with t = 2 how likely is the second one?", [("number", 2)]),
        ("82.6 TFLOPS", [("flops", 82.6e12)]),
        ("624 TOPS in int8", [("flops", 624e12), ("dtype", 1)]),
        ("25 microseconds", [("time", 25e-6)]),
        ("un lien de 10 Gbit/s", [("bandwidth", 1.25e9)]),
        ("3 pour mille des appels", [("share", 0.003)]),
        ("3/4 of them", [("share", 0.75)]),
        ("d'une seconde", [("time", 1)]),
        ("two and a half minutes", [("time", 150)]),
        ("0.40 € per million in and 1.20 € out", [("price", 0.4e-6), ("price", 1.2e-6)]),
        ("€2 a million tokens; our card costs 900 €", [("price", 2e-6), ("money", 900)]),
        ("3 million points of 512 half floats", [("number", 3e6), ("number", 512), ("dtype", 2)]),
        ("a gain of 3 points", [("share", 0.03)]),
        ("slow once in a hundred", [("share", 0.01)]),
        ("une erreur sur deux cents", [("share", 1 / 200)]),
        ("one in two thousand fails", [("share", 1 / 2000)]),
        ("ZeRO étage 1 sur 8 GPU", [("number", 1), ("number", 8)]),
        ("a third query found nothing", [("number", 3)]),
        ("a third of the queries", [("share", 1 / 3)]),
        ("M = 24, 2% of the nodes", [("number", 24), ("share", 0.02)]),
        ("the third of 8 p-values", [("number", 3), ("number", 8)]),
        ("un octet par valeur", [("bytes", 1)]),
        ("768 numbers, a byte each", [("number", 768), ("bytes", 1)]),
        ("without the k1+1 on top", []),
        ("1e9 parameters", [("number", 1e9)]),
        ("9e999999 million tokens", [("unread", 9)]),
        ("1e99999999999999999999 s", [("unread", 1)]),
        ("0.5, 1 and 2 seconds", [("time", 0.5), ("time", 1), ("time", 2)]),
        ("between 8 and 16 GB", [("bytes", 8e9), ("bytes", 16e9)]),
        ("une carte de 80 Go et 16 Go de poids", [("bytes", 80e9), ("bytes", 16e9)]),
    ],
)
def test_a_quantity_is_read_as_it_is_said(text: str, quantities: list[tuple[str, float]]) -> None:
    found = read(text)
    assert [kind for kind, _ in found] == [kind for kind, _ in quantities]
    assert [value for _, value in found] == pytest.approx([value for _, value in quantities])


@pytest.mark.parametrize(
    "text",
    ["half-width of the interval", "its half-life", "an M/M/1 queue", "on an RTX 3090", "two 5090s, no"],
)
def test_a_number_in_a_name_is_none(text: str) -> None:
    assert [kind for kind, value in read(text) if value != 2] == []


def test_an_english_verb_is_no_unit() -> None:
    assert read("Where does the key of position 5,000 go?") == [("number", 5000)]


@pytest.mark.parametrize("text", ["the nDCG@5", "it misses the third", "two of them"])
def test_what_may_just_be_said_is_incidental(text: str) -> None:
    assert [mention.incidental for mention in mentions(plain(text))] == [True]


def test_what_is_left_without_quantities_says_what_is_asked() -> None:
    text = plain("In 3 hours, how many?")
    assert without(text, mentions(text)).split() == ["in", ",", "how", "many?"]


def test_a_named_card_says_what_it_computes_and_reads() -> None:
    assert read("on an H100") == [("flops", 989e12), ("bandwidth", 3.35e12)]


@pytest.mark.parametrize(
    ("text", "flops"),
    [
        ("an A100 that sustains 150 TFLOPS", [150e12]),
        ("an A100 in int8", []),
        ("an RTX 4090 in fp8", [330.3e12]),
        ("an H100 in fp8", []),
        ("an H100 in place of an A100", []),
        ("an A100 40GB", []),
    ],
)
def test_what_is_told_goes_before_what_a_card_can_do(text: str, flops: list[float]) -> None:
    assert [value for kind, value in read(text) if kind == "flops"] == flops


def test_nothing_is_missing_where_no_formula_uses_the_card() -> None:
    assert all(mention.incidental for mention in mentions(plain("on an RTX 4090")))


@given(st.text(max_size=200) | st.text(alphabet="0123456789e+-., %/kmsGb", max_size=60))
def test_none_stands_inside_another(text: str) -> None:
    found = mentions(plain(text))
    assert all(a.end <= b.start for a, b in pairwise(found))
