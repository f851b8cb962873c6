from math import log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.questions import Gold, Question
from eval.quotes import (
    ENOUGH,
    QUOTE_MEASURES,
    Span,
    evaluate_quotes,
    gold_quotes,
    is_quote_measure,
    read_gold_quotes,
)
from rag.errors import BadInput, UnknownChoice
from rag.types import Document


def document(id: str, text: str) -> Document:
    return Document(id=id, text=text, uri=id, mime="text/plain", language="en")


def question(id: str, *gold: tuple[str, str]) -> Question:
    quotes = tuple(Gold(document_id=name, quote=quote) for name, quote in gold)
    return Question(id=id, question=f"{id}?", gold=quotes, answerable=bool(gold))


def score(measure: str, hits: list[Span], *quotes: Span) -> float:
    gold = {"q": [(quote,) for quote in quotes]}
    return evaluate_quotes({"q": hits}, gold, [measure]).mean[measure]


QUOTE = Span("a", 100, 200)
RIGHT = Span("a", 50, 250)
WRONG = Span("a", 300, 500)


def test_quotes_are_found_where_they_stand_in_every_place() -> None:
    found = gold_quotes(
        [question("q", ("a", "a cat"), ("b", "dog")), question("unanswerable")],
        [document("a", "a cat is a cat"), document("b", "one dog")],
    )
    assert found == {"q": [(Span("a", 0, 5), Span("a", 9, 14)), (Span("b", 4, 7),)]}


def test_quotes_that_are_not_in_their_documents_are_counted_and_refused() -> None:
    questions = [question("q1", ("a", "a dog")), question("q2", ("b", "x"), ("a", "a cat"))]
    with pytest.raises(BadInput, match="2 gold quotes") as caught:
        gold_quotes(questions, [document("a", "a cat")])
    for told in ("'q1'", "'a dog'", "'a', which lacks it", "'q2'", "'b', which is not in the corpus"):
        assert told in str(caught.value)


def test_a_chunk_covers_a_quote_when_it_holds_enough_of_it() -> None:
    length = QUOTE.end - QUOTE.start
    cut = round(QUOTE.start + (1 - ENOUGH) * length)
    assert Span("a", cut, 400).covers(QUOTE)
    assert not Span("a", cut + 1, 400).covers(QUOTE)
    assert not Span("b", 0, 400).covers(QUOTE)


def test_quote_recall_is_the_share_of_quotes_among_the_first_hits() -> None:
    other = Span("b", 0, 10)
    assert score("QuoteR@2", [WRONG, RIGHT, other], QUOTE, other) == 1 / 2
    assert score("QuoteR@3", [WRONG, RIGHT, other], QUOTE, other) == 1
    assert score("QuoteR@1", [WRONG, RIGHT], QUOTE) == 0


def test_recall_within_characters_gives_large_chunks_no_more_text() -> None:
    small = [Span("b", 0, 100), Span("b", 100, 200), RIGHT]
    assert score("QuoteR@400c", small, QUOTE) == 1
    assert score("QuoteR@399c", small, QUOTE) == 0


def test_the_first_hit_counts_however_long_it_is() -> None:
    assert score("QuoteR@10c", [RIGHT, WRONG], QUOTE) == 1


def test_ndcg_discounts_by_the_rank_of_the_first_chunk_that_covers_a_quote() -> None:
    other = Span("b", 0, 10)
    assert score("QuoteNDCG@10", [WRONG, RIGHT, RIGHT], QUOTE) == 1 / log2(3)
    assert score("QuoteNDCG@10", [WRONG, RIGHT], QUOTE, other) == (1 / log2(3)) / (1 + 1 / log2(3))


def test_one_chunk_with_two_quotes_scores_no_more_than_1() -> None:
    assert score("QuoteNDCG@10", [RIGHT], QUOTE, Span("a", 60, 90)) == 1


def test_a_repeated_sentence_is_right_in_each_place() -> None:
    twice = {"q": [(Span("a", 300, 310), QUOTE)]}
    assert evaluate_quotes({"q": [RIGHT]}, twice, ["QuoteR@1"]).mean == {"QuoteR@1": 1.0}


def test_a_query_without_hits_counts_as_zero() -> None:
    gold = {"q1": [(QUOTE,)], "q2": [(QUOTE,)]}
    scores = evaluate_quotes({"q1": [RIGHT]}, gold)
    assert scores.mean == dict.fromkeys(QUOTE_MEASURES, 1 / 2)
    assert scores.per_query["q2"] == dict.fromkeys(QUOTE_MEASURES, 0.0)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), max_size=8), st.integers(1, 9))
def test_scores_lie_between_0_and_1_and_grow_with_the_depth(raw: list[tuple[int, int]], depth: int) -> None:
    hits = [Span("a", start, start + length) for start, length in raw]
    shallow = score(f"QuoteR@{depth}", hits, QUOTE, Span("a", 0, 40))
    deep = score(f"QuoteR@{depth + 1}", hits, QUOTE, Span("a", 0, 40))
    assert 0 <= shallow <= deep <= 1
    assert 0 <= score(f"QuoteNDCG@{depth}", hits, QUOTE, Span("a", 0, 40)) <= 1


@pytest.mark.parametrize("name", ["QuoteR", "QuoteR@0", "QuoteNDCG@10c", "QuoteAP", "Quote@5"])
def test_an_unknown_measure_is_refused(name: str) -> None:
    assert is_quote_measure(name)
    with pytest.raises(UnknownChoice, match="QuoteR@k"):
        evaluate_quotes({}, {"q": [(QUOTE,)]}, [name])


def test_no_quotes_are_an_error() -> None:
    with pytest.raises(BadInput):
        evaluate_quotes({}, {})


def test_a_folder_without_questions_has_no_gold_quotes(tmp_path: Path) -> None:
    assert read_gold_quotes(tmp_path, ["q"], []) is None


def test_a_judged_query_without_a_gold_quote_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(question("q1", ("a", "a cat")).model_dump_json())
    cat = document("a", "a cat")
    assert read_gold_quotes(tmp_path, ["q1"], [cat]) == {"q1": [(Span("a", 0, 5),)]}
    with pytest.raises(BadInput, match="1 judged queries have no gold quote, the first is 'q2'"):
        read_gold_quotes(tmp_path, ["q1", "q2"], [cat])
