"""After ranking: near duplicates, diversity, and passages that grow; and what none of them may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DeadlineExceeded, UnknownChoice
from rag.ranking import build_widening
from rag.ranking.collapse import collapse
from rag.ranking.mmr import mmr
from rag.ranking.overlap import resemblance, shingles, similarities
from rag.ranking.source import Source
from rag.ranking.stage import Review
from rag.ranking.widen import Widening, neighbours, parents, widen
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.types import Chunk, Hit

WORDS = st.sampled_from(["cache", "paging", "rank", "fusion", "token", "block"])
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)


def hits(*texts: str) -> list[Hit]:
    """Hits whose scores fall from 1 in steps of 0.1, each of a document of its own."""
    return [Hit(Chunk(f"c{n}", f"d{n}", text, 0, len(text)), 1 - n / 10) for n, text in enumerate(texts)]


def ids(found: Collection[Hit]) -> list[str]:
    return [hit.chunk.id for hit in found]


def test_resemblance_is_shared_over_all_shingles() -> None:
    one, other = shingles("a b c d", 3), shingles("a b c e", 3)
    assert resemblance(one, other) == 1 / (2 + 2 - 1)
    assert resemblance(one, one) == 1
    assert resemblance(shingles("!", 3), shingles("?", 3)) == 0


def test_a_near_duplicate_goes_into_the_better_hit_which_names_it() -> None:
    same = "the cache of keys and values grows with every token that is read"
    found = collapse(hits(same, "ranks are added up", f"{same} in"), 0.8)
    assert ids(found) == ["c0", "c1"]
    assert found[0].stands_for == ("c2",)
    assert ids(collapse(hits(same, f"{same} in"), 1.0)) == ["c0", "c1"]
    assert ids(collapse(hits("a b c d", "a b c e"), 1 / 3)) == ["c0"]


@given(st.lists(TEXTS, max_size=8), st.floats(0.1, 1))
def test_collapsing_keeps_the_order_adds_nothing_names_what_is_gone_and_is_done_once(
    texts: list[str], threshold: float
) -> None:
    given_hits = hits(*texts)
    found = collapse(given_hits, threshold)
    assert ids(found) == [name for name in ids(given_hits) if name in ids(found)]
    gone = [name for hit in found for name in hit.stands_for]
    assert sorted(ids(found) + gone) == sorted(ids(given_hits))
    assert collapse(found, threshold) == found


def test_mmr_takes_what_is_new_before_what_was_said() -> None:
    given_hits = hits("a b", "a b", "c d")  # relevance 1, 0.5, 0 once brought to 0 to 1
    found = mmr(given_hits, similarities([hit.chunk.text for hit in given_hits]), 0.5)
    assert ids(found) == ["c0", "c2", "c1"]
    assert [hit.score for hit in found] == pytest.approx([0.5 * 1, 0.5 * 0 - 0.5 * 0, 0.5 * 0.5 - 0.5 * 1])


def test_mmr_takes_cosines_as_well_as_shared_words() -> None:
    vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    found = mmr(hits("x", "y", "z"), vectors @ vectors.T, 0.3)
    worth = {1: 0.3 * 0.5 - 0.7 * 0.8, 2: 0.3 * 0 - 0.7 * 0}
    assert ids(found)[1] == f"c{max(worth, key=lambda n: worth[n])}"


@given(st.lists(TEXTS, max_size=8), st.floats(0, 1))
def test_mmr_only_reorders_with_scores_that_never_rise(texts: list[str], weight: float) -> None:
    given_hits = hits(*texts)
    found = mmr(given_hits, similarities(texts), weight)
    assert sorted(ids(found)) == sorted(ids(given_hits))
    assert ids(found)[:1] == ids(given_hits)[:1]
    scores = [hit.score for hit in found]
    assert all(after <= before + 1e-12 for before, after in pairwise(scores))


@given(st.lists(TEXTS, max_size=8))
def test_mmr_that_counts_relevance_alone_changes_no_order(texts: list[str]) -> None:
    assert ids(mmr(hits(*texts), similarities(texts), 1.0)) == ids(hits(*texts))


def cut(text: str, *ends: int, parent: tuple[str | None, ...] = (), headings: tuple[str, ...] = ()) -> Source:
    """A document cut at ``ends``, with white space around a chunk left out."""
    chunks = []
    for number, (start, end) in enumerate(zip((0, *ends), (*ends, len(text)), strict=True)):
        inner = text[start:end].strip()
        at = start + text[start:end].index(inner) if inner else start
        if inner:
            chunks.append(
                Chunk(
                    f"c{number}",
                    "d",
                    inner,
                    at,
                    at + len(inner),
                    headings=(headings[number],) if headings else (),
                    page=number + 1,
                    parent_id=parent[number] if parent else None,
                )
            )
    return Source(text, chunks)


FIVE = cut("one. \n\ntwo. \n\nthree. \n\nfour. \n\nfive.", 7, 14, 23, 31)


def of(source: Source, *places: int) -> list[Hit]:
    return [Hit(source.chunks[place], 1 - rank / 10) for rank, place in enumerate(places)]


def texts(found: Collection[Hit]) -> list[str]:
    return [hit.chunk.text for hit in found]


def test_a_hit_grows_by_its_neighbours_with_what_stands_between() -> None:
    [grown] = widen(of(FIVE, 2), {"d": FIVE}, neighbours(1, 100))
    assert grown.chunk.text == "two. \n\nthree. \n\nfour."
    assert (grown.chunk.id, grown.chunk.page, grown.stands_for) == ("c2", FIVE.chunks[1].page, ())


def test_hits_that_come_to_touch_become_one_where_the_best_was() -> None:
    other = Hit(Chunk("x", "other", "x", 0, 1), 0.95)
    found = widen([of(FIVE, 4)[0], other, *of(FIVE, 1)], {"d": FIVE}, neighbours(1, 100))
    assert ids(found) == ["c4", "x"]
    assert (found[0].chunk.text, found[0].stands_for) == (FIVE.text, ("c1",))


def test_no_passage_grows_beyond_its_bound_and_no_neighbour_is_left_out_between() -> None:
    [grown] = widen(of(FIVE, 1), {"d": FIVE}, neighbours(3, len("one. \n\ntwo. \n\nthree.")))
    assert grown.chunk.text == "one. \n\ntwo. \n\nthree."
    assert texts(widen(of(FIVE, 1, 3), {"d": FIVE}, neighbours(1, 21))) == [
        "one. \n\ntwo. \n\nthree.",
        "three. \n\nfour. ".strip(),
    ]


def test_the_parent_is_what_shares_its_id_and_else_the_section() -> None:
    text, ends = FIVE.text, (7, 14, 23, 31)
    by_id = cut(text, *ends, parent=("p", "q", "q", "q", "p"))
    assert texts(widen(of(by_id, 2), {"d": by_id}, parents(100))) == ["two. \n\nthree. \n\nfour."]
    sections = cut(text, *ends, headings=("A", "A", "B", "A", "A"))
    assert texts(widen(of(sections, 0), {"d": sections}, parents(100))) == ["one. \n\ntwo."]


def test_a_hit_whose_document_is_unknown_or_has_changed_stays_as_it_is() -> None:
    changed = Source(FIVE.text.upper(), FIVE.chunks)
    assert widen(of(FIVE, 2), {"d": changed}, neighbours(1, 100)) == of(FIVE, 2)
    assert widen(of(FIVE, 2), {}, neighbours(1, 100)) == of(FIVE, 2)
    lost = Source(FIVE.text, FIVE.chunks[:2])
    assert texts(widen(of(FIVE, 2), {"d": lost}, neighbours(1, 100))) == ["three."]


@st.composite
def found_in_documents(draw: st.DrawFn) -> tuple[list[Hit], dict[str, Source]]:
    sources = {}
    for name in ("a", "b"):
        text = draw(st.text("xy .\n", min_size=1, max_size=60))
        ends = sorted(draw(st.sets(st.integers(1, len(text)), max_size=6)))
        made = cut(text, *ends, headings=tuple(draw(st.sampled_from("HK")) for _ in range(len(ends) + 1)))
        sources[name] = Source(
            text, [replace(one, id=f"{name}{one.id}", document_id=name) for one in made.chunks]
        )
    chunks = [chunk for source in sources.values() for chunk in source.chunks]
    picked = draw(st.lists(st.sampled_from(chunks), unique_by=lambda chunk: chunk.id)) if chunks else []
    return [Hit(chunk, 1 - rank / 100) for rank, chunk in enumerate(picked)], sources


@given(
    found_in_documents(),
    st.sampled_from([neighbours(1, 30), neighbours(3, 1000), parents(30), parents(1000)]),
)
def test_widening_keeps_offsets_exact_adds_no_document_keeps_the_order_and_is_done_once(
    case: tuple[list[Hit], dict[str, Source]], widening: Widening
) -> None:
    given_hits, sources = case
    found = widen(given_hits, sources, widening)
    longest = {hit.chunk.id: max(widening.most, len(hit.chunk.text)) for hit in given_hits}
    for hit in found:
        chunk = hit.chunk
        assert sources[chunk.document_id].text[chunk.start : chunk.end] == chunk.text
        assert len(chunk.text) <= longest[chunk.id]
        assert any(one.id == chunk.id and one.text in chunk.text for one in sources[chunk.document_id].chunks)
    assert ids(found) == [name for name in ids(given_hits) if name in ids(found)]
    gone = [name for hit in found for name in hit.stands_for]
    assert sorted(ids(found) + gone) == sorted(ids(given_hits))
    assert widen(found, sources, widening) == found


def test_a_widening_is_chosen_by_name() -> None:
    assert build_widening("none") is None
    assert [getattr(build_widening(kind, 2), "name", "") for kind in ("neighbours", "parents")] == [
        "neighbours(2)",
        "parents",
    ]
    with pytest.raises(UnknownChoice, match="'windows'"):
        build_widening("windows")


async def test_a_review_looks_at_its_depth_and_leaves_the_rest_behind() -> None:
    given_hits = hits("a b c", "a b c", "d e f", "a b c")
    review = Review(Workers(threads=1), near=0.9, diversity=0.5, depth=3)
    collapsed, diverse = await review.run(given_hits, Deadline.after(60))
    assert [ids(collapsed.hits), collapsed.name, diverse.name] == [["c0", "c2", "c3"], *review.steps]
    found = diverse.hits
    assert ids(found) == ["c0", "c2", "c3"]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert review.steps == ("collapse(0.9)", "mmr(0.5)")


async def test_a_review_reads_the_documents_of_its_hits_alone() -> None:
    async def sources(names: Collection[str]) -> Mapping[str, Source]:
        asked.append(set(names))
        return {"d": FIVE}

    asked: list[set[str]] = []
    review = Review(Workers(threads=1), widening=neighbours(1, 100), sources=sources, depth=1)
    [grown] = await review.run([*of(FIVE, 0), *hits("x")], Deadline.after(60))
    assert asked == [{"d"}]
    assert texts(grown.hits) == ["one. \n\ntwo.", "x"]
    assert (review.wanted(0), review.wanted(5), Review(Workers()).wanted(5)) == (1, 5, 5)


async def test_a_review_without_time_says_where_it_ended() -> None:
    review = Review(Workers(threads=1), near=0.9)
    with pytest.raises(DeadlineExceeded, match="review"):
        await review.run(hits("a"), Deadline(0.0, lambda: 1.0))
