"""Planning without a model: which tools a question needs, and how a question becomes a better query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm import extractive_intents as intents
from rag.llm.abbreviations import expand
from rag.llm.base import Message, ToolCall, ToolSpec
from rag.llm.extractive_arithmetic import find_expression, other_words
from rag.llm.extractive_follow_ups import asked_before, own_part, searches
from rag.llm.extractive_functions import named_sum
from rag.llm.extractive_models import of_unknown_model
from rag.llm.extractive_named import named_calls
from rag.llm.extractive_numbers import CALCULATOR, Earlier, computed, computed_in_turn

SEARCH = "search_corpus"
MOST_CALLS = 5
"""Calls that are planned for a question."""

Planned = tuple[str, dict[str, Any]]

# What is nearest to a question is mostly in its language, also where the answer is in the other one.
_OTHER_LANGUAGE = {"en": "fr", "fr": "en"}
_HOW_MANY = re.compile(r"\b(?:how many|how much|combien)\b", re.IGNORECASE)


def plan(
    question: str,
    tools: Sequence[ToolSpec],
    messages: Sequence[Message] = (),
    alike: Mapping[str, float] | None = None,
    before: Earlier | None = None,
) -> tuple[ToolCall, ...]:
    """The calls that ``question`` needs of the tools offered, at most ``MOST_CALLS``.

    ``messages`` are the conversation, to which ``follow_up`` may have joined it; ``alike`` is its likeness to
    what each formula answers, see ``formulas.likeness``; ``before`` is what it goes on from, if a formula
    answered that.

    Rules, in this order: tools called by their names; a greeting, a note to keep or to find, documents to
    list or to read; then arithmetic or a formula with the question's quantities, and a search with the
    question, the same among the pages in the other language, with each question in it, and for each side of a
    comparison. Empty where none of the tools they call for is offered.
    """
    offered = {tool.name for tool in tools}
    filters = any("filters" in tool.parameters.get("properties", {}) for tool in tools if tool.name == SEARCH)
    own = own_part(question, messages)
    planned = named_calls(own or question, tools)
    if not planned and "answer_directly" in offered and (said := asked_before(own or question, messages)):
        planned = [("answer_directly", {"answer": said})]
    planned = planned or [call for call in _alone(own or question, offered) if call[0] in offered]
    if not planned and (call := of_unknown_model(own or question, alike)) and call[0] in offered:
        planned = [call]
    if not planned:
        call = computed_in_turn(question, own, alike, before)
        worked_out = _sums(own or question, offered) or ([call] if call and call[0] in offered else [])
        joined = searches(question, own) if own and SEARCH in offered else []
        looked_up: list[Planned] = [(SEARCH, dict(search)) for search in joined] or list(
            _looked_up(question, offered, filters, bool(worked_out))
        )
        planned = [*worked_out, *looked_up]
    return tuple(
        ToolCall(f"call{number}", name, arguments)
        for number, (name, arguments) in enumerate(planned[:MOST_CALLS])
    )


def rewrite(question: str, language: str) -> str:
    """A query for a question that found nothing: its content words, and abbreviations in their other form."""
    words = [word for word in re.findall(r"[\w'’.%+-]*\w", question) if content_stems(word, language)]
    return " ".join([*words, *expand(question)]) or question


def _alone(question: str, offered: set[str]) -> Iterator[Planned]:
    """Calls beside which nothing has to be looked up."""
    language = detect_language(question)
    said = intents.greeting(question, language)
    if offered.isdisjoint({"remember", "recall"}) and intents.to_remember(question) is not None:
        said = intents.nobody_to_remember(language)
    if said:
        yield "answer_directly", {"answer": said}
    for name, arguments in (
        ("remember", intents.to_remember(question)),
        ("recall", intents.to_recall(question)),
        ("list_documents", intents.to_list(question)),
        ("read_document", intents.to_read(question)),
    ):
        if arguments is not None:
            yield name, arguments


def _sums(question: str, offered: set[str]) -> list[Planned]:
    """Each of several sums in one question; empty where there are not several."""
    pieces = [piece for piece in intents.pieces(question) if find_expression(piece)]
    sums = [call for piece in pieces if (call := computed(piece)) is not None]
    return sums if len(sums) > 1 and CALCULATOR in offered else []


def _looked_up(question: str, offered: set[str], filters: bool, worked_out: bool) -> Iterator[Planned]:
    """The searches: the whole question first, since no rule cuts one as well as its author wrote it."""
    # One word more is the unit of the result in "how many bytes are 2 · 32 · 8", a subject elsewhere.
    units = 2 if _HOW_MANY.search(question) else 0
    only_sums = bool(named_sum(question)) or all(
        find_expression(piece) and other_words(piece) <= units for piece in intents.pieces(question)
    )
    if SEARCH not in offered or (worked_out and only_sums):
        return
    document = intents.named_document(question)
    yield SEARCH, {"query": question}
    language = detect_language(question)
    if filters and (other := _OTHER_LANGUAGE.get(language)):
        yield SEARCH, {"query": question, "filters": {"language": other}}
    if document and "read_document" in offered:
        yield "read_document", {"document": document}
    compared = intents.to_compare(question)
    if compared and "compare" in offered:
        yield "compare", compared
        return
    for part in intents.parts(question, language):
        yield SEARCH, {"query": part}
