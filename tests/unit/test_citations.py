"""Markers become exact quotes, and a quote that does not support its sentence is flagged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.citations import cite, listed
from rag.llm.base import Passage
from rag.sentences import split_sentences
from rag.types import Chunk, Citation, Hit

OFFSET = 40
TEXTS = (
    "The KV cache stores keys and values.\nIt takes 131,072 bytes per token. Attention reads all of it.",
    "Bread rises overnight. Sourdough needs twelve hours.",
)
DOCUMENTS = {f"doc{n}": "." * OFFSET + text for n, text in enumerate(TEXTS, 1)}
PASSAGES = [Passage(n, text, "T", "en") for n, text in enumerate(TEXTS, 1)]
HITS = [
    Hit(Chunk(f"c{n}", f"doc{n}", text, OFFSET, OFFSET + len(text), page=n), 1.0)
    for n, text in enumerate(TEXTS, 1)
]


def _cite(text: str) -> tuple[str, tuple[Citation, ...]]:
    return cite(text, PASSAGES, HITS)


def _quotes(text: str) -> list[tuple[int, str, bool]]:
    return [(c.marker, c.quote, c.supported) for c in listed(_cite(text)[1])]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A fact [1].", "A fact [1]."),
        ("A fact[1][2].", "A fact [1][2]."),
        ("A fact [1, 2].", "A fact [1][2]."),
        ("A fact [1;2] .", "A fact [1][2] ."),
        ("A fact [1-2].", "A fact [1][2]."),
        ("A fact [1 and 2].", "A fact [1][2]."),
        ("A fact [passage 2].", "A fact [2]."),
        ("A fact. [Source 1]", "A fact. [1]"),
        ("A fact【1】.", "A fact [1]."),
        ("A fact [7].", "A fact."),
        ("A fact [1, 7].", "A fact [1]."),
        ("A fact [7][1].", "A fact [1]."),
        ("A fact [0].", "A fact."),
        ("A fact [1][1].", "A fact [1]."),
        ("See [1](http://example.com).", "See [1](http://example.com)."),
        ("Take `a[1]` there.", "Take `a[1]` there."),
        ("A year [2024].", "A year [2024]."),
        ("No marker.", "No marker."),
    ],
)
def test_markers_take_one_form_and_unknown_ones_go(written: str, shown: str) -> None:
    assert _cite(written)[0] == shown


def test_a_verbatim_sentence_is_quoted_exactly_line_breaks_included() -> None:
    text = "The KV cache stores keys and values. It takes 131,072 bytes per token. [1]"
    assert _quotes(text) == [(1, "It takes 131,072 bytes per token.", True)]


def test_a_word_found_inside_another_is_no_quote() -> None:
    ((_, quote, supported),) = _quotes("oken [1].")
    assert quote != "oken"
    assert not supported


@pytest.mark.parametrize(
    ("claim", "quote", "supported"),
    [
        ("Keys and values are stored in the KV cache [1].", "The KV cache stores keys and values.", True),
        ("Each token takes 131 072 bytes [1].", "It takes 131,072 bytes per token.", True),
        ("Each token takes 131,073 bytes [1].", "It takes 131,072 bytes per token.", False),
        ("Sourdough needs twelve hours [2].", "Sourdough needs twelve hours.", True),
        ("Quantum computers factor large integers [2].", None, False),
    ],
)
def test_a_paraphrase_is_tied_to_the_nearest_sentence_and_checked(
    claim: str, quote: str | None, supported: bool
) -> None:
    ((_, quoted, held),) = _quotes(claim)
    assert quote is None or quoted == quote
    assert held is supported


def test_two_sentences_are_quoted_where_the_claim_needs_both() -> None:
    ((_, quote, supported),) = _quotes("The KV cache stores keys and values at 131,072 bytes per token [1].")
    assert quote == "The KV cache stores keys and values.\nIt takes 131,072 bytes per token."
    assert supported


def test_each_part_of_a_sentence_is_checked_against_its_own_marker() -> None:
    text = "The KV cache stores keys and values [1] while sourdough bread needs twelve hours [2]."
    assert _quotes(text) == [
        (1, "The KV cache stores keys and values.", True),
        (2, "Sourdough needs twelve hours.", True),
    ]


def test_a_marker_in_front_is_read_with_its_whole_sentence() -> None:
    text = "Bread rises. According to [1], the KV cache stores keys and values."
    assert _quotes(text) == [(1, "The KV cache stores keys and values.", True)]


def test_items_without_a_full_stop_are_separate_claims() -> None:
    text = "- the KV cache stores keys and values [1]\n- sourdough needs twelve hours [2]"
    assert [marker for marker, _, supported in _quotes(text) if supported] == [1, 2]


def test_a_citation_says_where_its_quote_stands() -> None:
    (citation,) = _cite("Bread rises overnight. [2]")[1]
    assert (citation.chunk_id, citation.document_id, citation.uri, citation.page) == ("c2", "doc2", "doc2", 2)
    assert DOCUMENTS["doc2"][citation.start : citation.end] == citation.quote


def test_a_quote_is_listed_once_for_what_it_supports_and_once_for_each_claim_that_it_does_not() -> None:
    text = (
        "Bread rises overnight. [2] Bread does not rise overnight [2]. Bread rises overnight [2]. "
        "Bread rises overnight at 40 degrees [2]."
    )
    shown = [(one.claim, one.flags) for one in listed(_cite(text)[1])]
    assert shown == [
        ("Bread rises overnight.", ()),
        ("Bread does not rise overnight", ("denial",)),
        ("Bread rises overnight at 40 degrees", ("numbers",)),
    ]
    assert {one.quote for one in _cite(text)[1]} == {"Bread rises overnight."}


def test_a_name_in_the_passage_or_its_title_is_a_name_of_the_quote() -> None:
    passage = Passage(1, TEXTS[0], "Attention › Mistral 7B", "en")
    for model, flagged in (("Mistral 7B", ()), ("Llama 2 7B", ("entities",))):
        said = f"With {model} 131,072 bytes are taken per token [1]."
        ((one,), wanted) = cite(said, [passage], HITS[:1])[1], tuple(flagged)
        assert (one.flags, one.supported) == (wanted, not wanted)


def test_only_what_is_quoted_word_for_word_has_a_similarity_before_it_is_computed() -> None:
    text = "It takes 131,072 bytes per token. [1] A token takes 131,072 bytes [1]."
    assert [one.similarity for one in _cite(text)[1]] == [1.0, None]


def test_an_answer_that_is_only_markers_claims_nothing() -> None:
    assert all(not citation.supported for citation in _cite("[1][2]")[1])


@given(st.text(alphabet="ab [12]., \n`【】(", max_size=60))
def test_every_quote_is_exact_and_what_was_cleaned_stays_clean(text: str) -> None:
    shown, citations = _cite(text)
    for citation in citations:
        assert DOCUMENTS[citation.document_id][citation.start : citation.end] == citation.quote
    assert _cite(shown)[0] == shown


@given(
    st.lists(
        st.sampled_from([(n, s.text) for n, t in enumerate(TEXTS, 1) for s in split_sentences(t)]), min_size=1
    )
)
def test_quoted_sentences_are_found_again_and_supported(said: list[tuple[int, str]]) -> None:
    text = " ".join(f"{sentence} [{marker}]" for marker, sentence in said)
    assert {(c.marker, c.quote) for c in _cite(text)[1]} == set(said)
    assert all(c.supported for c in _cite(text)[1])


def test_a_quote_from_a_joined_passage_names_the_chunk_in_which_it_stands_whole() -> None:
    text = TEXTS[0]
    cut = text.index(" Attention")
    chunks = (
        Chunk("left", "doc1", text[:cut], OFFSET, OFFSET + cut),
        Chunk("right", "doc1", text[cut:], OFFSET + cut, OFFSET + len(text)),
    )
    both = "Attention reads all of the 131,072 bytes [1]."
    (whole,) = _cite(both)[1]
    assert whole.start < OFFSET + cut < whole.end
    said = f"{both} It takes 131,072 bytes per token. [1] Attention reads all of it. [1]"
    citations = cite(said, PASSAGES[:1], HITS[:1], chunks=[chunks])[1]
    assert {citation.chunk_id for citation in citations} == {"left", "right"}
    for citation in citations:
        (holder,) = [chunk for chunk in chunks if chunk.id == citation.chunk_id]
        start = citation.start - holder.start
        assert holder.text[start : start + len(citation.quote)] == citation.quote


def test_a_marker_cannot_hide_behind_characters_that_nobody_sees() -> None:
    text, cited = cite("The board agreed [9\u200b7].", [], [])
    assert (text, cited) == ("The board agreed.", ())
