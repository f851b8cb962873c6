"""Arithmetic in a question is computed as written, with its units, or not at all."""

from __future__ import annotations

from math import sqrt

import pytest

from agents.tools.arithmetic import evaluate
from agents.tools.units import converted
from rag.llm.base import ToolSpec
from rag.llm.extractive_arithmetic import find_expression, find_sum
from rag.llm.extractive_functions import named_sum, sum_of
from rag.llm.extractive_numbers import computed
from rag.llm.extractive_plan import plan

OFFERED = [ToolSpec(name, name, {}) for name in ("search_corpus", "calculator")]


class TestComputed:
    @pytest.mark.parametrize(
        ("question", "value"),
        [
            ("How much is 7 % de 1 500 ?", 7 / 100 * 1500),
            ("2.5 + 2,5", 2.5 + 2.5),
            ("Combien font 2,5 * 4 ?", 2.5 * 4),
            ("Calcule 1 234,5 * 2", 1234.5 * 2),
            ("10 % de 2,5", 10 / 100 * 2.5),
            ("What is 15% of 2 million?", 15 / 100 * 2e6),
            ("What is 1,234 * 2?", 1234 * 2),
            ("5 GB / 2 MB", 5e9 / 2e6),
            ("What is 2048/8?", 2048 / 8),
            ("square root of 2", sqrt(2)),
            ("Racine carrée de 144 ?", 12),
            ("What is 1,200 squared?", 1200**2),
            ("What is the average of 3, 5 and 10?", 6),
            ("Moyenne de 2,5, 3 et 10 ?", 15.5 / 3),
            ("sum of 1,024 and 2", 1026),
        ],
    )
    def test_a_number_is_read_to_its_end(self, question: str, value: float) -> None:
        expression = sum_of(question)
        assert expression is not None
        assert evaluate(expression).value == pytest.approx(value)
        calls = plan(question, OFFERED)
        assert calls[0].name == "calculator"
        assert len(calls) == 1 or named_sum(question) is None

    @pytest.mark.parametrize(
        "question",
        ["the mean of 5 scores of 0.8", "average of 3 passages and 10 sentences", "root of 2 models"],
    )
    def test_what_is_more_than_an_operation_is_none(self, question: str) -> None:
        assert named_sum(question) is None

    @pytest.mark.parametrize(
        ("question", "value", "unit"),
        [
            ("15% of 240 GB in MiB", 0.15 * 240e9 / 2**20, "MiB"),
            ("15% of 240 GB", 0.15 * 240, "GB"),
            ("20% of 50 ms in seconds", 0.2 * 0.05, "s"),
            ("12 GB * 3", 12 * 3, "GB"),
            ("What is 2 GB + 512 MB in GB?", 2.512, "GB"),
            ("How many MiB are 3 GiB", 3 * 1024, "MiB"),
            ("Combien de Mio font 3 Gio ?", 3 * 1024, "MiB"),
            ("16 GB / 3350 GB/s in ms", 16 / 3350 * 1000, "ms"),
            ("convert 5 miles to kilometers", 5 * 1.609344, "km"),
            ("How many feet are 2 metres?", 2 / 0.3048, "feet"),
            ("Combien de grammes font 3 kg ?", 3000, "grams"),
            ("(1200 - 350) × 1,5 €", (1200 - 350) * 1.5, "EUR"),
        ],
    )
    def test_a_result_has_the_unit_asked_for_or_that_of_its_quantities(
        self, question: str, value: float, unit: str
    ) -> None:
        found = find_sum(question)
        assert found is not None
        assert found[1] == unit
        assert converted(evaluate(found[0]), unit) == pytest.approx(value)


class TestLeftAlone:
    @pytest.mark.parametrize(
        "question",
        [
            "2024-11-22",
            "What happened on 2024-11-22?",
            "22/11/2024",
            "192.168.0.1 * 2",
            "12.5.3 + 1",
            "What is 7B * 2?",
            "What is 1.5e3 * 2?",
            "3 * 4 and what is 5 * 6?",
            "What is 3 * 4 + 5 cards * 2?",
            "What is x + 3 * 4?",
            "What is sqrt(2 + 7)?",
            "What is the square root of 2 + 7?",
            "What is 3 * 4 squared?",
            "What is 100 - 5%?",
            "20% of 50 parsecs in miles",
            "What is 3 * $4?",
            "How many GiB is 2 * 1024?",
            "Calcule 1,234 * 2 en français s'il te plaît",
            "Combien font 2 billions * 3 ?",
            "How many weeks are 3 days?",
            "Right in 80% of 200 questions: standard error?",
            "10% of 500 requests fail: what is the availability?",
            "5% of 2,000 chunks are duplicates, how many remain?",
            "10 % de 500 requêtes échouent : quelle disponibilité ?",
        ],
    )
    def test_what_is_not_read_in_full_is_not_computed(self, question: str) -> None:
        assert find_expression(question) is None

    @pytest.mark.parametrize(
        "question",
        [
            "KV cache memory of Mistral 7B for 2 * 1000 tokens",
            "KV cache memory of Mistral 7B for 2^13 tokens",
            "KV cache memory of Mistral 7B for 8Q tokens",
            "KV cache memory of Mistral 7B for 1.000.000 tokens",
            "FLOPs d'entraînement d'un modèle de 7 milliards de paramètres sur 2 billions de jetons ?",
        ],
    )
    def test_nor_does_a_formula_take_its_parts(self, question: str) -> None:
        call = computed(question)
        assert call is None or (call[0] == "calculator" and "label" not in call[1])


class TestFormulas:
    def test_trillions_are_read_in_letters(self) -> None:
        for amount in ("2T", "2 trillion", "2 tn"):
            call = computed(f"FLOPs of training a 7B model on {amount} tokens?")
            assert call is not None
            assert evaluate(call[1]["expression"]).value == 6 * 7 * 10**9 * 2 * 10**12

    @pytest.mark.parametrize(
        "question",
        [
            "FLOPs to train Mistral 7B on 1 trillion tokens",
            "Combien de FLOPs pour l'entraînement de Mistral 7B sur 1000 milliards de jetons ?",
        ],
    )
    def test_training_is_not_decoding(self, question: str) -> None:
        call = computed(question)
        assert call is not None
        assert evaluate(call[1]["expression"]).value == 6 * 7_241_732_096 * 10**12
        assert computed(question, {"How many FLOPs does this model spend per token?": 1.0}) is None

    @pytest.mark.parametrize(
        ("name", "model"),
        [
            ("Mistral 7B", "mistral-7b"),
            ("Mistral", "mistral-7b"),
            ("Mixtral 8x7B", "mixtral-8x7b"),
            ("Llama 2", "llama-2-7b"),
            ("Llama-2-7B", "llama-2-7b"),
            ("Mistral 7B v0.3", "mistral-7b"),
        ],
    )
    def test_a_model_goes_by_several_names(self, name: str, model: str) -> None:
        call = computed(f"How much memory does the KV cache of {name} need for 8,000 tokens?")
        assert call == ("kv_cache_size", {"model": model, "tokens": 8000})

    @pytest.mark.parametrize(
        "name",
        ["Mistral Small 24B", "Mistral Large 2", "Llama 2 70B", "Mixtral 8x22B", "Llama 3 8B", "Qwen2.5-7B"],
    )
    def test_no_model_is_taken_for_another_of_its_family(self, name: str) -> None:
        assert computed(f"How much memory does the KV cache of {name} need for 8,000 tokens?") is None


class TestArithmetic:
    @pytest.mark.parametrize(
        ("question", "expression"),
        [
            ("What is 2*32*8*128*2?", "2*32*8*128*2"),
            ("How many bytes is 2 × 32 × 8?", "2 * 32 * 8"),
            ("What is 15% of 240?", "15 / 100 * 240"),
            ("combien font 12 fois 8 ?", "12 * 8"),
            ("what is 3 plus 4 times 2", "3 + 4 * 2"),
            ("What is (3 + 4) * 2^10?", "(3 + 4) * 2**10"),
            ("What is 1,024 * 3?", "1024 * 3"),
            ("Calcule 1 024 / 8", "1024 / 8"),
            ("17/4", "17/4"),
            ("100 - 58", "100 - 58"),
        ],
    )
    def test_arithmetic_is_found(self, question: str, expression: str) -> None:
        assert find_expression(question) == expression

    @pytest.mark.parametrize(
        "question",
        [
            "Compare 3-5 layers",
            "Is 24/7 support needed?",
            "What is 8x7B?",
            "Qwen-2.5 of 2024/05/01",
            "4-bit weights",
        ],
    )
    def test_ranges_dates_and_names_are_no_arithmetic(self, question: str) -> None:
        assert find_expression(question) is None
