"""What is measured of one question that an agent answered: whether it is right, its tools, what it took."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from eval.agent_metrics import COMPUTING, arguments_match, quote_recall, tool_selection, value_match
from eval.answers import AnswerRow, Asked
from eval.questions import Question
from eval.text import exact_match
from rag.llm.base import ToolCall

Measured: TypeAlias = dict[str, float | None]

SHARES = ("right", "wrong", "wrong_number", "tool", "arguments")
"""Measures that are yes or no: 1 or 0."""
NUMBERS = ("quote_recall", "steps", "tool_calls", "tokens")

_MARKER = re.compile(r"\s*\[\d+\]")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d, \u00a0\u202f]*(?:[.,]\d+)?")


def measured(row: AnswerRow) -> Measured:
    """The measures of a row, ``None`` where one does not apply; a question that failed is not right.

    ``wrong`` is an answer that was given and is not right: an abstention is neither. ``wrong_number`` is one
    that states a computed number which is not the value, see there.
    """
    asked, question = row.asked, row.question
    if asked is None:
        none: Measured = dict.fromkeys((*SHARES, *NUMBERS))
        return none | {"right": 0.0, "wrong": 0.0, "quote_recall": 0.0 if question.gold else None}
    calls = [ToolCall(str(place), call.name, call.arguments) for place, call in enumerate(asked.calls)]
    arguments = arguments_match(question, calls, [call.result for call in asked.calls])
    right, abstained = is_right(question, asked), asked.answer.abstained
    usage, trace = asked.answer.usage, asked.answer.trace
    return {
        "right": float(right),
        "wrong": float(not right and not abstained),
        "wrong_number": wrong_number(question, asked),
        "tool": float(tool_selection(question, calls)),
        "arguments": None if arguments is None else float(arguments),
        "quote_recall": quote_recall(question, _quotes(asked)),
        "steps": float(sum(step.node != "act" for step in trace)),
        "tool_calls": float(len(calls)),
        "tokens": float(usage.prompt_tokens + usage.completion_tokens),
    }


def is_right(question: Question, asked: Asked) -> bool:
    """Whether an answer is right by the labels alone: a rule, not a reading.

    - unanswerable: it abstains, which is wrong everywhere else;
    - with a value: what was computed, or else the answer's text, states it within its tolerance;
    - a fact: the reference word for word, or its first number from a gold document; one without a number, and
      every other type: a gold quote is cited, half of its words or more; of several hops, each of them.
    """
    answer = asked.answer
    if answer.abstained or not question.answerable:
        return answer.abstained and not question.answerable
    if question.value is not None:
        return bool(value_match(question, _stating(asked)))
    recall = quote_recall(question, _quotes(asked)) or 0.0
    if question.type == "fact":
        text = _MARKER.sub("", answer.text)
        if exact_match(text, question.answer):
            return True
        first = _NUMBER.search(question.answer)
        if first:
            cited = {citation.document_id for citation in answer.citations}
            from_gold = bool(cited & {gold.document_id for gold in question.gold})
            return from_gold and _plain(first[0]) in {_plain(found) for found in _NUMBER.findall(text)}
    return recall == 1.0 if question.type == "multi_hop" else recall > 0


def wrong_number(question: Question, asked: Asked) -> float | None:
    """1 where a number was computed and told that is not the question's, else 0.

    To an unanswerable question any is. ``None`` where no value is known that it could be compared with.
    """
    if question.value is None and question.answerable:
        return None
    told = _computed(asked)
    return float(bool(told) and not (question.answerable and value_match(question, told)))


def _stating(asked: Asked) -> list[str]:
    """The texts that state the answer's number: a reader takes the computed one, where there is one."""
    return _computed(asked) or [_MARKER.sub("", asked.answer.text)]


def _computed(asked: Asked) -> list[str]:
    """The results of calculations that the answer tells."""
    return [
        call.result for call in asked.calls if call.name in COMPUTING and call.result in asked.answer.text
    ]


def _quotes(asked: Asked) -> Sequence[str]:
    return [] if asked.answer.abstained else [citation.quote for citation in asked.answer.citations]


def _plain(number: str) -> str:
    """A number without what groups its digits, a decimal comma as a point."""
    number = re.sub(r"[, \u00a0\u202f](?=\d{3}(?!\d))", "", number.strip())
    return number.replace(",", ".").rstrip(". ")
