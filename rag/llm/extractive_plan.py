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
from rag.llm.formulas import FORMULAS, best_match
from rag.llm.formulas.asked import in_unit
from rag.llm.quantities import mentions, plain

CALCULATOR = "calculator"
SEARCH = "search_corpus"
MOST_CALLS = 4
"""Calls that are planned for a question."""

Planned = tuple[str, dict[str, Any]]

_HOW_MANY = re.compile(r"\b(?:how many|how much|combien)\b", re.IGNORECASE)
# Words that point back into the conversation.
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|that|this|these|those|one|ones|same|il|elle|ils|elles|cela|ça|celui|celle|leur"
    r"|leurs|lui|ce|ces|cette|même)\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"^\s*(?:and|but|so|why|how so|then|or|et|mais|alors|pourquoi|ou)\b", re.IGNORECASE)
# What only an earlier turn can be compared with or added to.
_LEANING = re.compile(
    r"\b(?:instead|else|though|also|still|too|more|less|rather|second|other|another|several of|such"
    r"|plutôt|aussi|encore|autre|davantage)\b|\b(?:what|how) (?:if|about)\b|^\s*(?:same|still|just)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"(?P<new>[\w.,%]+) (?:instead of|rather than|au lieu de|plutôt que) (?P<old>[\w.,%]*[\w%])",
    re.IGNORECASE,
)
_FEW, _MANY = 3, 7


def plan(question: str, tools: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    """The calls that ``question`` needs of the tools offered, at most ``MOST_CALLS``.

    Rules, in this order: a greeting, a note to keep or to find, documents to list or to read; then arithmetic
    or a formula with the question's quantities, and a search with the question, with each question in it, and
    for each side of a comparison. Empty where none of the tools they call for is offered.
    """
    offered = {tool.name for tool in tools}
    planned = [call for call in _alone(question) if call[0] in offered]
    if not planned:
        computed = [call for call in _computed(question) if call[0] in offered][:1]
        planned = [*computed, *_looked_up(question, offered, bool(computed))]
    return tuple(
        ToolCall(f"call{number}", name, arguments)
        for number, (name, arguments) in enumerate(planned[:MOST_CALLS])
    )


def follow_up(question: str, messages: Sequence[Message]) -> str:
    """``question`` with what the one before it was about, where it leans on it ("And why is that?").

    A question is taken for a follow-up that says next to nothing by itself, or little and points back.
    """
    asked = [message.content for message in messages if message.role == "user"]
    before = [one for one in asked if one != question]
    if not before or not _leans(question):
        return question
    swap = _INSTEAD.search(question)
    if swap and re.search(rf"\b{re.escape(swap['old'])}\b", before[-1]):
        return re.sub(rf"\b{re.escape(swap['old'])}\b", swap["new"], before[-1], count=1)
    return f"{before[-1]} {question}"


def rewrite(question: str, language: str) -> str:
    """A query for a question that found nothing: its content words, and abbreviations in their other form."""
    words = [word for word in re.findall(r"[\w'’.%+-]*\w", question) if content_stems(word, language)]
    return " ".join([*words, *expand(question)]) or question


def _leans(question: str) -> bool:
    length = len(content_stems(question, detect_language(question)))
    going = _GOING_ON.search(question)
    if length <= _FEW and (going or _POINTING.search(question)):
        return True
    return length <= _MANY and bool(going or _LEANING.search(question))


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
    # Of several questions in one, numbers left over belong to another step, and half a result misleads.
    if match is None or (match.unused and intents.parts(question, detect_language(question))):
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
