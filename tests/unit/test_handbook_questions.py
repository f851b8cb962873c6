"""The labelled questions hold: quotes to the letter, values recomputed, types balanced, nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

import handbook_dataset
from agents.tools.arithmetic import evaluate
from eval.questions import Question, read_questions
from rag.language import detect_language
from rag.lexical import content_stems
from rag.types import Document

ROOT = Path(__file__).parents[2]
DATA = ROOT / "eval" / "data" / "handbook"
QUESTIONS = read_questions(DATA / "questions.jsonl")
ANSWERABLE = [one for one in QUESTIONS if one.answerable]
NUMERIC = [one for one in QUESTIONS if one.type == "numeric"]
NEAR = [json.loads(line) for line in (DATA / "near_misses.jsonl").read_text(encoding="utf-8").splitlines()]


PAGES: dict[str, Document] = {page.id: page for page in handbook_dataset.documents()}


def name(question: Question) -> str:
    return question.id


@pytest.mark.parametrize("question", ANSWERABLE, ids=name)
def test_every_gold_quote_stands_in_its_document_to_the_letter(question: Question) -> None:
    assert question.gold
    for gold in question.gold:
        assert gold.quote in PAGES[gold.document_id].text


@pytest.mark.parametrize("question", NUMERIC, ids=name)
def test_a_numeric_value_is_what_its_tool_call_computes(question: Question) -> None:
    assert question.value is not None
    assert question.tolerance is not None
    assert question.unit is not None
    computed = evaluate(str(question.tools[0].arguments["expression"])).value
    assert computed == pytest.approx(question.value, abs=max(question.tolerance, 1e-9 * abs(question.value)))


def test_there_are_enough_of_each_type_to_conclude_from() -> None:
    counts = Counter(one.type for one in QUESTIONS)
    assert len(QUESTIONS) >= 440
    assert len(counts) == 10
    assert min(counts.values()) >= 20
    assert all(counts[kind] >= 60 for kind in ("numeric", "multi_hop", "follow_up", "unanswerable"))


def test_the_split_is_in_halves_of_every_type() -> None:
    counts = Counter((one.type, one.split) for one in QUESTIONS)
    assert all(counts[kind, "dev"] == counts[kind, "test"] for kind, _ in counts)


def test_each_type_is_what_its_name_says() -> None:
    for one in QUESTIONS:
        languages = {PAGES[gold.document_id].language for gold in one.gold}
        match one.type:
            case "multi_hop":
                assert len({gold.document_id for gold in one.gold}) >= 2, one.id
            case "follow_up":
                assert one.turns, one.id
                assert one.standalone, one.id
            case "unanswerable":
                assert not one.answerable, one.id
                assert not one.gold, one.id
            case "french":
                assert one.lang == "fr", one.id
                assert "fr" in languages, one.id
            case "cross_lingual":
                assert one.lang not in languages, one.id
            case "adversarial":
                assert any("specimen" in gold.document_id for gold in one.gold), one.id


def test_questions_are_in_the_language_they_say() -> None:
    texts = [(one, one.standalone or one.question) for one in QUESTIONS]
    wrong = [one.id for one, text in texts if detect_language(text) != one.lang]
    assert len(wrong) <= 0.02 * len(QUESTIONS), wrong


def test_questions_are_not_copied_from_the_text() -> None:
    overlaps = [handbook_dataset.overlap(one) for one in ANSWERABLE if one.type != "cross_lingual"]
    assert sum(overlaps) / len(overlaps) < 0.5


def test_no_two_questions_are_near_duplicates() -> None:
    stems = {
        one.id: (set(content_stems(one.standalone or one.question, one.lang)), one.lang) for one in QUESTIONS
    }
    close = [
        (a, b)
        for (a, (left, one)), (b, (right, other)) in combinations(stems.items(), 2)
        if one == other and len(left & right) > 0.75 * len(left | right)
    ]
    assert close == []


def test_near_misses_are_half_traps_and_half_paraphrases() -> None:
    assert len(NEAR) == 60
    assert sum(pair["same_answer"] for pair in NEAR) == 30
    assert len({(pair["a"], pair["b"]) for pair in NEAR}) == 60


def test_traps_share_more_words_than_paraphrases_do() -> None:
    def shared(pair: dict[str, str]) -> float:
        left, right = (set(content_stems(pair[key], "en")) for key in ("a", "b"))
        return len(left & right) / max(1, len(left | right))

    traps = [shared(pair) for pair in NEAR if not pair["same_answer"]]
    paraphrases = [shared(pair) for pair in NEAR if pair["same_answer"]]
    assert sum(traps) / len(traps) > 2 * sum(paraphrases) / len(paraphrases)


def test_the_folder_and_the_page_of_tables_are_fresh() -> None:
    stale = [
        path.name
        for path, text in handbook_dataset.outputs().items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run python infra/scripts/handbook_dataset.py"
