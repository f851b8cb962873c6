"""Follow-ups that put a quantity or a name in another's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.memory.history import by_rule, overflow, remembered
from agents.state import State
from rag.llm.base import Message
from rag.llm.extractive_follow_ups import follow_up, leads, own_part
from rag.llm.extractive_numbers import Earlier, computed, computed_in_turn, earlier, left_uncomputed
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


HEADS = "How big is the KV cache of 32 layers, 8 KV heads, head dim 128 in fp16 per token?"
CARD = "With 24 GB of GPU memory, 14 GB of weights and 128 KiB of cache per token, how many tokens fit?"
SCORES = "Precision is 0.8 and recall 0.6. What is F1?"
PRICED = "A call reads 2,000 tokens and writes 500 at $2 and $6 per million. What do 10,000 requests cost?"
HITS = "What is the mean latency if a cache answers 40% of requests in 50 ms and misses take 3 s?"


@pytest.mark.parametrize(
    ("before", "question", "old", "new"),
    [
        (HEADS, "And with 16 KV heads?", "8 KV", "16 KV"),
        (HEADS, "And with 16 heads?", "8 KV", "16 KV"),
        (HEADS, "And with head dim 64?", "dim 128", "dim 64"),
        ("How big is it with 32 heads and 8 KV heads?", "And with 30 KV heads?", "8 KV", "30 KV"),
        (CARD, "And with 40 GB of weights?", "14 GB", "40 GB"),
        (CARD, "And with 80 GB of GPU memory?", "24 GB", "80 GB"),
        (CARD, "And with 80 GB?", "24 GB", "80 GB"),
        (CARD, "And at 64 KiB per token?", "128 KiB", "64 KiB"),
        (SCORES, "And with a recall of 0.9?", "0.6", "0.9"),
        (SCORES, "And if precision is 0.5?", "0.8", "0.5"),
        (HITS, "And if misses take 1 s?", "3 s", "1 s"),
        ("What is the score of ranks 3 and 7 with k = 60?", "And with k = 8?", "60", "8"),
        ("Combien pour 8 têtes KV de dimension 128 ?", "Et avec 100 têtes KV ?", "8 t", "100 t"),
    ],
)
def test_a_named_quantity_takes_the_place_of_the_one_called_the_same(
    before: str, question: str, old: str, new: str
) -> None:
    assert swapped(question, before) == before.replace(old, new, 1)


def test_a_named_quantity_without_a_namesake_is_added_or_left_out_but_never_put_on_another() -> None:
    assert swapped("And for 4096 tokens?", HEADS) == f"{HEADS[:-1]} with 4096 tokens?"
    assert swapped("And with 4,000 input tokens?", PRICED) == ""
    assert swapped("And with 1,000 output tokens?", PRICED) == ""
    assert swapped("And if requests take 10 ms?", HITS) == ""


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


def test_what_a_summary_keeps_of_a_conversation_still_leads_to_the_next_question() -> None:
    said = (Message("user", CACHE), Message("assistant", "1 GiB."), Message("user", "And for 16000?"))
    state = {"summary": by_rule("", said), "history": [Message("assistant", "2 GiB.")]}
    assert follow_up("And in int8?", remembered(cast("State", state))) == (
        "How much KV cache does Mistral 7B need for 16000 tokens in int8?"
    )


@pytest.mark.parametrize("summary", ["They spoke of caches.", by_rule("", [Message("user", CACHE * 20)])])
def test_a_summary_is_never_read_as_a_question(summary: str) -> None:
    state = {"summary": summary, "history": []}
    assert follow_up("And in int8?", remembered(cast("State", state))) == "And in int8?"


def test_what_follows_a_follow_up_that_was_joined_keeps_what_both_are_about() -> None:
    first, then = "How big is the cache of Mistral 7B in fp16?", "And why is it for a batch of 8?"
    history = (Message("user", first), Message("user", then))
    assert follow_up("And for a batch of 16?", history) == f"{first} And why is it for a batch of 16?"


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_two_texts_can_be_compared(question: str, before: str) -> None:
    assert isinstance(swapped(question, before), str)
    repeats(question, before)


LLAMA = "What is the KV cache of Llama 2 7B for 8192 tokens?"
SHAPE = "What is the KV cache of a model with 32 layers, 8 KV heads and head dim 128 per token?"


def before(question: str, history: Sequence[Message]) -> Earlier | None:
    found = None
    for led in reversed(leads(question, history)):
        found = earlier(led, NOW if found else THEN, found)
    return found


def then(question: str, *asked: str) -> tuple[str, tuple[str, dict[str, object]] | None]:
    """The last of several questions made self-contained, and what is computed for it."""
    history = [Message("user", one) for one in asked]
    made = follow_up(question, history)
    return made, computed_in_turn(made, own_part(made, history), NOW, before(made, history))


THEN = {"KV cache of a known model": 0.6, "KV cache of a shape": 0.8}
NOW = THEN | {"blocks of a sequence": 0.5, "arithmetic of a known model": 0.5}
"""How alike the questions of these tests are to what formulas answer: the later ones to more of them."""


def test_what_asks_the_same_of_other_quantities_is_computed_by_the_same_formula() -> None:
    changed = {"model": "llama-2-7b", "tokens": 8192, "dtype": "int8"}
    assert computed(f"{LLAMA[:-1]} in int8?", NOW) is None
    assert then("And in int8?", LLAMA)[1] == ("kv_cache_size", changed)
    asked = ("And for 8192 tokens?", "And for 4 users?", "And in int8?", "And Mixtral 8x7B?")
    changed = {"model": "mixtral-8x7b", "tokens": 16384, "sequences": 4, "dtype": "int8"}
    assert then("And for 16384 tokens?", LLAMA.replace("8192", "2048"), *asked)[1] == (
        "kv_cache_size",
        changed,
    )


def test_what_was_not_given_anew_stays_where_it_stood() -> None:
    # The head dimension would become 8, and 128 the tokens.
    assert then("And for a batch of 8?", SHAPE)[1] is None
    assert then("And for a batch of 8?", SHAPE, "And in int8?")[1] is None


def test_a_quantity_is_exchanged_also_in_the_question_that_the_last_one_leaned_on() -> None:
    first = "A model has 64 layers, 4 KV heads and head dimension 128 in fp16. How big is the KV cache?"
    made, call = then("And in int8?", first, "And for a batch of 8?")
    assert made == f"{first.replace('fp16', 'int8')} And for a batch of 8?"
    assert call is not None
    assert call[1]["dtype"] == "int8"
    assert follow_up(made, [Message("user", first), Message("user", "And for a batch of 8?")]) == made


def test_what_is_added_is_added_in_the_language_of_the_question() -> None:
    before = "Combien de cache KV prend Mistral 7B pour 8000 jetons ?"
    assert swapped("Et en int8 ?", before) == f"{before[:-2]} en int8 ?"
    assert swapped("Et avec 4 utilisateurs ?", before) == f"{before[:-2]} avec 4 utilisateurs ?"


def test_of_a_price_the_amount_alone_is_exchanged() -> None:
    before = "How much do 100 million tokens cost at $0.50 per million?"
    assert swapped("And at $2?", before) == before.replace("$0.50", "$2")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("And for a batch of 8?", True),
        ("And with 16 KV heads?", False),
        ("And why 8 heads?", False),
        ("And why does it grow?", False),
    ],
)
def test_where_no_number_comes_of_other_quantities_that_is_known(question: str, left: bool) -> None:
    history = [Message("user", SHAPE)]
    made = follow_up(question, history)
    led = before(made, history)
    assert led is not None
    assert left_uncomputed(made, own_part(made, history), NOW, led) == left


def test_the_last_question_that_is_folded_keeps_what_it_went_on_from_however_long_the_thread() -> None:
    state: dict[str, object] = {"summary": "", "history": []}
    asked = [CACHE, *(f"And for {number * 1000} tokens?" for number in range(9, 30)), "And in int8?"]
    for question in asked:
        made = follow_up(question, remembered(cast("State", state)))
        answered = (Message("user", question), Message("assistant", "Some GiB. " * 20))
        old, state["history"] = overflow([*cast("list[Message]", state["history"]), *answered], 100, 40)
        state["summary"] = by_rule(str(state["summary"]), old)
    assert made == CACHE.replace("8000 tokens", "29000 tokens in int8")
