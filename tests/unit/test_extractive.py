"""The offline default quotes what answers, and says so where nothing does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from rag.answer.abstention import ABSTENTION, is_abstention
from rag.embedding.base import Vectors
from rag.embedding.bilingual import BilingualEmbedder
from rag.errors import ModelRefused
from rag.llm.base import ChatReply, ChatRequest, Evidence, Message, Passage, ToolSpec
from rag.llm.extractive import ExtractiveChat
from rag.llm.extractive_choice import pick
from rag.llm.extractive_decision import Weights
from rag.llm.extractive_follow_ups import FollowUp, follow_up
from rag.llm.extractive_numbers import UNCOMPUTED
from rag.llm.extractive_plan import plan, rewrite
from rag.llm.extractive_scoring import Scorer, Tuning
from rag.llm.extractive_sentences import candidates
from rag.llm.formulas import FORMULAS
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from tests.fakes import HashingEmbedder

CACHE = Passage(
    1,
    "## Size\n\nThe KV cache stores keys and values of past tokens. It grows by 131,072 bytes per token.\n\n"
    "Attention reads all of it.",
    "KV cache › Size",
    "en",
)
BREAD = Passage(2, "Sourdough bread rises for twelve hours in a cool kitchen.", "Bread", "en")
# Hashed words are less alike than sentences to a real encoder, and these texts are shorter than passages.
SHORT = Tuning(answering=Weights(1, 0, -0.2, 0, 0, 0, 0, constant=-0.15))
EAGER = Tuning(answering=Weights(0, 0, 0, 0, 0, 0, 0, constant=1))
TOOLS = (ToolSpec("search_corpus", "", {}), ToolSpec("calculator", "", {}))


async def _ask(question: str, *passages: Passage, language: str = "en") -> str:
    request = ChatRequest(
        (Message("user", question),), Deadline.after(20), evidence=Evidence(question, passages, language)
    )
    return (await ExtractiveChat(HashingEmbedder(), SHORT).complete(request)).text


async def _plan(*messages: Message, tools: tuple[ToolSpec, ...] = TOOLS) -> ChatReply:
    request = ChatRequest(messages, Deadline.after(20), tools=tools)
    return await ExtractiveChat(HashingEmbedder()).complete(request)


def _quotable(text: str, title: str = "Title") -> list[str]:
    return [candidate.text for candidate in candidates([Passage(1, text, title, "en")])]


class TestQuotableSentences:
    @pytest.mark.parametrize(
        "line",
        [
            "# A heading that could pass for a sentence.",
            "```\nprint('this is some code.')\n```",
            "| a table | with four words. |",
            "|---|---|",
            "Why does the cache grow so fast?",
            "**What happens at every step?**",
            "**A bold label of words.**",
            "lang: en and some more words.",
            "Too few words.",
            "The score sums one contribution per term:",
            "and this begins in the middle of a sentence.",
            "This one was cut before it could",
            "This was shown by others before [12].",
        ],
    )
    def test_what_is_no_sentence_of_its_own_is_left_out(self, line: str) -> None:
        kept = "Here stands one plain sentence."
        assert _quotable(f"{line}\n\n{kept}") == [kept]

    def test_list_items_are_quoted_without_their_marker(self) -> None:
        text = "- The cache holds past keys.\n2. Each layer has its own cache."
        assert _quotable(text) == ["The cache holds past keys.", "Each layer has its own cache."]

    def test_each_stands_in_its_passage_where_it_says(self) -> None:
        for candidate in candidates([CACHE, BREAD]):
            passage = (CACHE, BREAD)[candidate.passage]
            assert passage.text[candidate.start :].startswith(candidate.text)

    def test_a_question_leads_only_the_sentence_after_it(self) -> None:
        text = "**Why is it slow?** Every step reads all weights. The cache is read as well."
        assert [c.lead for c in candidates([Passage(1, text, "T", "en")])] == ["**Why is it slow?**", ""]

    def test_entries_of_a_bibliography_are_known_as_such(self) -> None:
        text = "One sentence of the body text.\n\n## Sources\n\nKwon et al. (2023) for the paged cache."
        assert [c.listed for c in candidates([Passage(1, text, "T", "en")])] == [False, True]
        assert [
            c.listed for c in candidates([Passage(1, "Kwon (2023) for the cache.", "A › Sources", "en")])
        ] == [True]


class TestAnswers:
    async def test_sentences_are_quoted_word_for_word_with_their_marker(self) -> None:
        answer = await _ask("What does the KV cache store?", BREAD, CACHE)
        assert "The KV cache stores keys and values of past tokens. [1]" in answer
        assert "Sourdough" not in answer

    async def test_line_breaks_inside_a_sentence_become_spaces(self) -> None:
        wrapped = Passage(1, "The KV cache stores\nkeys and values.", "KV cache", "en")
        assert (
            await _ask("What does the KV cache store?", wrapped) == "The KV cache stores keys and values. [1]"
        )

    async def test_what_two_passages_say_alike_is_said_once(self) -> None:
        again = Passage(2, CACHE.text, CACHE.title, "en")
        answer = await _ask("What does the KV cache store?", CACHE, again)
        assert answer.count("The KV cache stores keys") == 1

    async def test_the_sentence_after_the_best_one_goes_with_it(self) -> None:
        after = "Nobody measured that in another way."
        passage = Passage(1, f"The KV cache stores keys and values. {after} Bread is unlike it.", "T", "en")
        assert await _ask("What does the KV cache store?", passage) == (
            f"The KV cache stores keys and values. [1] {after} [1]"
        )

    @pytest.mark.parametrize(
        ("before", "follow", "language", "said"),
        [
            ("How much KV cache does Mistral 7B take for 8000 tokens?", "And with 5 shelves?", "en", True),
            ("Combien de cache KV prend Mistral 7B pour 8000 jetons ?", "Et avec 5 étagères ?", "fr", True),
            ("How much KV cache does Mistral 7B take for 8000 tokens?", "And in a year?", "en", True),
            ("How much KV cache does Mistral 7B take for 8000 tokens?", "And for 9000?", "en", False),
            ("What does the KV cache store?", "And with 5 shelves?", "en", False),
        ],
    )
    async def test_numbers_of_the_pages_are_not_told_for_those_that_were_not_computed(
        self, before: str, follow: str, language: str, said: bool
    ) -> None:
        history = (Message("user", before), Message("assistant", "1 GiB."))
        question = follow_up(follow, history)
        stated = (
            "The KV cache of Mistral 7B takes 131,072 bytes per token, on 5 cards or for 8000 tokens too."
        )
        page = replace(CACHE, text=stated, language=language)
        messages = (*history, Message("user", f"<passages>\n{question}"))
        request = ChatRequest(messages, Deadline.after(20), evidence=Evidence(question, (page,), language))
        text = (await ExtractiveChat(HashingEmbedder(), EAGER).complete(request)).text
        assert "131,072 bytes" in text
        assert text.startswith(f"{UNCOMPUTED[language]}\n") == said

    @pytest.mark.parametrize("apart", [True, False])
    async def test_quantities_that_stand_in_no_one_passage_are_said_not_to_be_computed(
        self, apart: bool
    ) -> None:
        first, second = "The KV cache of 37 shelves is kept.", "The KV cache of 41 racks is kept."
        texts = [first, second] if apart else [f"{first} {second}"]
        pages = [Passage(place, text, CACHE.title, "en") for place, text in enumerate(texts, 1)]
        question = "How many frobs does the KV cache of 37 shelves and 41 racks keep?"
        request = ChatRequest(
            (Message("user", question),), Deadline.after(20), evidence=Evidence(question, tuple(pages))
        )
        text = (await ExtractiveChat(HashingEmbedder(), EAGER).complete(request)).text
        assert "37 shelves" in text
        assert text.startswith(f"{UNCOMPUTED['en']}\n") == apart

    async def test_a_follow_up_is_answered_by_its_own_words(self) -> None:
        before, own = "What does the KV cache store?", "And how long does bread rise?"
        evidence = Evidence(f"{before} {own}", (CACHE, BREAD))
        messages = (Message("user", before), Message("assistant", "Keys and values."))
        said = [
            await ExtractiveChat(HashingEmbedder(), replace(SHORT, most=1, before=0.1)).complete(
                ChatRequest(history, Deadline.after(20), evidence=evidence)
            )
            for history in (messages, ())
        ]
        assert [reply.text.split()[0] for reply in said] == ["Sourdough", "The"]

    async def test_a_sentence_counts_by_the_reading_that_it_fits_and_not_if_it_was_said(self) -> None:
        text = "Pages hold sixteen tokens of a sequence. The size of pages bounds the waste."
        passage = Passage(1, text, "T", "en")
        found, evidence = candidates([passage]), Evidence("What is there? What is their size?", (passage,))
        scorer = Scorer(HashingEmbedder(), SHORT)

        async def scored(said: str, *readings: str) -> list[float]:
            follows = FollowUp("What is their size?", said, evidence.question, readings)
            return [float(score) for score in (await scorer.score(evidence, found, follows)).score]

        plain, read = await scored("", "their size"), await scored("", "their size", "pages size")
        assert read[1] > plain[1]
        again = await scored(found[1].text, "their size", "pages size")
        assert again[0] == pytest.approx(read[0])
        assert again[1] == pytest.approx(read[1] - SHORT.said * (1 - SHORT.said_already))

    async def test_sentences_are_compared_by_the_encoder_of_the_questions_language(self) -> None:
        asked: list[str] = []

        class Asked(HashingEmbedder):
            async def embed_query(self, text: str) -> Vectors:
                asked.append(text)
                return await super().embed_query(text)

        both = BilingualEmbedder(HashingEmbedder(), Asked(), Workers(threads=1))
        for question, language in (("What does the KV cache store?", "en"), ("Que garde le cache ?", "fr")):
            evidence = Evidence(question, (CACHE,), language)
            await Scorer(both, SHORT).score(evidence, candidates(evidence.passages))
        assert asked == ["Que garde le cache ?"]

    async def test_a_sentence_counts_for_more_in_a_passage_about_the_question(self) -> None:
        said = "The pool is emptied once a year for cleaning."
        near = "Paged attention keeps keys and values in blocks of a pool."
        far = "Swimmers share lanes by speed on weekday evenings."
        passages = (Passage(1, f"{far} {said}", "T", "en"), Passage(2, f"{near} {said}", "T", "en"))
        evidence = Evidence("Where does paged attention keep keys and values?", passages)
        found = candidates(passages)
        alike, apart = [
            (await Scorer(HashingEmbedder(), Tuning(around=around)).score(evidence, found)).relevance[[1, 3]]
            for around in (0.0, 0.3)
        ]
        assert alike[0] == pytest.approx(alike[1])
        assert apart[0] < apart[1]

    async def test_only_a_question_that_asks_much_is_answered_with_what_is_much_less_near(self) -> None:
        text = (
            "The cache keeps keys of past tokens. Lanes are shared by speed. Bread rises in a cool kitchen."
        )
        passages = (Passage(1, text, "T", "en"),)
        evidence = Evidence("Which keys of past tokens does the cache keep?", passages)
        found = candidates(passages)
        words = 5  # cache, keep, key, past, token
        quoted = [
            len(pick(await Scorer(HashingEmbedder(), tuning).score(evidence, found), passages, tuning))
            for tuning in (Tuning(long=words), Tuning(long=words + 1))
        ]
        # The best and the one that goes on from it, and here all three.
        assert quoted == [3, 2]

    async def test_a_question_asked_in_the_text_leads_to_the_sentence_after_it(self) -> None:
        reply = "The tenth occurrence of a rare name tells readers far less about topics than first ones did."
        faq = Passage(
            1,
            f"**Why does term frequency saturate?** {reply} A term has a frequency in every text.",
            "BM25",
            "en",
        )
        evidence = Evidence("Why does term frequency saturate?", (faq,))
        request = ChatRequest((), Deadline.after(20), evidence=evidence)
        best = await ExtractiveChat(HashingEmbedder(), replace(SHORT, most=1)).complete(request)
        assert best.text == f"{reply} [1]"

    async def test_a_question_in_the_text_lends_its_similarity_to_its_answer(self) -> None:
        text = (
            "**Why does term frequency saturate?** The tenth one tells readers far less than first ones did."
        )
        evidence = Evidence("Why does term frequency saturate?", (Passage(1, text, "BM25", "en"),))
        found = candidates(evidence.passages)
        lent, not_lent = [
            (await Scorer(HashingEmbedder(), Tuning(asked_before=share)).score(evidence, found)).relevance[0]
            for share in (0.9, 0.0)
        ]
        assert lent > not_lent

    async def test_a_definition_goes_before_a_mention(self) -> None:
        mention, definition = (
            "Servers know what the KV cache is.",
            "The KV cache is memory that keeps past keys around.",
        )
        passage = Passage(1, f"{mention} {definition}", "Memory", "en")
        request = ChatRequest((), Deadline.after(20), evidence=Evidence("What is the KV cache?", (passage,)))
        best = await ExtractiveChat(HashingEmbedder(), Tuning(most=1, definition=1)).complete(request)
        assert best.text == f"{definition} [1]"
        plain = await ExtractiveChat(HashingEmbedder(), Tuning(most=1, definition=0)).complete(request)
        assert plain.text == f"{mention} [1]"

    @pytest.mark.parametrize("language", ["en", "fr"])
    async def test_nothing_near_enough_is_said_in_the_questions_language(self, language: str) -> None:
        assert (
            await _ask("What is the capital of Mongolia?", CACHE, BREAD, language=language)
            == ABSTENTION[language]
        )

    async def test_what_was_to_be_read_is_quoted_whole_and_what_was_searched_for_instead_is_not(self) -> None:
        asked = "Read the section on ovens in cache.md"
        assert (await _ask(asked, CACHE)).count("[1]") == len(candidates([CACHE])) == 3
        assert "Sourdough" not in await _ask(asked, CACHE, BREAD)

    async def test_no_passages_are_no_answer(self) -> None:
        assert is_abstention(await _ask("What is the KV cache?"))

    async def test_passages_without_a_quotable_sentence_are_no_answer(self) -> None:
        assert is_abstention(await _ask("What is the KV cache?", Passage(1, "# KV cache", "KV cache", "en")))

    async def test_the_stream_joins_to_the_answer_sentence_by_sentence(self) -> None:
        evidence = Evidence("How many bytes per token does the KV cache store?", (CACHE, BREAD))
        request = ChatRequest((), Deadline.after(20), evidence=evidence)
        deltas = [delta async for delta in ExtractiveChat(HashingEmbedder(), SHORT).stream(request)]
        reply = deltas[-1].reply
        assert reply is not None
        assert "".join(delta.text for delta in deltas) == reply.text
        assert all(delta.text.rstrip().endswith("]") for delta in deltas[:-1])


class TestPlans:
    @pytest.mark.parametrize(
        ("question", "names"),
        [
            ("What is 6 * 7?", ["calculator"]),
            ("How many bytes is 6 * 7?", ["calculator"]),
            ("How much KV cache do 32 * 1000 tokens take?", ["calculator", "search_corpus"]),
            ("What is the KV cache?", ["search_corpus"]),
        ],
    )
    def test_a_question_goes_to_the_tools_it_needs(self, question: str, names: list[str]) -> None:
        assert [call.name for call in plan(question, TOOLS)] == names

    async def test_offered_tools_are_called(self) -> None:
        reply = await _plan(Message("user", "What is 6 * 7?"))
        assert reply.finish == "tool_calls"
        assert [(call.name, call.arguments) for call in reply.tool_calls] == [
            ("calculator", {"expression": "6 * 7"})
        ]

    async def test_a_required_tool_that_it_does_not_know_is_refused(self) -> None:
        request = ChatRequest(
            (Message("user", "Hello"),),
            Deadline.after(20),
            tools=(ToolSpec("send_mail", "", {}),),
            tool_choice="required",
        )
        with pytest.raises(ModelRefused, match="send_mail"):
            await ExtractiveChat(HashingEmbedder()).complete(request)


class TestNewHome:
    class Stalled(HashingEmbedder):
        """Embeds a few texts; the thousands of wordings of the formulas never end."""

        async def embed_documents(self, texts: Sequence[str]) -> Vectors:
            if len(texts) > len(FORMULAS):
                await asyncio.Event().wait()
            return await super().embed_documents(texts)

    async def test_a_question_with_numbers_does_not_wait_for_the_vectors_of_all_formulas(self) -> None:
        question = Message("user", "RRF score of rank 3 with k = 60?")
        request = ChatRequest((question,), Deadline.after(2), tools=TOOLS)
        reply = await ExtractiveChat(self.Stalled()).complete(request)
        assert [call.name for call in reply.tool_calls] == ["calculator", "search_corpus"]


class TestRewrites:
    def test_content_words_stay_and_abbreviations_get_their_other_form(self) -> None:
        assert rewrite("How does RAG help?", "en") == "RAG help retrieval-augmented generation"
        assert rewrite("What is a large language model?", "en") == "large language model LLM"
        assert rewrite("Qu'est-ce que le RGPD ?", "fr").startswith("RGPD règlement général")

    def test_a_question_without_content_words_stays_as_it_is(self) -> None:
        assert rewrite("What is this?", "en") == "What is this?"

    async def test_a_query_schema_is_filled(self) -> None:
        request = ChatRequest(
            (Message("user", "What is RRF?"),), Deadline.after(20), schema={"properties": {"query": {}}}
        )
        reply = await ExtractiveChat(HashingEmbedder()).complete(request)
        assert json.loads(reply.text) == {"query": "RRF reciprocal rank fusion"}

    @pytest.mark.parametrize("schema", [{}, {"properties": {"relevant": {"type": "boolean"}}}])
    async def test_any_other_schema_is_refused(self, schema: Mapping[str, object]) -> None:
        request = ChatRequest((Message("user", "?"),), Deadline.after(20), schema=schema)
        with pytest.raises(ModelRefused, match="query"):
            await ExtractiveChat(HashingEmbedder()).complete(request)


@pytest.mark.parametrize(
    ("text", "abstains"),
    [
        (ABSTENTION["en"], True),
        (ABSTENTION["fr"], True),
        (f"**{ABSTENTION['en'].rstrip('.')}** [1]", True),
        (f"{ABSTENTION['fr']} Désolé.", True),
        (f"{ABSTENTION['en']} However, {'the cache grows with the context. ' * 5}", False),
        (f"The cache grows. {ABSTENTION['en']}", False),
        ("", False),
    ],
)
def test_the_abstention_sentence_is_known_however_it_is_dressed(text: str, abstains: bool) -> None:
    assert is_abstention(text) is abstains
