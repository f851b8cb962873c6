"""The graph: what it decides, that it ends, what it tells on the way, and what a thread remembers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import draw_graph
from agents.events import Cited, Done, NodeDone, Retracted, Token, ToolUse
from agents.graph import build_agent, build_chain
from agents.memory.sqlite import sqlite_threads
from rag.errors import BadInput, ModelUnavailable, StorageError
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.extractive import ExtractiveChat
from rag.llm.scripted import Broken, ScriptedChat
from rag.types import LegScore
from tests.agents import QUESTION, SEARCH, TEXT, Corpus, calls, context, events, hit, nodes
from tests.fakes import HASHED, HashingEmbedder

FRONT = ["understand", "route", "plan"]
END = ["answer", "verify", "finish"]


async def test_a_question_is_planned_looked_up_graded_and_answered_with_a_citation() -> None:
    chat = ScriptedChat([SEARCH, "It takes 131,072 bytes per token [1]."])
    happened = await events(
        build_agent(), "How big is the cache?", context(chat, corpus := Corpus([hit(0.8)]))
    )
    assert nodes(happened) == [*FRONT, "act", "grade", *END]
    assert corpus.queries == ["KV cache bytes per token"]
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.citations[0].quote in TEXT
    assert [event.citation for event in happened if isinstance(event, Cited)] == [*done.answer.citations]
    assert "".join(event.text for event in happened if isinstance(event, Token)) == done.answer.text
    assert [step.node for step in done.answer.trace] == nodes(happened)
    assert {*FRONT, "act", "grade", *END} <= set(done.answer.timings)


async def test_arithmetic_goes_to_the_calculator_and_needs_no_passage() -> None:
    chat = ScriptedChat([calls(("calculator", {"expression": "2 * 32 * 8 * 128 * 2"}))])
    happened = await events(build_agent(), "2*32*8*128*2?", context(chat, corpus := Corpus([])))
    assert isinstance(happened[-1], Done)
    assert happened[-1].answer.text == "2 * 32 * 8 * 128 * 2 = 131,072"
    assert corpus.queries == []
    assert ToolUse("calculator", {"expression": "2 * 32 * 8 * 128 * 2"}) in happened


async def test_thin_evidence_leads_to_one_rewrite_and_no_more() -> None:
    chat = ScriptedChat([SEARCH, json.dumps({"query": "memory of keys and values"}), "Not known [1]."])
    happened = await events(build_agent(), "How big?", context(chat, corpus := Corpus([hit(0.1)])))
    assert nodes(happened) == [*FRONT, "act", "grade", "backtrack", "plan", "act", "grade", *END]
    assert corpus.queries == ["KV cache bytes per token", "memory of keys and values"]


async def test_a_rewrite_that_changes_nothing_is_not_tried_again_and_no_bound_is_blamed() -> None:
    chat = ScriptedChat(
        lambda request: (
            calls(("search_corpus", {"query": "Weather Paris"}))
            if request.tools
            else '{"query": "Weather Paris"}'
        )
    )
    happened = await events(build_agent(), "Weather Paris", context(chat, corpus := Corpus([hit(0.1)])))
    assert nodes(happened) == [*FRONT, "act", "grade", "backtrack", "plan", "grade", *END]
    assert corpus.queries == ["Weather Paris"]
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.degraded == ()


async def test_a_rewrite_that_is_not_json_keeps_the_query() -> None:
    chat = ScriptedChat([SEARCH, "I would rather not.", "Not known [1]."])
    await events(build_agent(), "How big?", context(chat, corpus := Corpus([hit(0.1)])))
    assert corpus.queries[1] == "How big?"


async def test_a_tool_that_fails_tells_the_agent_and_stops_no_other() -> None:
    both = calls(("calculator", {"expression": "1/0"}), ("search_corpus", {"query": "cache"}))
    chat = ScriptedChat([both, "no repair", "It takes 131,072 bytes [1]."])
    happened = await events(build_agent(), "How big?", context(chat, Corpus([hit(0.8)])))
    done = happened[-1]
    assert isinstance(done, Done)
    acted = next(step for step in done.answer.trace if step.node == "act")
    assert "has no value" in acted.detail["result"]
    assert done.answer.citations
    [told] = done.answer.degraded
    assert told.part == "calculator"
    assert acted.detail["result"] == f"calculator: {told.why}"


async def test_what_was_computed_stands_before_what_the_passages_say() -> None:
    both = calls(("calculator", {"expression": "17 * 23"}), ("search_corpus", {"query": "cache"}))
    chat = ScriptedChat([both, "It takes 131,072 bytes per token [1]."])
    happened = await events(build_agent(), "17 * 23, and how big?", context(chat, Corpus([hit(0.8)])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.text == "17 * 23 = 391\nIt takes 131,072 bytes per token [1]."
    assert "".join(event.text for event in happened if isinstance(event, Token)) == done.answer.text


async def test_a_comparison_is_shown_under_the_answer_with_citations_of_its_own() -> None:
    text = "GPTQ needs data. AWQ needs less."
    both = calls(("compare", {"entities": ["GPTQ", "AWQ"]}), ("search_corpus", {"query": "GPTQ"}))
    chat = ScriptedChat([both, "GPTQ needs data [1]."])
    happened = await events(build_agent(), "GPTQ or AWQ?", context(chat, Corpus([hit(0.8, text)])))
    done = happened[-1]
    assert isinstance(done, Done)
    table = "| | GPTQ | AWQ |\n|---|---|---|\n|  | GPTQ needs data. [2] | AWQ needs less. [3] |"
    assert done.answer.text == f"GPTQ needs data [1].\n\n{table}"
    assert [(one.marker, one.quote) for one in done.answer.citations] == [
        (1, "GPTQ needs data."),
        (2, "GPTQ needs data."),
        (3, "AWQ needs less."),
    ]
    assert "| GPTQ needs data. | AWQ needs less. |" in chat.requests[-1].messages[-2].content
    assert "".join(event.text for event in happened if isinstance(event, Token)) == done.answer.text


async def test_a_table_stands_alone_when_the_passages_say_nothing() -> None:
    chat = ScriptedChat(
        [
            calls(("compare", {"entities": ["GPTQ", "AWQ"]})),
            "Nothing in this collection answers the question.",
        ]
    )
    found = hit(0.8, "GPTQ needs data. AWQ needs less.")
    happened = await events(build_agent(), "GPTQ or AWQ?", context(chat, Corpus([found])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert (done.answer.text[:16], done.answer.abstained) == ("| | GPTQ | AWQ |", False)


async def test_what_was_computed_stays_when_the_passages_say_nothing() -> None:
    both = calls(("calculator", {"expression": "17 * 23"}), ("search_corpus", {"query": "cache"}))
    chat = ScriptedChat([both, "Nothing in this collection answers the question."])
    happened = await events(build_agent(), "17 * 23, and how big?", context(chat, Corpus([hit(0.8)])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert (done.answer.text, done.answer.abstained) == ("17 * 23 = 391", False)
    assert [event for event in happened if isinstance(event, Retracted)] == []
    assert "".join(event.text for event in happened if isinstance(event, Token)) == done.answer.text
    [left] = done.answer.degraded
    assert left.why.endswith("answers: how big")


async def test_a_fact_is_told_again_when_the_model_breaks_off_after_it() -> None:
    both = calls(("calculator", {"expression": "17 * 23"}), ("search_corpus", {"query": "cache"}))

    def say(request: ChatRequest) -> Any:
        return both if request.tools else Broken("The answer is", ModelUnavailable("cut"))

    happened = await events(
        build_agent(), f"17 * 23? {QUESTION}", context(ScriptedChat(say), Corpus([hit(0.8)]))
    )
    at = next(i for i, event in enumerate(happened) if isinstance(event, Retracted))
    done = happened[-1]
    assert isinstance(done, Done)
    after = "".join(event.text for event in happened[at:] if isinstance(event, Token))
    assert after == done.answer.text
    assert after.startswith("17 * 23 = 391")


async def test_a_calculation_that_fails_is_no_answer() -> None:
    chat = ScriptedChat([calls(("calculator", {"expression": "1/0"})), "no repair", '{"query": "zero"}'])
    happened = await events(build_agent(), "1/0", context(chat, corpus := Corpus([])))
    assert corpus.queries == ["1/0", "zero"]
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.abstained
    assert "division by zero" in done.answer.text


async def test_a_sum_planned_by_the_rules_is_graded_so() -> None:
    chat = ScriptedChat(lambda request: ModelUnavailable("down"))
    happened = await events(build_agent(), "12 * 12", context(chat, Corpus([])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert (done.answer.text, done.answer.grade) == ("12 * 12 = 144", "extractive")


async def test_one_leg_alone_can_be_enough_evidence() -> None:
    found = replace(hit(0.0), legs={"sparse": LegScore(1, 7.0)})
    chat = ScriptedChat([SEARCH, "131,072 bytes [1]."])
    happened = await events(build_agent(), QUESTION, context(chat, Corpus([found])))
    assert "backtrack" not in nodes(happened)


async def test_offline_a_follow_up_is_looked_up_with_its_subject(tmp_path: Path) -> None:
    offline = ExtractiveChat(HashingEmbedder(), HASHED)
    corpus = Corpus([hit(0.8)])
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        for question in ("What does the KV cache take per token?", "And why?", "What is paging made for?"):
            await events(build_agent(threads.saver), question, context(offline, corpus))
    assert "What does the KV cache take per token? And why?" in corpus.queries
    assert not any("131,072" in query for query in corpus.queries)
    assert "What is paging made for?" in corpus.queries


@pytest.mark.parametrize(("second", "way"), [(QUESTION, "single"), ("And its use?", "decomposed")])
async def test_one_question_to_pages_in_two_languages_is_one_question(second: str, way: str) -> None:
    searches = calls(
        ("search_corpus", {"query": QUESTION}),
        ("search_corpus", {"query": second, "filters": {"language": "fr"}}),
    )
    chat = ScriptedChat([searches, "131,072 bytes [1]."])
    happened = await events(build_agent(), QUESTION, context(chat, Corpus([hit(0.8)])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert [step.detail["route"] for step in done.answer.trace if step.node == "route"] == [way]


async def test_a_tool_that_nobody_offered_is_not_called() -> None:
    chat = ScriptedChat([calls(("delete_everything", {})), "131,072 bytes [1]."])
    happened = await events(build_agent(), "How big?", context(chat, corpus := Corpus([hit(0.8)])))
    assert [event.name for event in happened if isinstance(event, ToolUse)] == ["search_corpus"]
    assert corpus.queries == ["How big?"]


async def test_the_chain_looks_up_the_question_as_it_is_and_asks_the_model_once() -> None:
    chat = ScriptedChat(["131,072 bytes [1]."])
    happened = await events(build_chain(), "How big is it?", context(chat, corpus := Corpus([hit(0.1)])))
    assert nodes(happened) == ["look_up", "act", *END]
    assert corpus.queries == ["How big is it?"]
    assert len(chat.requests) == 1


async def test_a_thread_remembers_across_processes_and_forgets_the_last_questions_work(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threads.sqlite"
    scripts: dict[str, list[str | ChatReply]] = {
        "How big is the cache?": [SEARCH, "131,072 bytes [1]."],
        "And why?": ['{"query": "Why is the cache so big?"}', SEARCH, "131,072 bytes [1]."],
    }
    for question, script in scripts.items():
        chat = ScriptedChat(script)
        async with sqlite_threads(path) as threads:
            graph = build_agent(threads.saver)
            happened = await events(graph, question, context(chat, Corpus([hit(0.8)])))
    said = ["How big is the cache?", "131,072 bytes [1]."]
    assert [message.content for message in chat.requests[0].messages[1:]] == [*said, "And why?"]
    assert [message.content for message in chat.requests[1].messages[1:]] == [
        *said,
        "Why is the cache so big?",
    ]
    done = happened[-1]
    assert isinstance(done, Done)
    assert len(done.answer.trace) == len([*FRONT, "act", "grade", *END])


async def test_two_threads_do_not_hear_each_other(tmp_path: Path) -> None:
    async with sqlite_threads(tmp_path / "threads.sqlite") as threads:
        for thread in ("one", "two"):
            chat = ScriptedChat([SEARCH, "131,072 bytes [1]."])
            await events(
                build_agent(threads.saver),
                f"Question of {thread}?",
                context(chat, Corpus([hit(0.8)])),
                thread,
            )
    assert [message.content for message in chat.requests[0].messages[1:]] == ["Question of two?"]


async def test_a_conversation_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite"
    path.write_text("this is not a database, and it is long enough to be read as one" * 20)
    with pytest.raises(StorageError, match=r"threads\.sqlite"):
        async with sqlite_threads(path):
            pytest.fail("it opened")


@pytest.mark.parametrize("question", ["", "  \n ", "x" * 100_000])
async def test_an_empty_or_endless_question_is_refused(question: str) -> None:
    with pytest.raises(BadInput):
        await events(build_agent(), question, context(ScriptedChat([]), Corpus([])))


async def test_a_call_with_wrong_arguments_is_repaired_once() -> None:
    wrong, right = calls(("calculator", {"formula": "2*3"})), calls(("calculator", {"expression": "2*3"}))
    chat = ScriptedChat([wrong, right])
    happened = await events(build_agent(), "2*3", context(chat, Corpus([])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.text == "2*3 = 6"
    [acted] = [step for step in done.answer.trace if step.node == "act"]
    assert acted.detail["repaired"] == {"formula": "2*3"}
    assert "there is no such argument" in chat.requests[1].messages[-1].content
    assert [tool.name for tool in chat.requests[1].tools] == ["calculator"]


async def test_what_needs_no_document_is_answered_at_once() -> None:
    chat = ScriptedChat([calls(("answer_directly", {"answer": "You are welcome."}))])
    happened = await events(build_agent(), "Thanks!", context(chat, corpus := Corpus([])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert (done.answer.text, done.answer.abstained, corpus.queries) == ("You are welcome.", False, [])
    assert nodes(happened) == ["understand", "route", *END]


async def test_what_no_document_can_know_is_abstained_from() -> None:
    chat = ScriptedChat([calls(("out_of_scope", {}))])
    happened = await events(build_agent(), "Book me a table.", context(chat, corpus := Corpus([])))
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.abstained
    assert corpus.queries == []


async def test_several_questions_in_one_are_searched_side_by_side_and_interleaved() -> None:
    other = replace(hit(0.9), chunk=replace(hit(0.9).chunk, id="c2"))
    chat = ScriptedChat(
        [calls(("search_corpus", {"query": "a"}), ("search_corpus", {"query": "b"})), "Both [1] [2]."]
    )
    corpus = Corpus([hit(0.8), hit(0.7)], [other])
    happened = await events(build_agent(), "a? b?", context(chat, corpus))
    done = happened[-1]
    assert isinstance(done, Done)
    assert sorted(corpus.queries) == ["a", "b"]
    assert nodes(happened) == [*FRONT, "act", "act", "grade", *END]
    assert {found.chunk.id for found in done.hits} == {"c1", "c2"}


async def test_a_filter_that_leaves_too_little_is_dropped_before_the_words_are_changed() -> None:
    chat = ScriptedChat(
        [calls(("search_corpus", {"query": "cache", "filters": {"language": "fr"}})), "So [1]."]
    )
    corpus = Corpus([hit(0.1)], [hit(0.8)])
    happened = await events(build_agent(), "How big is it?", context(chat, corpus))
    [back] = [
        event.step for event in happened if isinstance(event, NodeDone) and event.step.node == "backtrack"
    ]
    assert back.detail["way"] == "widen"
    assert corpus.queries == ["cache", "How big is it?"]


async def test_a_filter_is_not_dropped_where_the_same_was_searched_without_it() -> None:
    narrowed = ("search_corpus", {"query": "cache", "filters": {"language": "fr"}})
    chat = ScriptedChat(
        [calls(("search_corpus", {"query": "cache"}), narrowed), '{"query": "memory"}', "So [1]."]
    )
    happened = await events(
        build_agent(), "How big is it?", context(chat, Corpus([hit(0.1)], [], [hit(0.8)]))
    )
    ways = [
        event.step.detail["way"]
        for event in happened
        if isinstance(event, NodeDone) and event.step.node == "backtrack"
    ]
    assert ways == ["rewrite"]


def test_the_pictures_of_the_graphs_are_fresh() -> None:
    page = draw_graph.PAGE.read_text(encoding="utf-8")
    assert draw_graph.refreshed(page) == page, "run python infra/scripts/draw_graph.py"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("KV cache of Llama 3 8B for 32k tokens, batch 4", "'llama 3 8b' is no model known here"),
        ("10 divided by 0", "zero"),
    ],
)
async def test_what_rules_cannot_compute_is_said_and_not_made_up_for_by_passages(
    question: str, says: str
) -> None:
    ctx = context(ScriptedChat([]), corpus := Corpus([hit(0.8)]))
    happened = await events(build_agent(), question, replace(ctx, chat=ctx.planner))
    done = happened[-1]
    assert isinstance(done, Done)
    assert says in done.answer.text
    assert (done.answer.abstained, done.answer.citations, corpus.queries) == (True, (), [])
