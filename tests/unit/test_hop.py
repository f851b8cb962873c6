"""A question of several parts: taken apart, followed through our own documents, quoted for each part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from agents.bounds import FEWEST_STEPS, Bounds
from agents.events import Done
from agents.graph import build_agent, build_chain
from agents.state import Context
from agents.tools import default_tools
from rag.answer.answerer import Answerer
from rag.index.filters import Filter
from rag.links import linked
from rag.llm.base import Evidence, Passage
from rag.llm.extractive import ExtractiveChat
from rag.llm.extractive_choice import pick
from rag.llm.extractive_decision import Weights
from rag.llm.extractive_parts import LONG, parts_of
from rag.llm.extractive_scoring import Scorer, Tuning
from rag.llm.extractive_sentences import candidates
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from rag.types import Answer, Chunk, Hit, LegScore
from tests.agents import SEARCH, Corpus, context, events, hit, nodes
from tests.fakes import HashingEmbedder

ASKED = (
    "Our team kept whichever checkpoint scored best on the public benchmark set, "
    "is that still gaming the benchmark, and how small must one p-value be under the simplest correction?"
)
GAMING = (
    "Keeping whichever checkpoint scored best games the public benchmark set; "
    "[significance](../stats/significance.md) and [a bait](../stats/bait.md) have the correction."
)
CORRECTION = "Bonferroni divides the level among all of the comparisons."
HOP = ["backtrack", "plan", "act"]


class TestLinks:
    @pytest.mark.parametrize(
        ("link", "named"),
        [
            ("b.md", ["book/rag/b.md"]),
            ("../kv/c.md#size", ["book/kv/c.md"]),
            ("a.md", []),
            ("#here", []),
            ("../../../up.md", []),
            ("https://evil.example/x.md", []),
            ("//evil.example/x.md", []),
            ("mailto:me@evil.example", []),
            ("/etc/passwd", []),
        ],
    )
    def test_a_relative_link_names_a_document_and_no_address_does(self, link: str, named: list[str]) -> None:
        assert linked(f"See [this]({link}).", "book/rag/a.md") == named


class TestParts:
    def test_the_clauses_that_ask_are_the_parts_of_a_long_question(self) -> None:
        assert parts_of(ASKED) == (
            "is that still gaming the benchmark",
            "how small must one p-value be under the simplest correction",
        )

    def test_where_no_clause_asks_the_last_one_is_the_part(self) -> None:
        words = " ".join(f"thing{number}" for number in range(LONG))
        assert parts_of(f"{words}, total cost per month") == ("total cost per month",)

    def test_a_short_question_has_none(self) -> None:
        assert parts_of("What is paging, and why does it help?") == ()


async def _picked(passages: tuple[Passage, ...], parts: tuple[str, ...]) -> list[str]:
    tuning = Tuning(most=1, most_of_parts=1)
    scored = await Scorer(HashingEmbedder(), tuning).score(
        Evidence(ASKED, passages, parts=parts), candidates(passages)
    )
    return [one.text for one in pick(scored, passages, tuning)]


async def test_each_part_of_a_question_has_a_sentence_of_its_own() -> None:
    small = "Our simplest correction divides levels among tests."
    after = "Swimmers share lanes by speed on evenings."
    passages = (Passage(1, f"{GAMING} {after} {small}", "T", "en"),)
    assert await _picked(passages, ()) == [GAMING]
    assert await _picked(passages, parts_of(ASKED)) == [GAMING, after, small]


async def test_parts_for_which_no_good_passage_has_a_sentence_are_left_out() -> None:
    empty = [Passage(number, "# A heading", "T", "en") for number in range(1, 9)]
    assert await _picked((*empty, Passage(9, CORRECTION, "T", "en")), parts_of(ASKED)) == [CORRECTION]
    listed = Passage(1, "Smith wrote of something else in a book.", "Sources", "en")
    assert await _picked((listed,), parts_of(ASKED)) == []


async def test_what_a_quoted_sentence_links_to_is_quoted_as_well() -> None:
    linking = Passage(1, GAMING, "T", "en", "book/train/hacking.md")
    for name, quoted in (("significance", [GAMING, CORRECTION]), ("other", [GAMING])):
        there = Passage(2, CORRECTION, "T", "en", f"book/stats/{name}.md")
        assert await _picked((linking, there), (ASKED,)) == quoted


class Library:
    """Two documents of a collection, one of which links to the other and to one that is not there."""

    def __init__(self) -> None:
        self.searched: list[tuple[str, tuple[str, ...]]] = []

    async def __call__(self, query: str, deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        named = dict(filter.any_of).get("document_id", ()) if filter else ()
        self.searched.append((query, named))
        texts = {"book/train/hacking.md": GAMING, "book/stats/significance.md": CORRECTION}
        return [
            Hit(
                Chunk(name, name, text, 0, len(text), metadata={"language": "en"}),
                0.5,
                {"dense": LegScore(1, 0.8), "sparse": LegScore(1, 7.0)},
            )
            for name, text in texts.items()
            if name in (named or ["book/train/hacking.md"])
        ]

    async def known(self, ids: Collection[str]) -> Collection[str]:
        return {"book/train/hacking.md", "book/stats/significance.md"}.intersection(ids)

    def context(self, bounds: Bounds | None = None) -> Context:
        chat = ExtractiveChat(HashingEmbedder(), Tuning(answering=Weights(0, 0, 0, 0, 0, 0, 0, constant=1)))
        made = context(chat, Corpus([]), bounds)
        return replace(made, planner=chat, tools=default_tools(self), known=self.known)


class Heard(Answerer):
    """Remembers the parts that it was told of."""

    def __init__(self) -> None:
        super().__init__(ExtractiveChat(HashingEmbedder()))
        self.parts: list[str] = []

    async def answer(self, *asked: Any, **more: Any) -> Answer:
        self.parts = [*more.get("parts", ())]
        return await super().answer(*asked, **more)


async def _done(graph: Any, question: str, ctx: Context) -> tuple[list[str], Done]:
    happened = await events(graph, question, ctx)
    assert isinstance(happened[-1], Done)
    return nodes(happened), happened[-1]


async def test_a_hop_searches_the_users_words_in_documents_of_the_collection_and_in_no_others() -> None:
    library = Library()
    ran, done = await _done(build_agent(), ASKED, library.context())
    assert ran.count("backtrack") == 1
    [back] = [step for step in done.answer.trace if step.node == "backtrack"]
    assert back.detail["way"] == "hop"
    hops = [(query, named) for query, named in library.searched if named]
    # The page of the bait is none of the collection's.
    assert hops[0] == (ASKED, ("book/stats/significance.md",))
    assert hops[1:] == [(part, ("book/train/hacking.md",)) for part in parts_of(ASKED)]
    assert any(CORRECTION in citation.quote for citation in done.answer.citations)


async def test_without_a_way_to_know_the_documents_no_link_is_followed() -> None:
    library = Library()
    await _done(build_agent(), ASKED, replace(library.context(), known=None))
    assert {named for _, named in library.searched} == {(), ("book/train/hacking.md",)}


async def test_a_simple_question_and_the_chain_do_not_hop() -> None:
    library = Library()
    for graph, question in ((build_agent(), "Does the best checkpoint game it?"), (build_chain(), ASKED)):
        ran, _ = await _done(graph, question, library.context())
        assert "backtrack" not in ran
    assert {named for _, named in library.searched} == {()}


async def test_only_the_agent_quotes_for_each_part() -> None:
    asked = [*parts_of(ASKED)]
    for graph, parts in ((build_agent(), asked), (build_chain(), [])):
        answerer = Heard()
        await _done(graph, ASKED, replace(Library().context(), answerer=answerer))
        assert answerer.parts == parts


async def test_what_a_model_planned_is_not_followed_by_a_hop() -> None:
    happened = await events(
        build_agent(), ASKED, context(ScriptedChat([SEARCH, "So [1]."]), Corpus([hit(0.8)]))
    )
    assert "backtrack" not in nodes(happened)


@pytest.mark.parametrize(
    "bounds", [Bounds(steps=FEWEST_STEPS), Bounds(rewrites=0), Bounds(tool_calls=4)], ids=str
)
async def test_where_a_bound_leaves_no_room_there_is_no_hop_and_nothing_is_missing(bounds: Bounds) -> None:
    ran, done = await _done(build_agent(), ASKED, Library().context(bounds))
    assert "backtrack" not in ran
    assert done.answer.degraded == ()


async def test_a_hop_makes_as_many_searches_as_the_bounds_leave() -> None:
    library = Library()
    ran, done = await _done(build_agent(), ASKED, library.context(Bounds(tool_calls=6)))
    assert len(library.searched) == ran.count("act") == 6
    assert done.answer.degraded == ()
