"""Follow-ups that put a quantity or a name in another's place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.base import Message
from rag.llm.extractive_follow_ups import follow_up, own_part
from rag.llm.extractive_numbers import computed
from rag.llm.extractive_swaps import repeats, swapped

CACHE = "How much KV cache does Mistral 7B need for 8000 tokens?"
MISTRAL = {"model": "mistral-7b", "tokens": 8000}


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("And for 16000?", MISTRAL | {"tokens": 16000}),
        ("And in int8?", MISTRAL | {"dtype": "int8"}),
        ("And for 16000 tokens in int8?", MISTRAL | {"tokens": 16000, "dtype": "int8"}),
        ("And Mixtral 8x7B?", MISTRAL | {"model": "mixtral-8x7b"}),
        ("Et pour Mixtral 8x7B ?", MISTRAL | {"model": "mixtral-8x7b"}),
        ("How much would it be with 4 sequences?", MISTRAL | {"sequences": 4}),
    ],
)
def test_after_a_computed_question_a_quantity_is_put_in_the_place_of_its_kind(
    question: str, arguments: dict[str, object]
) -> None:
    assert computed(swapped(question, CACHE)) == ("kv_cache_size", arguments)


@pytest.mark.parametrize(
    ("before", "question", "asked"),
    [
        (CACHE, "And Llama 3 8B?", "How much KV cache does Llama 3 8B need for 8000 tokens?"),
        ("How long do 14.5 GB take at 5 GB/s?", "And at 7 GB/s?", "How long do 14.5 GB take at 7 GB/s?"),
        ("With 20 requests per second, how many wait?", "How much is that for 300 requests an hour?",
         "With 300 requests an hour, how many wait?"),
        ("Que prend un jeton en fp16 ?", "Et en 8 bits au lieu de 16 ?", "Que prend un jeton en 8 bits ?"),
        ("What is the ridge of an A100 80 GB?", "And on the H100?", "What is the ridge of an H100?"),
        ("How do 4 of 10 steps fail?", "And with 12?", "How do 4 of 12 steps fail?"),
    ],
)  # fmt: skip
def test_what_is_exchanged_is_called_the_same_or_nearest_in_size(
    before: str, question: str, asked: str
) -> None:
    assert swapped(question, before) == asked


@pytest.mark.parametrize(
    "question",
    [
        "And why is that?",
        "Why not 16000?",
        "And the decode of 500 tokens?",
        "We have 2 GPUs and 16000 tokens. Any waste?",
        "And at 7 GB/s?",
        "And for 8000?",
    ],
)
def test_what_says_more_or_has_no_counterpart_is_not_put_in(question: str) -> None:
    assert swapped(question, CACHE) == ""


@pytest.mark.parametrize("question", ["And for 16000?", "And in int8?", "And Mixtral 8x7B?"])
def test_a_question_made_so_is_not_joined_again(question: str) -> None:
    history = (Message("user", CACHE), Message("assistant", "1 GiB."))
    made = follow_up(question, history)
    assert repeats(made, CACHE)
    assert follow_up(made, history) == made


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("How does it work?", "How does attention work?"),
        ("How many of those are there, and why?", "What is ITL?"),
    ],
)
def test_a_question_with_words_in_common_still_leans(question: str, before: str) -> None:
    assert not repeats(question, before)


def test_one_exchange_after_another_keeps_what_was_put_in_before() -> None:
    history = [Message("user", CACHE)]
    for question in ("And for 16000?", "And in int8?", "And Mixtral 8x7B?"):
        made = follow_up(question, history)
        history.append(Message("user", question))
    changed = {"model": "mixtral-8x7b", "tokens": 16000, "dtype": "int8"}
    assert computed(made) == ("kv_cache_size", changed)
    joined = follow_up("And why does it grow?", history)
    assert joined == f"{made} And why does it grow?"
    prompt = Message("user", f"<passage>Of pages.</passage> {joined}")
    assert own_part(joined, history) == own_part(joined, [*history, prompt]) == "And why does it grow?"


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_two_texts_can_be_compared(question: str, before: str) -> None:
    assert isinstance(swapped(question, before), str)
    repeats(question, before)
