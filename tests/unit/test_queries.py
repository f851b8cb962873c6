"""The query side: what a question becomes, by rule and by model, and what is left when a model fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import (
    ArdoiseError,
    ConfigurationError,
    DeadlineExceeded,
    ModelCut,
    ModelRefused,
    ModelUnavailable,
    UnknownChoice,
)
from rag.llm.base import ChatRequest, Message
from rag.llm.scripted import ScriptedChat
from rag.queries import EXPANSIONS, build_expander
from rag.queries.asking import distinct
from rag.queries.base import Queries
from rag.queries.decompose_rule import parts
from rag.queries.stage import Expansion
from rag.resilience.deadline import Deadline

TALK = (Message("user", "How large is the KV cache of Mistral 7B?"), Message("assistant", "128 KiB a token."))
BY_MODEL = ("rewrite", "multi_query", "hyde", "decompose")


def reply(*texts: str) -> str:
    return json.dumps({"texts": texts})


async def expanded(kind: str, query: str, chat: ScriptedChat | None = None, most: int = 4) -> Queries:
    return await build_expander(kind, chat=chat, most=most).expand(query, TALK, Deadline.after(60))


async def test_a_rewritten_question_takes_the_place_of_what_was_asked() -> None:
    chat = ScriptedChat([reply("Why is the KV cache of Mistral 7B so small?")])
    queries = await expanded("rewrite", "And why is it so small?", chat)
    assert queries.texts == ("Why is the KV cache of Mistral 7B so small?",)
    [request] = chat.requests
    prompt = request.messages[-1].content
    assert "user: How large is the KV cache of Mistral 7B?" in prompt
    assert "assistant: 128 KiB a token." in prompt
    assert prompt.endswith("Question: And why is it so small?\n")
    assert request.schema is not None


async def test_without_a_conversation_no_model_is_asked_to_rewrite() -> None:
    chat = ScriptedChat([])
    expander = build_expander("rewrite", chat=chat)
    assert await expander.expand("Why?", (), Deadline.after(60)) == Queries(("Why?",))
    assert chat.requests == []


async def test_by_rule_a_follow_up_is_looked_up_after_the_question_before_it() -> None:
    follow_up = "And why is it so small?"
    assert (await expanded("rewrite", follow_up)).texts == (f"{TALK[0].content} {follow_up}",)
    short = "What would you monitor?"
    assert (await expanded("rewrite", short)).texts == (f"{TALK[0].content} {short}", short)
    alone = "How does reciprocal rank fusion weigh the ranks of two retrieval legs?"
    assert await expanded("rewrite", alone) == Queries((alone,))


async def test_other_wordings_join_the_question_without_repetitions_up_to_the_most() -> None:
    chat = ScriptedChat([reply("what is  RRF", "What is rank fusion?", "How are rankings joined?")])
    assert await expanded("multi_query", "What is RRF", chat, most=3) == Queries(
        ("What is RRF", "What is rank fusion?"), why="asked in 1 other wordings"
    )


async def test_more_texts_than_were_asked_for_are_cut_off() -> None:
    chat = ScriptedChat([reply(*(f"wording {number}" for number in range(9)))])
    assert len((await expanded("multi_query", "What is RRF?", chat, most=3)).texts) == 3


async def test_a_made_up_passage_is_no_query() -> None:
    queries = await expanded("hyde", "What is RRF?", ScriptedChat([reply("RRF adds up reciprocal ranks.")]))
    assert queries.texts == ("What is RRF?",)
    assert queries.hypothetical == ("RRF adds up reciprocal ranks.",)


async def test_a_model_names_the_questions_behind_a_question() -> None:
    chat = ScriptedChat([reply("What is MFU?", "What is HFU?")])
    queries = await expanded("decompose", "MFU vs HFU: which one goes up?", chat)
    assert queries.texts == ("MFU vs HFU: which one goes up?", "What is MFU?", "What is HFU?")
    assert queries.why == "asked in 2 parts"


@pytest.mark.parametrize("kind", ["decompose", "multi_query"])
async def test_a_question_that_the_model_leaves_as_it_is_is_looked_up_once(kind: str) -> None:
    chat = ScriptedChat([reply("What is MFU?")])
    assert await expanded(kind, "What is MFU?", chat) == Queries(("What is MFU?",))
    assert await expanded(kind, "What is MFU?", most=1, chat=ScriptedChat([])) == Queries(("What is MFU?",))


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (
            "What does RRF add up, and why are its ranks robust?",
            ["What does RRF add up", "why are its ranks robust?"],
        ),
        (
            "What is the window of Mistral 7B? How large is its cache?",
            ["What is the window of Mistral 7B?", "How large is its cache?"],
        ),
        (
            "Comment la pagination évite-t-elle la fragmentation et pourquoi les blocs sont-ils petits ?",
            ["Comment la pagination évite-t-elle la fragmentation", "pourquoi les blocs sont-ils petits ?"],
        ),
        (
            "MFU vs HFU: which one goes up?",
            ["MFU: which one goes up?", "HFU: which one goes up?"],
        ),
        (
            "GPTQ or AWQ: how do they limit the damage?",
            ["GPTQ: how do they limit the damage?", "AWQ: how do they limit the damage?"],
        ),
        (
            "What is the difference between paging and slab allocation?",
            ["What is the difference paging?", "What is the difference slab allocation?"],
        ),
        ("How large is the cache of Mistral 7B, and why?", []),
        ("How does reciprocal rank fusion work?", []),
    ],
)
def test_by_rule_a_question_is_split_where_it_asks_again_or_compares(question: str, found: list[str]) -> None:
    assert parts(question) == found


async def test_by_rule_the_whole_question_is_looked_up_too_and_first() -> None:
    question = "MFU vs HFU: which one goes up?"
    assert (await expanded("decompose", question)).texts == (question, *parts(question))
    assert (await expanded("decompose", question, most=2)).texts == (question, parts(question)[0])


@given(st.lists(st.sampled_from([*"ab?.:,", " vs ", " or ", " and how ", "between ", " et "])).map("".join))
def test_parts_say_nothing_that_the_question_does_not(question: str) -> None:
    for part in parts(question):
        left = iter("".join(question.split()))
        assert all(character in left for character in "".join(part.split()))


@given(st.lists(st.text(max_size=20)), st.integers(1, 9))
def test_distinct_texts_are_bounded_and_stay_when_done_again(texts: list[str], most: int) -> None:
    once = distinct(texts, most)
    assert len(once) <= most
    assert all(once)
    assert distinct(once, most) == once


@pytest.mark.parametrize("kind", BY_MODEL)
@pytest.mark.parametrize(
    "said", ["no JSON", "[]", '{"texts": []}', '{"texts": [" "]}', '{"texts": [1]}', '{"a": 1}']
)
async def test_a_reply_of_another_form_is_refused(kind: str, said: str) -> None:
    with pytest.raises(ModelCut):
        await expanded(kind, "Why is it so small?", ScriptedChat([said]))


@pytest.mark.parametrize("kind", BY_MODEL)
async def test_a_text_without_end_is_no_text(kind: str) -> None:
    with pytest.raises(ModelCut):
        await expanded(kind, "Why is it so small?", ScriptedChat([reply("word " * 5_000)]))


@pytest.mark.parametrize("kind", BY_MODEL)
@pytest.mark.parametrize("error", [ModelUnavailable("down"), ModelCut("cut"), DeadlineExceeded("late")])
async def test_a_model_that_fails_leaves_the_question_as_it_stands(kind: str, error: ArdoiseError) -> None:
    expansion = Expansion(build_expander(kind, chat=ScriptedChat([error])))
    queries, [degraded] = await expansion.run("Why is it so small?", TALK, Deadline.after(60))
    assert queries == Queries(("Why is it so small?",))
    assert degraded.part == "expansion"
    assert str(error) in degraded.why


async def test_a_wrong_key_is_told() -> None:
    expansion = Expansion(build_expander("hyde", chat=ScriptedChat([ModelRefused("401")])))
    with pytest.raises(ModelRefused, match="401"):
        await expansion.run("What is RRF?", (), Deadline.after(60))


async def test_a_late_expander_takes_its_share_of_the_time_and_no_more() -> None:
    class Never:
        name = "never"

        async def expand(self, query: str, history: Sequence[Message], deadline: Deadline) -> Queries:
            seen.append(deadline.remaining)
            await asyncio.Event().wait()
            raise AssertionError("nobody sets the event")

    seen: list[float] = []
    queries, [degraded] = await Expansion(Never(), share=0.01).run("What is RRF?", (), Deadline.after(1))
    assert queries == Queries(("What is RRF?",))
    assert degraded.part == "expansion"
    assert seen[0] <= 0.01 * 1


async def test_the_model_is_told_how_long_it_has() -> None:
    def answer(request: ChatRequest) -> str:
        remaining.append(request.deadline.remaining)
        return reply("RRF adds up reciprocal ranks.")

    remaining: list[float] = []
    clock = [0.0]
    expansion = Expansion(build_expander("hyde", chat=ScriptedChat(answer)), share=0.25)
    await expansion.run("What is RRF?", (), Deadline(8.0, lambda: clock[0]))
    assert remaining == [0.25 * 8.0]


@pytest.mark.parametrize("kind", ["multi_query", "hyde"])
def test_what_needs_a_model_says_so(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{kind} needs a language model"):
        build_expander(kind)


def test_every_expansion_can_be_built_and_others_are_refused() -> None:
    assert [build_expander(kind, chat=ScriptedChat([])).name.split("(")[0] for kind in EXPANSIONS] == [
        *EXPANSIONS
    ]
    with pytest.raises(UnknownChoice, match="'stepback'"):
        build_expander("stepback")
