"""Scoring of tool calls and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from eval.agent_metrics import arguments_match, quote_recall, tool_selection, value_match
from eval.questions import Question
from rag.llm.base import ToolCall


def question(**fields: Any) -> Question:
    gold = [{"document_id": "d", "quote": "two times two is four"}]
    return Question.model_validate({"id": "q", "question": "?", "gold": gold, "answerable": True, **fields})


NUMERIC = question(
    type="numeric",
    value=4.0,
    unit="GB",
    tolerance=0.01,
    tools=[{"name": "calculator", "arguments": {"expression": "2*2"}}],
)


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall("1", name, arguments)


@pytest.mark.parametrize(
    ("asked", "names", "right"),
    [
        (NUMERIC, ["calculator"], True),
        (NUMERIC, ["gpu_memory", "search_corpus"], True),
        (NUMERIC, ["search_corpus"], False),
        (question(), ["search_corpus"], True),
        (question(), ["calculator", "search_corpus"], False),
        (question(), [], False),
        (NUMERIC, ["calculator", "read_document", "compare"], True),
        (NUMERIC, ["calculator", "remember"], False),
        (question(), ["search_corpus", "remember"], False),
        (question(), ["search_corpus", "tickets__close"], False),
        (question(tools=[{"name": "remember", "arguments": {"text": "x"}}]), ["remember"], True),
    ],
)
def test_a_computation_is_chosen_where_one_is_needed(asked: Question, names: list[str], right: bool) -> None:
    assert tool_selection(asked, [call(name) for name in names]) is right


@pytest.mark.parametrize(
    ("made", "result", "right"),
    [
        (call("calculator", expression="2*2"), "2*2 = 4", True),
        (call("calculator", expression="8/2"), "8/2 = 4", True),
        (call("calculator", expression="2+3"), "2+3 = 5", False),
        (call("kv_cache_size", model="mistral-7b"), "2 * 2 = 4 bytes", True),
        (call("search_corpus", query="4"), "= 4", False),
    ],
)
def test_arguments_are_the_same_when_what_they_compute_is(made: ToolCall, result: str, right: bool) -> None:
    assert arguments_match(NUMERIC, [made], [result]) is right
    assert arguments_match(question(), [made], [result]) is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2 * 2 = 4 GB", True),
        ("= 4,000,000,000 bytes", True),
        ("= 4,004 MB", True),
        ("= 4.02 GB", False),
        ("4 * 1 = 5 GB", False),
        ("= 4,000,000,000 s", False),
        ("about 4", False),
        ("none", False),
    ],
)
def test_a_value_counts_in_any_unit_of_its_kind(text: str, right: bool) -> None:
    assert value_match(NUMERIC, [text]) is right


def test_a_question_without_a_value_has_nothing_to_match() -> None:
    assert value_match(question(), ["4"]) is None


def test_quotes_are_recalled_by_their_words() -> None:
    assert quote_recall(question(), ["we know that two times two is four"]) == 1
    assert quote_recall(question(), ["five"]) == 0
