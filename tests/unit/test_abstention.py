"""When the offline default says that nothing answers, and when a follow-up is judged by its own words."""

from __future__ import annotations

import math
from dataclasses import asdict, fields, replace

import pytest

from rag.answer.abstention import is_abstention
from rag.llm.base import ChatRequest, Evidence, Message, Passage
from rag.llm.extractive import ExtractiveChat
from rag.llm.extractive_decision import Signs, Weights, signs_of
from rag.llm.extractive_follow_ups import in_full
from rag.llm.extractive_names import missing_names
from rag.llm.extractive_scoring import Scorer, Tuning
from rag.llm.extractive_sentences import candidates
from rag.resilience.deadline import Deadline
from tests.fakes import HashingEmbedder

CACHE = Passage(1, "The KV cache stores keys and values of past tokens.", "KV cache › Size", "en")
BREAD = Passage(2, "Sourdough bread rises for twelve hours in a cool kitchen.", "Bread", "en")
# The weights are those of a real encoder: words hashed into a vector are less alike.
HASHED = Tuning(answering=Weights(1, 0, -0.2, 0, 0, 0, 0, constant=-0.3))


class TestNames:
    @pytest.mark.parametrize(
        ("question", "missing"),
        [
            ("What is the KV cache?", set()),
            ("How does Kafka store keys?", {"Kafka"}),
            ("Kafka stores what?", set()),  # a capital at the beginning is grammar
            ("I have keys. Shouldn't values do? Good keys!", set()),  # so it is after a full stop
            ("iPhone cache size?", {"iPhone"}),
            ("Does it take 70B bytes?", set()),  # a size counts something
            ("Is w4a16 smaller than 2,048 tokens of the 2000s?", {"w4a16"}),
            ("What is a key-value cache of an LLM?", {"LLM"}),
            ("Que garde l'A100 en cache ?", {"A100"}),
            ("What does max_batch do on a Monday, is it OK?", {"max_batch"}),
            ("What will tokens cost in 2031?", {"2031"}),
        ],
    )
    def test_names_that_no_passage_holds_are_missing(self, question: str, missing: set[str]) -> None:
        assert missing_names(question, (CACHE,)) == missing

    def test_a_name_is_held_in_its_long_form_or_at_the_beginning_of_a_longer_one(self) -> None:
        passage = Passage(1, "A large language model in PostgreSQL predicts tokens.", "Models", "en")
        assert missing_names("What does an LLM predict in Postgres?", (passage,)) == set()

    @pytest.mark.parametrize(
        ("question", "missing"), [("Is GPT-2 large?", set()), ("Is GPT-5 large?", {"GPT-5"})]
    )
    def test_a_name_with_a_version_is_not_held_by_another_version(
        self, question: str, missing: set[str]
    ) -> None:
        passage = Passage(1, "GPT-2 has 5 heads less than its successor, GPT 3.", "Models", "en")
        assert missing_names(question, (passage,)) == missing


class TestWeights:
    @pytest.mark.parametrize("name", [field.name for field in fields(Signs)])
    def test_the_log_odds_are_the_constant_and_each_sign_times_its_weight(self, name: str) -> None:
        none = Signs(similarity=0, around=0, missing=0, exact=False, explained=False, other=False, much=0)
        one = Signs(**{**asdict(none), name: True})
        weights = Weights()
        assert weights.score(none) == weights.constant
        assert weights.score(one) == pytest.approx(weights.constant + asdict(weights)[name])

    @pytest.mark.parametrize(
        ("question", "exact", "explained"),
        [
            ("How many keys are there?", True, False),
            ("Quelle est la taille du cache ?", False, False),
            ("Quelle taille fait le cache ?", True, False),
            ("What learning rate did they use?", True, False),
            ("How does it work?", False, True),
            ("Pourquoi deux caches ?", False, True),
            ("Which cache is it?", False, False),
        ],
    )
    def test_what_is_asked_for_is_seen_in_its_words(
        self, question: str, exact: bool, explained: bool
    ) -> None:
        signs = signs_of(Evidence(question, (CACHE,)), 0.5, 0.5, other=False)
        assert (signs.exact, signs.explained) == (exact, explained)

    def test_much_is_asked_beyond_the_words_of_a_usual_question(self) -> None:
        words = (
            "cache key value token bread oven rain moon " + "tree river stone cloud train book lamp door"
        ).split()
        much = [
            signs_of(Evidence(" ".join(words[:count]), (CACHE,)), 0.5, 0.5, other=False).much
            for count in (8, 16)
        ]
        assert much == [0, pytest.approx(math.log(2))]

    async def test_a_similarity_counts_without_what_another_language_is_given(self) -> None:
        evidence = Evidence("What does the KV cache store?", (replace(CACHE, language="fr"),))
        found = candidates(evidence.passages)
        scored = [
            await Scorer(HashingEmbedder(), replace(HASHED, across=across)).score(evidence, found)
            for across in (0.0, 0.2)
        ]
        assert scored[1].similarity == pytest.approx(scored[0].similarity)
        assert scored[1].around == pytest.approx(scored[0].around)
        assert scored[1].relevance.max() > scored[0].relevance.max()


class TestFollowUps:
    @pytest.mark.parametrize(
        ("question", "full"),
        [
            ("Who invented Python?", True),
            ("And how far is it to the moon?", True),
            ("Et quelle est la capitale de l'Australie ?", True),
            ("And on the H100?", False),
            ("And how many tokens does that one take?", False),
            ("Why is that?", False),
        ],
    )
    def test_a_question_asks_in_full_unless_it_points_back(self, question: str, full: bool) -> None:
        assert in_full(question) is full

    async def ask(self, before: str, said: str, own: str) -> str:
        messages = (Message("user", before), Message("assistant", said))
        evidence = Evidence(f"{before} {own}", (CACHE, BREAD))
        request = ChatRequest(messages, Deadline.after(20), evidence=evidence)
        return (await ExtractiveChat(HashingEmbedder(), HASHED).complete(request)).text

    async def test_one_that_asks_in_full_is_answered_whatever_came_before(self) -> None:
        told = await self.ask(
            "Which Australian towns have hosted Olympic rowing regattas?",
            "Some.",
            "What does the KV cache store?",
        )
        assert "keys and values" in told

    async def test_nor_does_what_came_before_answer_it(self) -> None:
        before = "What does the KV cache store of past tokens?"
        assert "keys and values" in await self.ask(before, "Keys.", "And why is that?")
        assert is_abstention(await self.ask(before, "Keys.", "And how far is the moon?"))
        assert is_abstention(await self.ask(before, "Keys.", "And the moon then, Selene, Luna?"))
