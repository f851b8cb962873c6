"""Planning by rule: formulas, intents, tools called by name, several questions in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.base import ToolSpec
from rag.llm.extractive_intents import to_compare
from rag.llm.extractive_plan import MOST_CALLS, plan
from tests.fakes import ALL_TOOLS as ALL

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
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
