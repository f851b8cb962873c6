"""Formulas as data: each has a value and a page, and a question finds its own or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from math import ceil, log, sqrt
from pathlib import Path

import numpy as np
import pytest

from agents.tools.arithmetic import evaluate
from rag.embedding import build_embedder
from rag.embedding.base import Vectors
from rag.embedding.bilingual import BilingualEmbedder
from rag.errors import ToolError
from rag.language import detect_language
from rag.llm.extractive_numbers import computed
from rag.llm.formulas import FORMULAS, best_match
from rag.llm.formulas.asked import asks_for, in_unit
from rag.llm.formulas.base import Formula, Match, n, of
from rag.llm.formulas.french import ALIKE, UNITS, french_name
from rag.llm.formulas.guards import is_possible
from rag.llm.formulas.likeness import Likeness
from rag.llm.quantities import Mention, mentions, plain
from rag.resilience.workers import Workers
from tests.fakes import HashingEmbedder

TESTS = Path(__file__).parents[1]
HANDBOOK = TESTS.parent / "docs" / "handbook"
ASKED = (TESTS / "unit" / "paraphrases.tsv", TESTS / "handbook_numbers" / "questions.tsv")


def read(question: str) -> tuple[str, list[Mention]]:
    return plain(question), mentions(plain(question))


class TestFormulas:
    @pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
    def test_each_computes_from_its_quantities_or_names_its_tool(self, formula: Formula) -> None:
        # Shares are below one, counts above, and rates of learning below: a formula takes some of them.
        for shares, others in (("{0}", "{0}"), ("1/{0}", "1/{0}"), ("1/{0}", "{0}")):
            given = {
                name: (shares if slot.kind == "share" else others).format(place + 3)
                for place, (name, slot) in enumerate(formula.slots.items())
            }
            given |= {f"{name}_count": "2" for name, slot in formula.slots.items() if slot.many}
            with contextlib.suppress(ToolError):
                assert formula.tool or evaluate(Match(formula, given).expression)
                return
        pytest.fail(f"{formula.expression} has no value")

    @pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
    def test_each_stands_on_a_page_of_the_handbook_and_answers_a_question(self, formula: Formula) -> None:
        assert (HANDBOOK / formula.page).is_file()
        assert all(asked.endswith("?") for asked in formula.wordings)

    @pytest.mark.parametrize(
        "question",
        [
            "How many 80 GB GPUs does it take to serve a 70B model, fully sharded?",
            "GPU memory Mistral 7B needs for inference in full fp16 on 2 GPUs?",
            "What is the F2 score when precision is 0.8 and recall 0.6?",
            "What is the F0.5 of a precision of 0.8 and a recall of 0.6?",
            "3 replicas at 99% each, two of them needed: what is the availability?",
            "A service gets 5 requests per second: how many requests is that per day?",
            "How many times smaller is the cache of 8 KV heads than of 32 query heads per month?",
        ],
    )
    def test_what_a_formula_knows_nothing_of_keeps_it_from_a_number(self, question: str) -> None:
        assert best_match(*read(question), FORMULAS) is None
        for formula in FORMULAS:
            match = best_match(*read(question), [formula], {formula.name: 1.0})
            assert match is None or formula.tool or "train" not in formula.name

    @pytest.mark.parametrize(
        ("formula", "possible"),
        [
            (Formula("share", "", "", (), {}, "6/5", "share"), False),
            (Formula("share", "", "", (), {}, "1-1/3", "share"), True),
            (Formula("growth", "", "", (), {}, "6/5", "share", bounds=(0.0, 2.0)), True),
            (Formula("count", "", "", (), {}, "3-5", unit="GPUs"), False),
            (Formula("change", "", "", (), {}, "3-5"), True),
            (Formula("pieces", "", "", (), {}, "ceil((400-6000)/(6000-50))+1"), False),
            (Formula("turn", "", "", (), {}, "-2*pi+log(1)", bounds=(-7.0, 0.0)), True),
            (Formula("none", "", "", (), {}, "1/0"), False),
            (Formula("ways", "", "", (), {}, "comb(10, 2.5)"), False),
        ],
    )
    def test_an_impossible_result_is_not_told(self, formula: Formula, possible: bool) -> None:
        assert is_possible(Match(formula, {})) == possible

    @pytest.mark.parametrize(
        ("question", "flops", "unit"),
        [
            ("How many GPU days to train {} with 256 GPUs at 400 TFLOP/s sustained?", 400e12, "GPU-days"),
            ("How many days to train {} with 256 GPUs at 400 TFLOP/s sustained?", 256 * 400e12, "days"),
            ("Combien de jours-GPU pour entraîner {}, à 400 TFLOP/s soutenus ?", 400e12, "jours-GPU"),
            ("How many GPU-hours to train {} at 40% utilisation of 1 PFLOP/s?", 400e12, "GPU-hours"),
        ],
    )
    def test_time_of_cards_is_not_time_on_the_clock(self, question: str, flops: float, unit: str) -> None:
        french = unit.endswith("GPU")
        trained = (
            "7 milliards de paramètres sur 2 000 milliards de jetons" if french else "a 7B model on 2T tokens"
        )
        call = computed(question.format(trained))
        assert call is not None
        assert call[1]["unit"] == unit
        hours = 6 * 7e9 * 2e12 / flops / 3600
        value = hours if "hours" in unit else hours / 24
        assert float(evaluate(call[1]["expression"]).value) == pytest.approx(value)

    def test_three_slots_are_put_in_order(self) -> None:
        question = "Chunks of 400 tokens with an overlap of 50, a document of 6,000 tokens: how many chunks?"
        match = best_match(*read(question), FORMULAS)
        assert match is not None
        assert evaluate(match.expression).value == ceil((6000 - 400) / (400 - 50)) + 1

    @pytest.mark.parametrize(
        ("question", "value"),
        [
            ("How many words are 3,000 tokens at 0.75 words per token?", 3000 * 0.75),
            ("How many tokens are 3,000 words at 0.75 words per token?", 3000 / 0.75),
            ("How many tokens are 3,000 words at 1.5 tokens per word?", 3000 * 1.5),
            ("How many 80 GB GPUs hold the weights of a 70B model in fp16?", ceil(70 * 2 / 80)),
            ("Kappa if a judge agrees on 80% of cases where chance agreement is 50%?", 0.6),
        ],
    )
    def test_the_unit_of_a_rate_and_the_words_beside_it_decide(self, question: str, value: float) -> None:
        match = best_match(*read(question), FORMULAS)
        assert match is not None
        assert float(evaluate(match.expression).value) == pytest.approx(value)

    @pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
    def test_each_has_a_unit_with_a_french_name(self, formula: Formula) -> None:
        words = set(formula.unit.replace("/", " ").split()) - UNITS.keys() - ALIKE
        assert words <= {"s"}, "say in rag/llm/formulas/french.py how they are called"

    @pytest.mark.parametrize(
        ("question", "label", "unit"),
        [
            (
                "Combien de poids dans le SwiGLU d'une couche de largeur 4096 et de largeur cachée 14336 ?",
                "Trois matrices par réseau feed-forward : combien de paramètres ",
                "paramètres",
            ),
            (
                "Un objectif de 99,9 % : combien d'heures de panne en 30 jours ?",
                "Combien de panne permet un objectif de disponibilité ",
                "heures",
            ),
        ],
    )
    def test_a_french_question_is_told_in_french_what_was_computed(
        self, question: str, label: str, unit: str
    ) -> None:
        call = computed(question)
        assert call is not None
        assert (call[1]["label"], call[1]["unit"]) == (label, unit)

    @pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
    def test_each_is_named_within_what_the_calculator_takes(self, formula: Formula) -> None:
        assert 0 < len(french_name(formula)) <= 120
        assert len(formula.name) <= 120

    def test_no_two_have_the_same_name(self) -> None:
        assert len({formula.name for formula in FORMULAS}) == len(FORMULAS)

    @pytest.mark.parametrize(
        ("question", "value"),
        [
            ("How many pairs stay visible under a causal mask over 100 tokens?", 100 * 101 / 2),
            ("A LoRA adapter of rank 8 on a 1,024 by 2,048 matrix has how many weights?", 8 * (1024 + 2048)),
            ("Distance of two unit vectors with cosine 0.5?", sqrt(2 - 2 * 0.5)),
            ("Best of 16 answers: how many nats of KL?", log(16) - 15 / 16),
            ("12 étages et 4 micro-lots : quelle part de bulle ?", 11 / 15),
        ],
    )
    def test_a_question_with_its_quantities_is_computed(self, question: str, value: float) -> None:
        match = best_match(*read(question), FORMULAS)
        assert match is not None
        assert float(evaluate(match.expression).value) == pytest.approx(value)

    def test_a_name_goes_with_the_quantity_beside_it_and_not_beyond(self) -> None:
        match = best_match(
            *read("Pipeline with stages 12 micro-batches 4: what share is the bubble?"), FORMULAS
        )
        assert match is not None
        assert match.literals == {"p": "12", "m": "4"}

    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("how many minutes", "time"),
            ("16 heads in fp16: gib?", "bytes"),
            ("how many whole gb?", "bytes"),
            ("in percent?", "share"),
            ("how much memory", "bytes"),
            ("how many operations go into it", "number"),
            ("combien de mémoire, en go ?", "bytes"),
            ("half a second each. how many calls?", "number"),
            ("the card's speed?", None),
            ("90 seconds each. reviewer hours a day?", "time"),
            ("what fits, per day?", None),
            ("how many per minute?", "number"),
            ("how much cache is read again, in tokens?", "number"),
            ("one user on this card. best tokens per second?", "number"),
            ("why?", None),
        ],
    )
    def test_the_unit_asked_for_is_known(self, text: str, asked: str | None) -> None:
        assert asks_for(text) == asked

    @pytest.mark.parametrize(
        ("text", "expression", "unit"),
        [
            ("how many tflop?", "(8) / 10**12", "TFLOP"),
            ("how many million?", "(8) / 10**6", "million FLOP"),
            ("best tflops?", "(8) / 10**12", "TFLOP"),
            ("how many?", "8", "FLOP"),
        ],
    )
    def test_a_count_is_given_in_the_scale_that_is_asked_for(
        self, text: str, expression: str, unit: str
    ) -> None:
        assert in_unit("8", "number", text, "FLOP") == (expression, unit)

    def test_money_is_given_in_millions_where_they_are_asked_for(self) -> None:
        assert in_unit("8", "money", "quelle amende, en millions d'euros ?", "") == (
            "(8) / 10**6",
            "million euros",
        )
        assert in_unit("8", "money", "what do a million tokens cost?", "") == ("8", "euros")


class TestChoice:
    TWICE, THRICE = (
        Formula(
            f"{k} times", "", f"What is {k} times the layers?", ("layers",), {"l": n("layers")}, f"{k}*{{l}}"
        )
        for k in (2, 3)
    )

    def test_a_quantity_that_no_formula_uses_leaves_nothing_to_compute(self) -> None:
        assert best_match(*read("RRF score of rank 3 with k = 60?"), FORMULAS) is not None
        assert best_match(*read("RRF score of rank 3 with k = 60 and 17.5% of noise?"), FORMULAS) is None

    def test_of_two_formulas_that_fit_alike_neither_is_computed_unless_they_say_the_same(self) -> None:
        again = Formula("the same", "", "", ("layers",), {"l": n("layers")}, "2*{l}")
        asked = read("What do 32 layers hold?")
        assert best_match(*asked, (self.TWICE, self.THRICE)) is None
        match = best_match(*asked, (self.TWICE, again))
        assert match is not None
        assert match.expression == "2*32"

    def test_the_formula_that_answers_a_like_question_goes_first(self) -> None:
        match = best_match(
            *read("What do 32 layers hold?"), (self.TWICE, self.THRICE), {self.THRICE.name: 0.8}
        )
        assert match is not None
        assert match.expression == "3*32"

    @pytest.mark.parametrize(
        ("text", "computed"), [("how many runs for two models?", True), ("are two models better?", False)]
    )
    def test_a_number_that_may_just_be_said_counts_where_a_number_is_asked_for(
        self, text: str, computed: bool
    ) -> None:
        runs = Formula("runs", "page", "how many runs", ("models",), {"m": n("models")}, "{m}*3")
        assert bool(best_match(text, mentions(text), [runs], {"runs": 1.0})) == computed

    def test_what_has_to_be_less_takes_the_smaller_quantity(self) -> None:
        part = Formula("part", "", "", ("tokens",), {"a": n("used", below="b"), "b": n("")}, "{a}/{b}")
        for question in ("8,192 tokens, used 1,100", "1,100 tokens used of 8,192"):
            match = best_match(*read(question), (part,), {"part": 0.9})
            assert match is not None
            assert match.expression == "1100/8192"

    def test_a_slot_for_many_takes_all_the_quantities_of_its_kind(self) -> None:
        mean = Formula(
            "mean",
            "",
            "",
            ("stages",),
            {"x": of("time", many="+"), "n": n("times", "1")},
            "{n}*{x}/{x_count}",
        )
        match = best_match(*read("Stages of 40, 60 and 200 ms, 3 times: mean?"), (mean,), {"mean": 0.9})
        assert match is not None
        assert float(evaluate(match.expression).value) == pytest.approx(3 * (0.04 + 0.06 + 0.2) / 3)

    def test_what_is_left_of_many_is_not_exchanged_with_them(self) -> None:
        left = Formula(
            "left", "", "", ("window",), {"x": n("takes", below="w", many="+"), "w": n("window")}, "{w}-{x}"
        )
        match = best_match(*read("A window of 800: takes 700, 900 and 600. Left?"), (left,), {"left": 0.9})
        assert match is not None
        assert match.expression == "800-(700+900+600)"

    def test_a_quantity_that_is_too_small_for_its_name_is_not_taken(self) -> None:
        assert best_match(*read("FLOPs of training 7 billion parameters on 2 billion tokens?"), FORMULAS)
        assert best_match(*read("FLOPs of training a width of 4,096 on 20 tokens?"), FORMULAS) is None


def asked_of(split: str) -> list[tuple[str, float]]:
    """Questions of a split with their values: those of ``held_out`` were written first and never tuned on."""
    lines = [line.split("\t") for path in ASKED for line in path.read_text("utf-8").splitlines()[1:]]
    return [(question, float(evaluate(value).value)) for part, question, value in lines if part == split]


def judged(split: str, alike: Mapping[str, Mapping[str, float] | None]) -> tuple[float, float]:
    """The shares of a split's questions computed rightly and wrongly; a tool's result is not looked at."""
    right = wrong = 0
    asked = asked_of(split)
    for question, wanted in asked:
        match = best_match(*read(question), FORMULAS, alike.get(question))
        if match is None or match.formula.tool:
            continue
        formula = match.formula
        found = float(
            evaluate(in_unit(match.expression, formula.gives, plain(question), formula.unit)[0]).value
        )
        # A share may be asked for as a ratio or in percent; either way it is the same number.
        same = any(found * scale == pytest.approx(wanted, rel=0.01) for scale in (1, 100))
        right, wrong = right + same, wrong + (not same)
    return right / len(asked), wrong / len(asked)


class TestQuestions:
    @pytest.mark.parametrize(("split", "least"), [("tuning", 0.8), ("held_out", 0.6)])
    def test_by_patterns_alone_most_are_computed_and_few_wrongly(self, split: str, least: float) -> None:
        right, wrong = judged(split, {})
        assert right >= least
        assert wrong <= 0.1

    @pytest.mark.weights
    @pytest.mark.timeout(600)  # four thousand wordings by a real encoder
    async def test_with_vectors_more_are(self) -> None:
        likeness = Likeness(build_embedder(), FORMULAS)
        asked = [question for question, _ in asked_of("held_out") if detect_language(question) == "en"]
        right, wrong = judged("held_out", {question: await likeness.to(question) for question in asked})
        assert right >= 0.7
        assert wrong <= 0.1


class TestLikeness:
    async def test_the_same_question_is_most_alike_and_the_average_one_not_at_all(self) -> None:
        alike = await Likeness(HashingEmbedder(), FORMULAS).to(FORMULAS[0].wordings[0])
        assert max(alike, key=lambda name: alike[name]) == FORMULAS[0].name
        assert alike[FORMULAS[0].name] == pytest.approx(1, abs=1e-5)
        assert min(alike.values()) == 0
        assert np.mean(list(alike.values())) < 0.5

    async def test_of_several_wordings_the_most_alike_counts(self) -> None:
        several = Formula("many", "", ("What do layers hold?", "Combien de couches ?"), (), {}, "")
        other = Formula("other", "", "How warm is it?", (), {}, "")
        likeness = Likeness(HashingEmbedder(), (several, other))
        for asked in several.wordings:
            assert (await likeness.to(asked))["many"] == pytest.approx(1, abs=1e-5)

    async def test_a_question_is_compared_by_the_encoder_that_serves_its_language(self) -> None:
        class English(HashingEmbedder):
            name = "english"
            languages = frozenset({"en"})

            async def embed_query(self, text: str) -> Vectors:
                raise AssertionError(text)

        both = BilingualEmbedder(English(), HashingEmbedder(), Workers(threads=1, name="detect"))
        assert await Likeness(both, FORMULAS).to("Combien de couches ?", "fr")
        assert await Likeness(English(), FORMULAS).to("Combien de couches ?", "fr") == {}
