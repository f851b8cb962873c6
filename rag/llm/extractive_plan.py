"""Planning without a model: which tools a question needs, and how a question becomes a better query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm import extractive_intents as intents
from rag.llm.abbreviations import expand
from rag.llm.base import Message, ToolCall, ToolSpec
from rag.llm.extractive_arithmetic import find_expression, other_words
from rag.llm.extractive_follow_ups import own_part, searches
from rag.llm.formulas import FORMULAS, best_match
from rag.llm.formulas.asked import in_unit
from rag.llm.quantities import mentions, plain

CALCULATOR = "calculator"
SEARCH = "search_corpus"
MOST_CALLS = 4
"""Calls that are planned for a question."""

Planned = tuple[str, dict[str, Any]]

_HOW_MANY = re.compile(r"\b(?:how many|how much|combien)\b", re.IGNORECASE)


def plan(question: str, tools: Sequence[ToolSpec], messages: Sequence[Message] = ()) -> tuple[ToolCall, ...]:
    """The calls that ``question`` needs of the tools offered, at most ``MOST_CALLS``.

    ``messages`` are the conversation, to which ``follow_up`` may have joined it.

    Rules, in this order: a greeting, a note to keep or to find, documents to list or to read; then arithmetic
    or a formula with the question's quantities, and a search with the question, with each question in it, and
    for each side of a comparison. Empty where none of the tools they call for is offered.
    """
    offered = {tool.name for tool in tools}
    own = own_part(question, messages)
    planned = [call for call in _alone(own or question) if call[0] in offered]
    if not planned:
        # A follow-up that gives all its quantities itself takes none from the question before it.
        asked = (own, question) if own else (question,)
        computed = [call for text in asked for call in _computed(text) if call[0] in offered][:1]
        joined = searches(question, own, messages) if own and SEARCH in offered else []
        looked_up = [(SEARCH, {"query": query}) for query in joined] or list(
            _looked_up(question, offered, bool(computed))
        )
        planned = [*computed, *looked_up]
    return tuple(
        ToolCall(f"call{number}", name, arguments)
        for number, (name, arguments) in enumerate(planned[:MOST_CALLS])
    )


def rewrite(question: str, language: str) -> str:
    """A query for a question that found nothing: its content words, and abbreviations in their other form."""
    words = [word for word in re.findall(r"[\w'’.%+-]*\w", question) if content_stems(word, language)]
    return " ".join([*words, *expand(question)]) or question


def _alone(question: str) -> Iterator[Planned]:
    """Calls beside which nothing has to be looked up."""
    said = intents.greeting(question, detect_language(question))
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


def _computed(question: str) -> Iterator[Planned]:
    """What can be computed: arithmetic as it stands, else the formula whose quantities the question gives."""
    expression = find_expression(question)
    if expression:
        yield CALCULATOR, {"expression": expression}
        return
    text = plain(question)
    match = best_match(text, mentions(text), FORMULAS)
    if match is None:
        return
    if match.formula.tool:
        yield match.formula.tool, match.arguments
        return
    expression, unit = in_unit(match.expression, match.formula.gives, text, match.formula.unit)
    yield (
        CALCULATOR,
        {
            "expression": expression,
            "label": match.formula.name,
            **({"unit": unit} if unit else {}),
        },
    )


def _looked_up(question: str, offered: set[str], computed: bool) -> Iterator[Planned]:
    """The searches: the whole question first, since no rule cuts one as well as its author wrote it."""
    # One word more is the unit of the result in "how many bytes are 2 · 32 · 8", a subject elsewhere.
    units = 2 if _HOW_MANY.search(question) else 0
    if SEARCH not in offered or (computed and find_expression(question) and other_words(question) <= units):
        return
    document = intents.named_document(question)
    yield SEARCH, {"query": question}
    if document and "read_document" in offered:
        yield "read_document", {"document": document}
    compared = intents.to_compare(question)
    if compared and "compare" in offered:
        yield "compare", compared
        return
    for part in intents.parts(question, detect_language(question)):
        yield SEARCH, {"query": part}
