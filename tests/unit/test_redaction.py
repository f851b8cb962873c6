"""A deleted document leaves what was said: citations, passages and quoted sentences go, other words stay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.memory.redaction import REMOVED, Redaction
from agents.state import Outcome
from agents.tools.base import ToolResult
from rag.llm.base import Message, ToolCall
from rag.sentences import split_sentences
from rag.types import Answer, Chunk, Citation, Hit

GONE = "book/kv.md"
TEXT = "The KV cache of Mistral 7B takes 131,072 bytes per token. Paging removes fragmentation."
LONG, SHORT = (sentence.text for sentence in split_sentences(TEXT))
OWN = "Memory grows with the context."


@pytest.fixture
def redaction() -> Redaction:
    return Redaction({GONE: TEXT})


def citation(document: str) -> Citation:
    return Citation(1, "c", document, document, 0, 5, None, "The K", True)


def hit(document: str) -> Hit:
    return Hit(Chunk("c", document, TEXT, 0, len(TEXT)), 1.0)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{LONG} {OWN}", f"{REMOVED} {OWN}"),
        (f"{LONG} [1][2] {OWN}", f"{REMOVED} {OWN}"),
        ("The KV cache of Mistral 7B takes 131,072 bytes per token [1].", REMOVED),
        (f"So we read: the kv cache of mistral 7B takes 131,072… {OWN}", f"{REMOVED} {OWN}"),
        (f"{SHORT} {OWN}", f"{REMOVED} {OWN}"),
        (TEXT, REMOVED),
        (OWN, OWN),
        ("The KV cache of Mistral 7B is small.", "The KV cache of Mistral 7B is small."),
        ("Per token.", "Per token."),
        ("", ""),
    ],
)
def test_quoted_sentences_are_removed_and_no_others(redaction: Redaction, text: str, left: str) -> None:
    assert redaction.text(text) == left


def test_what_comes_from_the_document_goes_wherever_it_stands(redaction: Redaction) -> None:
    call = ToolCall("1", "search_corpus", {"query": "cache"})
    state: dict[str, Any] = {
        "answer": Answer(f"{LONG} {OWN}", (citation(GONE), citation("other.md"))),
        "history": [Message("user", LONG), Message("assistant", LONG)],
        "results": [Outcome(call, ToolResult(TEXT, hits=(hit(GONE), hit("other.md"))))],
        "summary": f"assistant: {LONG}",
        "question": LONG,
    }
    assert redaction.without(state) == {
        "answer": Answer(f"{REMOVED} {OWN}", (citation("other.md"),)),
        "history": [Message("user", LONG), Message("assistant", REMOVED)],
        "results": [Outcome(call, ToolResult(REMOVED, hits=(redaction.without(hit("other.md")),)))],
        "summary": REMOVED,
        "question": LONG,
    }


@given(st.text(), st.text())
def test_a_whole_document_quotes_itself_and_removing_it_twice_is_removing_it_once(a: str, b: str) -> None:
    redaction = Redaction({"d": a})
    once = redaction.text(b)
    assert redaction.text(once) == once


def test_what_holds_nothing_of_it_stays_equal(redaction: Redaction) -> None:
    state = {"answer": Answer(OWN, (citation("other.md"),)), "turns": ["1"], "degraded": [], "n": 3}
    assert redaction.without(state) == state
