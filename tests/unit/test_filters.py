"""Conditions as words of a command line and as the ``filter`` object of a request."""

from __future__ import annotations

from typing import Any

import pytest

from rag.errors import BadInput
from rag.index.filters import Filter, read_words
from rag.types import Chunk


def chunk(**metadata: Any) -> Chunk:
    return Chunk("id", "doc", "text", 0, 4, page=3, metadata=metadata)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["lang=en"], {"lang": ["en"]}),
        (["lang=en|fr", "lang=de"], {"lang": ["en", "fr", "de"]}),
        ([r"tag=a\|b"], {"tag": ["a|b"]}),
        (["year>=2020", "year<2023"], {"year": {"gte": "2020", "lt": "2023"}}),
        (["a>1", "b<=2"], {"a": {"gt": "1"}, "b": {"lte": "2"}}),
        (["note=a>=b"], {"note": ["a>=b"]}),
    ],
)
def test_words_become_the_filter_object(words: list[str], read: dict[str, Any]) -> None:
    assert read_words(words) == read


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lang"], "KEY>=VALUE"),
        (["=en"], "KEY>=VALUE"),
        (["lang="], "KEY>=VALUE"),
        (["lang=en|"], "empty value"),
        (["year>1", "year>2"], "two bounds >"),
        (["year=1", "year>2"], "both a value and a bound"),
        (["year>soon"], "a number or a date"),
        (["year>nan"], "a number or a date"),
        (["year>1", "year<2024-01-01"], "a number and a date"),
        (['a"b>1'], "without quotes"),
    ],
)
def test_words_that_say_nothing_are_refused(words: list[str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        Filter.parse(words)


@pytest.mark.parametrize(
    ("word", "metadata", "passes"),
    [
        ("year>=2020", {"year": 2020}, True),
        ("year>2020", {"year": 2020}, False),
        ("year>=2020", {"year": "2020"}, False),  # text is no number
        ("year>=2020", {}, False),
        ("flag>=0", {"flag": True}, False),
        ("page<=3", {}, True),
        ("year<2000", {"year": [1999, 2001]}, True),
        ("date<=2024-01-31", {"date": "2024-01-31T23:59"}, True),
        ("date>2024-01-31", {"date": "2024-01-31T23:59"}, False),
        ("date>2024-01-31", {"date": "2024-02-01"}, True),
        ("date>=2024-01-31T12:00Z", {"date": "2024-01-31T13:30+02:00"}, False),
        ("date>=2024-01-01", {"date": 20240101}, False),
    ],
)
def test_ranges_compare_numbers_and_dates(word: str, metadata: dict[str, Any], passes: bool) -> None:
    condition = Filter.parse([word])
    assert condition is not None
    assert condition.accepts(chunk(**metadata)) is passes


def test_of_two_bounds_of_a_list_one_value_meets_both() -> None:
    condition = Filter.of({"year": {"gt": 1, "lt": 4}})
    assert condition is not None
    assert not condition.accepts(chunk(year=[1, 4]))
    assert condition.accepts(chunk(year=[1, 2, 4]))
