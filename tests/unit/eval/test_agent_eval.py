"""The evaluation of the agent: what is right, what is compared, and what a run leaves in its folder."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.agent import AGENT, CHAIN, STANDALONE, AgentRun, ask_set
from eval.agent_report import agent_report
from eval.agent_rows import is_right, wrong_number
from eval.answers import Asked
from eval.judges.base import Called
from eval.questions import Question
from eval.statistics.comparison import compare_apart
from eval.statistics.wilson import wilson
from eval.table import read_table
from rag.errors import BadInput, ModelUnavailable
from rag.types import Answer, Citation, TraceStep

QUOTE = "The KV cache keeps keys and values of past tokens."
GOLD = [{"document_id": "d", "quote": QUOTE}]


def question(kind: str = "fact", **more: object) -> Question:
    fields = {"id": "q", "question": "What?", "type": kind, "answerable": True, "gold": GOLD, **more}
    return Question.model_validate(fields)


def said(text: str, *quotes: str, calls: tuple[Called, ...] = (), abstained: bool = False) -> Asked:
    cited = tuple(Citation(1, "c", "d", "d", 0, len(quote), None, quote, True) for quote in quotes)
    trace = tuple(TraceStep(name, 1.0, {}) for name in ("understand", "act", "answer"))
    return Asked(Answer(text, citations=cited, abstained=abstained, trace=trace), (), calls)


class TestRight:
    def test_an_unanswerable_question_is_right_when_abstained_from_and_only_then(self) -> None:
        nothing = question("unanswerable", answerable=False, gold=[])
        assert is_right(nothing, said("Nothing.", abstained=True))
        assert not is_right(nothing, said("42 [1]", QUOTE))
        assert not is_right(question(), said("Nothing.", abstained=True))

    def test_of_a_number_the_computed_one_counts_and_not_another_that_is_quoted_beside_it(self) -> None:
        asked = question("numeric", value=12.0, tolerance=0.1, unit="s")
        wrong = Called("calculator", {}, "t: 2*7 = 14 s")
        assert not is_right(asked, said("t: 2*7 = 14 s\nIt is 12 s. [1]", QUOTE, calls=(wrong,)))
        assert is_right(asked, said("It is 12 s. [1]", QUOTE))

    def test_a_wrong_number_is_one_that_was_computed_and_told(self) -> None:
        asked = question("numeric", value=12.0, tolerance=0.1, unit="s")
        right, wrong = Called("calculator", {}, "t: 2*6 = 12 s"), Called("calculator", {}, "t: 2*7 = 14 s")
        assert wrong_number(asked, said(wrong.result, calls=(wrong,))) == 1
        assert wrong_number(asked, said(right.result, calls=(right,))) == 0
        assert wrong_number(asked, said("It is 14 s. [1]", QUOTE, calls=(wrong,))) == 0
        nothing = question("unanswerable", answerable=False, gold=[])
        assert wrong_number(nothing, said(right.result, calls=(right,))) == 1
        assert wrong_number(nothing, said("Nothing.", abstained=True)) == 0
        assert wrong_number(question(), said(wrong.result, calls=(wrong,))) is None

    async def test_wrong_numbers_have_a_column_of_their_own(self) -> None:
        report = agent_report(AgentRun((await ask_set("s", QUESTIONS, knows, None),), CONFIG).view())
        assert "| right | wrong | wrong number computed |" in report

    @pytest.mark.parametrize(
        ("reference", "text", "right"),
        [
            ("Beyond 5,120 tokens.", "They are equal at 5,120 tokens. [1]", True),
            ("Beyond 5,120 tokens.", "They are equal at 4,096 tokens. [1]", False),
            ("Environ 0,25.", "It is 0.25 there. [1]", True),
            ("The same tokenizer.", f"{QUOTE} [1]", True),
        ],
    )
    def test_a_fact_is_its_first_number_or_its_gold_quote(
        self, reference: str, text: str, right: bool
    ) -> None:
        assert is_right(question(answer=reference), said(text, QUOTE)) == right

    def test_several_hops_need_each_quote_and_other_types_one(self) -> None:
        gold = [*GOLD, {"document_id": "d", "quote": "Blocks of sixteen tokens are handed out."}]
        assert not is_right(question("multi_hop", gold=gold), said("…", QUOTE))
        assert is_right(question("comparison", gold=gold), said("…", QUOTE))


FOLLOW_UP = question(
    "follow_up",
    id="f",
    question="And why?",
    standalone="Why is the cache large?",
    turns=[{"role": "user", "content": "Is the cache large?"}, {"role": "assistant", "content": "Yes."}],
)
QUESTIONS = [question(id="a"), question("unanswerable", id="b", answerable=False, gold=[]), FOLLOW_UP]


async def knows(asked: Question) -> Asked:
    return said("Nothing.", abstained=True) if asked.turns or not asked.answerable else said("…", QUOTE)


async def knows_nothing(asked: Question) -> Asked:
    if asked.id == "a":
        raise ModelUnavailable("the model is away")
    return said("Nothing.", abstained=True)


class TestRun:
    async def test_follow_ups_are_asked_again_by_themselves(self) -> None:
        one = await ask_set("s", QUESTIONS, knows, None)
        (alone,) = one.rows[STANDALONE]
        assert (alone.question.id, alone.question.question) == ("f", "Why is the cache large?")
        assert alone.question.turns == ()
        assert one.rows[CHAIN] == ()
        gap = next(pair for pair in one.view()["follow_ups"] if pair["name"] == "right")
        assert (gap["difference"], gap["queries"]) == (-1.0, 1)

    async def test_the_agent_is_compared_with_the_chain_on_each_type_and_on_all(self) -> None:
        view = (await ask_set("s", QUESTIONS, knows, knows_nothing)).view()
        found = {(one["measure"], one["name"]): one for one in view["agent_against_chain"]}
        assert found["right", "all"]["difference"] == pytest.approx(1 / 3)
        assert found["right", "fact"]["better"] == 1
        assert all("no difference was shown" in one["wording"] for one in found.values())

    async def test_abstentions_are_counted_by_whether_they_were_right(self) -> None:
        view = (await ask_set("s", QUESTIONS, knows, None)).view()["abstention"][AGENT]
        assert (view["precision"]["count"], view["precision"]["of"]) == (1, 2)
        assert (view["recall"]["count"], view["recall"]["of"]) == (1, 1)
        assert (view["answerable_refused"]["count"], view["answerable_refused"]["of"]) == (1, 2)

    async def test_a_question_that_fails_is_not_right_and_is_told(self) -> None:
        one = await ask_set("s", QUESTIONS, knows_nothing, None)
        figures = one.view()["figures"][AGENT]["all"]
        assert (figures["failed"], figures["right"]["count"]) == (1, 1)
        assert "1 questions failed" in agent_report(AgentRun((one,), CONFIG).view())

    async def test_a_run_leaves_its_report_and_a_row_for_each_question_and_configuration(
        self, tmp_path: Path
    ) -> None:
        one = await ask_set("s", QUESTIONS, knows, knows_nothing)
        AgentRun((one,), CONFIG).write(tmp_path)
        rows = read_table(tmp_path)
        assert rows["query"] == ["a", "b", "f"] * 2 + ["f"]
        assert rows["type"][:3] == ["fact", "unanswerable", "follow_up"]
        assert rows["steps"][0] == 2  # a tool call is no step
        assert rows["error"][3] == "the model is away"
        assert "### Follow-ups" in (tmp_path / "report.md").read_text(encoding="utf-8")

    async def test_no_questions_are_refused(self) -> None:
        with pytest.raises(BadInput, match="no questions"):
            await ask_set("s", [], knows, None)


CONFIG = {"llm": "extractive", "embedder": "hashing", "collection": "default"}


@given(whole=st.integers(1, 500), data=st.data())
def test_wilson_s_interval_holds_the_share_and_narrows_with_the_sample(
    whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole) or (2.0, 2.0)
    assert 0 <= low <= part / whole <= high <= 1
    wider = wilson(part * 100, whole * 100) or (0.0, 1.0)
    assert wider[1] - wider[0] < high - low


def test_wilson_s_interval_of_100_of_100_is_the_textbook_s() -> None:
    # With everything right the lower end is n / (n + z²).
    low, high = wilson(100, 100, z=1.96) or (0.0, 0.0)
    assert low == pytest.approx(100 / (100 + 1.96**2))
    assert high == pytest.approx(1.0)
    assert wilson(0, 0) is None
    assert (wilson(50, 100, z=1.96) or (0, 0))[1] == pytest.approx(
        (0.5 + 1.96**2 / 200 + 1.96 * sqrt(0.25 / 100 + 1.96**2 / 40_000)) / (1 + 1.96**2 / 100)
    )


def test_comparisons_of_different_queries_are_corrected_together() -> None:
    rows = [np.ones(10), np.array([1.0, -1.0, 0.0])]
    one, other = compare_apart([("a", "x"), ("b", "x")], rows)
    assert (one.queries, other.queries, one.comparisons) == (10, 3, 2)
    assert one.adjusted == pytest.approx(min(1.0, 2 * one.p))
    assert one.verdict == "better"
    assert other.verdict == "no difference was shown"
