"""Planning by rule: quantities, formulas, intents, several questions in one, follow-ups."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.abstention import abstention
from rag.llm.base import Message, ToolSpec
from rag.llm.extractive_follow_ups import follow_up, own_part, read_follow_up
from rag.llm.extractive_intents import to_compare
from rag.llm.extractive_numbers import computed
from rag.llm.extractive_plan import MOST_CALLS, plan
from rag.llm.quantities import mentions, plain

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
ALL = tuple(
    ToolSpec(name, "", {})
    for name in (
        "search_corpus", "calculator", "kv_cache_size", "model_flops", "gpu_memory", "compare",
        "read_document", "list_documents", "remember", "recall", "answer_directly",
    )
)  # fmt: skip


def quantities(text: str) -> list[tuple[str, float]]:
    return [(one.kind, one.value) for one in mentions(plain(text)) if one.kind != "model"]


TICKET = ToolSpec(
    "tickets__read_ticket", "",
    {"type": "object", "properties": {
        "number": {"type": "integer"}, "due_by": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "all": {"type": ["boolean", "null"]}, "weight": {"type": "number"}, "tags": {"type": "array"},
    }},
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("Use tickets__read_ticket with number 7", {"number": 7}),
        ("Use tickets__read_ticket with number 7.", {"number": 7}),
        ("Please call the tool `tickets__read_ticket`: number=-7, all=true", {"number": -7, "all": True}),
        ('Run tickets__read_ticket {"number": 7, "weight": 2.5}', {"number": 7, "weight": 2.5}),
        ('call tickets__read_ticket with due by "1 May, noon"', {"due_by": "1 May, noon"}),
        ("Use tickets__read_ticket with due_by tomorrow.", {"due_by": "tomorrow"}),
        ("Utilise l'outil tickets__read_ticket avec number 7", {"number": 7}),
        ("Use tickets__read_ticket with number 7.5 and tags x", {}),
        ("Use tickets__read_ticket", {}),
    ],
)
def test_a_tool_is_called_by_its_name_with_the_arguments_that_are_named(
    question: str, arguments: dict[str, object]
) -> None:
    [call] = plan(question, [*ALL, TICKET])
    assert (call.name, call.arguments) == ("tickets__read_ticket", arguments)


@pytest.mark.parametrize(
    "question",
    [
        "What does tickets__read_ticket do with number 7?",
        "When should one use tickets__read_ticket?",
        "Use tickets__read_tickets with number 7",
        "Use recall with query 7",
    ],
)
def test_a_tool_that_is_only_spoken_of_is_not_called(question: str) -> None:
    assert {"tickets__read_ticket", "recall"}.isdisjoint(call.name for call in plan(question, [*ALL, TICKET]))


def test_several_tools_are_called_in_the_order_of_their_names() -> None:
    close = ToolSpec("tickets__close", "", TICKET.parameters)
    called = plan(
        "Use tickets__read_ticket with number 7, then call tickets__close with number 8", [close, TICKET]
    )
    assert [(call.name, call.arguments) for call in called] == [
        ("tickets__read_ticket", {"number": 7}),
        ("tickets__close", {"number": 8}),
    ]


@pytest.mark.parametrize(
    ("question", "name", "arguments"),
    [
        (
            "KV cache of Llama 3 8B for 32k tokens, batch 4",
            "kv_cache_size",
            {"model": "llama 3 8b", "tokens": 32000, "sequences": 4},
        ),
        ("FLOPs per token of Qwen 2.5 14B", "model_flops", {"model": "qwen 2.5 14b"}),
    ],
)
def test_a_formula_on_an_unknown_model_goes_to_its_tool_which_says_so(
    question: str, name: str, arguments: dict[str, object]
) -> None:
    [call] = plan(question, ALL)
    assert (call.name, call.arguments) == (name, arguments)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is Llama 3 8B?", ["search_corpus"]),
        (
            "KV cache memory per token of Llama 3 8B with 32 layers, 8 KV heads and head dimension 128?",
            ["kv_cache_size", "search_corpus"],
        ),
    ],
)
def test_an_unknown_model_that_need_not_be_known_changes_nothing(question: str, names: list[str]) -> None:
    called = plan(question, ALL)
    assert [call.name for call in called] == names
    assert "model" not in called[0].arguments


class TestQuantities:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("1,200 tokens and 2 048 more", [("number", 1200), ("number", 2048)]),
            ("0,30 € par million de tokens", [("price", 0.30 / 1e6)]),
            ("40 million vectors", [("number", 40e6)]),
            ("60 ms each, eight arrive per second", [("time", 0.06), ("rate", 8)]),
            ("three questions in ten", [("share", 0.3)]),
            ("9 fois sur 10", [("share", 0.9)]),
            ("half a percent", [("share", 0.005)]),
            ("16.1 GB at 3 350 Go/s", [("bytes", 16.1e9), ("bandwidth", 3350e9)]),
            ("36 euros an hour", [("wage", 36 / 3600)]),
            ("25 idle minutes", [("time", 1500)]),
            ("a bf16 cache of 4-bit codes", [("dtype", 2), ("bits", 4)]),
            ("half a minute", [("time", 30)]),
            ("third in one list, two thirds of it", [("number", 3), ("share", 2 / 3)]),
            ("2 each second, 400 go there", [("rate", 2), ("number", 400)]),
            ("en pour cent", []),
            ("an L40S, BM25 and Mixtral 8x7B", []),
        ],
    )
    def test_each_has_its_kind_and_value(self, text: str, found: list[tuple[str, float]]) -> None:
        assert quantities(text) == [(kind, pytest.approx(value)) for kind, value in found]  # type: ignore[comparison-overlap]

    @given(st.text(max_size=200) | st.text(alphabet="0123456789e+-., %/kmsGb", max_size=60))
    def test_none_stands_inside_another(self, text: str) -> None:
        found = mentions(plain(text))
        assert all(a.end <= b.start for a, b in pairwise(found))


class TestQuestionsWithNumbers:
    @pytest.mark.parametrize(
        "question",
        [
            "Why does HNSW need M = 16 links?",
            "When was GPT-2 trained on 40 GB of text?",
            "What is a KV cache?",
        ],
    )
    def test_numbers_alone_are_no_formula(self, question: str) -> None:
        assert [call.name for call in plan(question, ALL)] == ["search_corpus"]


class TestPlans:
    @pytest.mark.parametrize(
        ("question", "calls"),
        [
            ("How many bytes a token is Llama 2's KV cache?", [("kv_cache_size", {"model": "llama-2-7b"})]),
            ("Remember that we own two cards.", [("remember", {"text": "we own two cards."})]),
            ("Souviens-toi que je préfère le français", [("remember", {"text": "je préfère le français"})]),
            ("List the documents about caching", [("list_documents", {"containing": "caching"})]),
            ("Read page 2 of sheet.pdf", [("read_document", {"document": "sheet.pdf", "page": 2})]),
            ("Read page 2 of the PDF on ragas", [("read_document", {"document": "ragas", "page": 2})]),
            ("Summarise the page on chunking", [("read_document", {"document": "chunking"})]),
            ("Résume la page sur le découpage.", [("read_document", {"document": "découpage"})]),
            ("Where did I say that we work?", [("recall", {"query": "Where did I say that we work?"})]),
            ("Où ai-je dit habiter ?", [("recall", {"query": "Où ai-je dit habiter ?"})]),
            ("How is recall@k computed?", [("search_corpus", {"query": "How is recall@k computed?"})]),
            ("Which is the page on RRF?", [("search_corpus", {"query": "Which is the page on RRF?"})]),
        ],
    )  # fmt: skip
    def test_a_question_goes_to_the_tool_that_it_names(
        self, question: str, calls: list[tuple[str, dict[str, object]]]
    ) -> None:
        made = [(call.name, dict(call.arguments)) for call in plan(question, ALL)]
        assert made[: len(calls)] == calls

    def test_a_note_for_nobody_is_refused_and_not_looked_up(self) -> None:
        offered = [tool for tool in ALL if tool.name not in {"remember", "recall"}]
        [call] = plan("Remember that we own two cards.", offered)
        assert call.name == "answer_directly"
        assert "name a user" in call.arguments["answer"]

    @pytest.mark.parametrize(("said", "answer"), [("Thank you!", "You are welcome."), ("Merci", "De rien !")])
    def test_thanks_are_no_greeting(self, said: str, answer: str) -> None:
        [call] = plan(said, ALL)
        assert call.arguments == {"answer": answer}

    def test_each_of_several_sums_is_worked_out(self) -> None:
        made = plan("3 * 4 and what is 5 * 6?", ALL)
        assert [call.arguments for call in made] == [{"expression": "3 * 4"}, {"expression": "5 * 6"}]

    def test_a_comparison_is_looked_up_and_laid_side_by_side(self) -> None:
        calls = plan("What is the difference between GPTQ and AWQ?", ALL)
        assert [call.name for call in calls] == ["search_corpus", "compare"]
        assert calls[1].arguments == {"entities": ["GPTQ", "AWQ"]}

    @pytest.mark.parametrize(
        ("question", "entities"),
        [
            ("Compare RRF and DBSF.", ["RRF", "DBSF"]),
            ("Compare the KV cache with the prefix cache.", ["KV cache", "prefix cache"]),
            ("Compare AWQ, GPTQ and SmoothQuant", ["AWQ", "GPTQ", "SmoothQuant"]),
            ("Compare RRF and DBSF vs min-max", ["RRF", "DBSF", "min-max"]),
            ("Quelle est la différence entre le BM25 et le cosinus ?", ["BM25", "cosinus"]),
        ],
    )
    def test_a_comparison_names_each_side_bare(self, question: str, entities: list[str]) -> None:
        assert to_compare(question) == {"entities": entities}

    def test_several_questions_are_looked_up_each(self) -> None:
        calls = plan("What does paged attention avoid, and how do prefix caches get shared?", ALL)
        assert [call.arguments["query"] for call in calls][1:] == [
            "What does paged attention avoid?",
            "how do prefix caches get shared?",
        ]

    @pytest.mark.parametrize(
        ("question", "other"),
        [("What does paged attention avoid?", "fr"), ("Que range le cache KV pour chaque jeton ?", "en")],
    )
    def test_pages_in_the_other_language_are_searched_too_where_a_search_can_be_narrowed(
        self, question: str, other: str
    ) -> None:
        narrowed = (ToolSpec("search_corpus", "", {"properties": {"query": {}, "filters": {}}}),)
        assert [call.arguments for call in plan(question, narrowed)] == [
            {"query": question},
            {"query": question, "filters": {"language": other}},
        ]
        assert [call.arguments for call in plan(question, ALL)] == [{"query": question}]

    def test_a_tool_that_is_not_offered_is_not_called(self) -> None:
        only = (ToolSpec("search_corpus", "", {}),)
        assert [call.name for call in plan("Remember that 2 + 2 = 4", only)] == ["search_corpus"]

    @given(st.text(max_size=300))
    def test_any_text_is_planned_within_bounds(self, text: str) -> None:
        assert len(plan(text, ALL)) <= MOST_CALLS


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
