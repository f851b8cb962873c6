"""Questions that lean on the conversation before them, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.abstention import abstention
from rag.llm.base import Message
from rag.llm.extractive_follow_ups import follow_up, own_part, read_follow_up
from rag.llm.extractive_numbers import computed
from rag.llm.extractive_plan import plan
from tests.fakes import ALL_TOOLS as ALL


class TestFollowUps:
    ANOTHER = "How does speculative decoding with a small draft model shorten the answers of a server?"
    BEFORE = (
        Message("user", "With 90 running requests, what does the HPA do?"),
        Message("assistant", "Adds 2."),
    )

    @pytest.mark.parametrize(
        ("question", "query"),
        [
            ("And why is that?", f"{BEFORE[0].content} And why is that?"),
            ("What about the scale-down?", f"{BEFORE[0].content} What about the scale-down?"),
            ("And with 63 instead of 90?", "With 63 running requests, what does the HPA do?"),
            ("What would you monitor?", f"{BEFORE[0].content} What would you monitor?"),
            ("What is 12 * 8?", "What is 12 * 8?"),
            (ANOTHER, ANOTHER),
        ],
    )
    def test_a_question_that_leans_on_the_one_before_gets_it(self, question: str, query: str) -> None:
        assert follow_up(question, (*self.BEFORE, Message("user", question))) == query

    @pytest.mark.parametrize(
        ("before", "question", "query"),
        [
            ("How does GPTQ limit rounding errors?", "And AWQ?", "How does AWQ limit rounding errors?"),
            ("What does TPOT tell me?", "What about the other one, ITL?", "What does ITL tell me?"),
            ("Que coûte un pas avec Mistral 7B ?", "Et pour Mixtral ?", "Que coûte un pas avec Mixtral ?"),
            # Of two names nobody knows which one is meant.
            ("Does GPTQ or AWQ need data?", "And NF4?", "Does GPTQ or AWQ need data? And NF4?"),
            ("Why GPTQ?", "And what is AWQ?", "Why GPTQ? And what is AWQ?"),
        ],
    )  # fmt: skip
    def test_a_question_that_only_names_another_subject_asks_the_same_of_it(
        self, before: str, question: str, query: str
    ) -> None:
        said = (Message("user", before), Message("assistant", "By columns."), Message("user", question))
        assert follow_up(question, said) == query

    def test_a_follow_up_of_a_follow_up_gets_the_question_that_both_are_about(self) -> None:
        first, then, now = "What is the logit lens?", "Can I trust it?", "Is there anything better?"
        said = tuple(Message("user", asked) for asked in (self.ANOTHER, first, then))
        joined = follow_up(now, (*said, Message("user", now)))
        assert joined == f"{first} {then} {now}"
        assert own_part(joined, said) == now

    @pytest.mark.parametrize(
        "question",
        ["What is BM25?", "Qu'est-ce que le BM25 ?", "Qu’est-ce que LoRA ?", "What is a reranker?"],
    )
    def test_a_short_question_that_says_all_is_not_joined(self, question: str) -> None:
        assert follow_up(question, self.BEFORE) == question

    def test_nothing_is_joined_to_a_question_that_found_no_answer(self) -> None:
        weather, chunking = "Will it rain in Paris tomorrow?", "Why chunking?"
        refused = (Message("user", weather), Message("assistant", abstention("en")))
        assert follow_up("How does chunking work?", refused) == "How does chunking work?"
        assert follow_up(chunking, refused) == chunking
        then = (*self.BEFORE, Message("user", "And why?"), refused[1])
        assert follow_up("And when?", then) == f"{self.BEFORE[0].content} And when?"

    def test_a_joined_question_is_joined_once_and_knows_its_own_part(self) -> None:
        joined = follow_up("And why is that?", self.BEFORE)
        assert follow_up(joined, self.BEFORE) == joined
        assert own_part(joined, self.BEFORE) == "And why is that?"
        assert own_part("How does it work?", self.BEFORE) == ""

    def test_a_joined_question_is_looked_up_whole_and_where_the_one_before_leads(self) -> None:
        joined = follow_up("And why is that? Is it costly?", self.BEFORE)
        calls = plan(joined, ALL, self.BEFORE)
        assert [call.name for call in calls] == ["search_corpus"] * 2
        assert [call.arguments for call in calls] == [
            {"query": f"{self.BEFORE[0].content} And why is that? Is it costly?"},
            {"query": "And why is that? Is it costly?", "about": self.BEFORE[0].content},
        ]

    def test_a_short_question_that_may_have_changed_the_subject_is_looked_up_by_itself_too(self) -> None:
        joined = follow_up("What would you monitor?", self.BEFORE)
        assert [call.arguments for call in plan(joined, ALL, self.BEFORE)] == [
            {"query": f"{self.BEFORE[0].content} What would you monitor?"},
            {"query": "What would you monitor?", "about": self.BEFORE[0].content},
            {"query": "What would you monitor?"},
        ]

    FIRST_FR = "La première question que j'ai de vous ici :"

    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("What did I ask first?", "The first question that I have of you here: “What is BM25?”"),
            ("What was my last question?", "Your question before: “And RRF?”"),
            ("Quelle était ma première question ?", f"{FIRST_FR} « What is BM25? »"),
            ("Qu'est-ce que j'ai demandé avant ?", "Votre question précédente : « And RRF? »"),
        ],
    )  # fmt: skip
    def test_what_was_asked_is_told_from_the_conversation(self, question: str, answer: str) -> None:
        said = [Message("user", "What is BM25?"), Message("assistant", "A."), Message("user", "And RRF?")]
        history = (*said, Message("assistant", "B."))
        joined = follow_up(question, history)
        [call] = plan(joined, ALL, (*history, Message("user", joined)))
        assert (call.name, call.arguments) == ("answer_directly", {"answer": answer})
        [call] = plan(question, ALL, (Message("user", question),))
        assert call.arguments["answer"] in ("Nothing was asked before.", "Rien n'a été demandé auparavant.")

    def test_a_sum_goes_on(self) -> None:
        history: list[Message] = [Message("user", "12 * 7?")]
        for question in ("And times 2?", "Divide that by 4", "plus 1"):
            made = follow_up(question, history)
            assert follow_up(made, history) == made
            history.append(Message("user", question))
        assert computed(made) == ("calculator", {"expression": "(((12 * 7) * 2) / 4) + 1"})
        assert follow_up("And times 2?", self.BEFORE) == f"{self.BEFORE[0].content} And times 2?"

    @given(st.text(alphabet="abcdefgh \n.?[]", max_size=80))
    def test_no_word_of_an_answer_becomes_an_argument(self, said: str) -> None:
        history = (self.BEFORE[0], Message("assistant", said))
        calls = plan(follow_up("And why is that?", history), ALL, history)
        unsaid = plan(follow_up("And why is that?", history[:1]), ALL, history[:1])
        assert [call.arguments for call in calls] == [call.arguments for call in unsaid]

    @pytest.mark.parametrize(
        "question", ["Leave that. What is a page?", "Autre chose : qu'est-ce que BM25 ?"]
    )
    def test_what_announces_another_subject_is_left_as_it_is(self, question: str) -> None:
        assert follow_up(question, self.BEFORE) == question

    def test_a_follow_up_without_quantities_has_nothing_computed(self) -> None:
        before = (Message("user", "How much is 15% of 240?"), Message("assistant", "36."))
        calls = plan(follow_up("Why is that?", before), ALL, before)
        assert {call.name for call in calls} == {"search_corpus"}

    def test_nothing_is_computed_with_two_quantities_that_may_be_the_same(self) -> None:
        card = (
            "With 24 GB of GPU memory, 14 GB of weights and 128 KiB of cache per token, how many tokens fit?"
        )
        before = (Message("user", card), Message("assistant", "76,293."))
        joined = follow_up("And with 2 GB left for activations?", before)
        assert joined.startswith(card)
        assert {call.name for call in plan(joined, ALL, before)} == {"search_corpus"}

    def test_a_follow_up_that_gives_its_quantities_takes_none_from_the_question_before(self) -> None:
        before = (Message("user", "What is 200 * 300?"), Message("assistant", "60,000."))
        joined = follow_up("And what is 12 * 8?", before)
        call = plan(joined, ALL, before)[0]
        assert (call.name, call.arguments["expression"]) == ("calculator", "12 * 8")

    def test_a_follow_up_is_read_with_each_phrase_of_what_was_said(self) -> None:
        said = (Message("user", "What is a page?"), Message("assistant", "A block of the cache. [1]"))
        read = read_follow_up(follow_up("And how large is it?", said), said)
        assert read is not None
        assert read.told == "What is a page? A block of the cache. And how large is it?"
        assert read.readings == tuple(f"And how large is {phrase}?" for phrase in ("page", "block", "cache"))

    def test_what_points_at_nothing_has_the_phrase_beside_it(self) -> None:
        said = (Message("user", "What is a page?"), Message("assistant", "A block."))
        read = read_follow_up("What is a page? How large?", said)
        assert read is not None
        assert read.readings == ("How large (page)?", "How large (block)?")

    def test_a_long_answer_before_is_taken_in_by_its_beginning(self) -> None:
        told = (self.BEFORE[0], Message("assistant", "words " * 200))
        read = read_follow_up(follow_up("And why?", told), told)
        assert read is not None
        assert len(read.said) <= 240


@pytest.mark.parametrize(
    ("question", "asks_for_the_cache"),
    [
        ("How much KV cache does Mistral 7B need for 8,192 tokens in fp16?", True),
        ("Combien de cache KV faut-il à Mixtral 8x7B pour 4 096 jetons ?", True),
        ("How large is the context window of Mistral 7B?", False),
    ],
)
def test_how_much_cache_asks_for_its_size_and_how_large_a_window_does_not(
    question: str, asks_for_the_cache: bool
) -> None:
    calls = plan(question, ALL)
    assert ("kv_cache_size" in {call.name for call in calls}) == asks_for_the_cache
