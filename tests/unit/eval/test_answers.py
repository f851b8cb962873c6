import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.answers import Asked, evaluate_answers
from eval.diagnosis import Seen, Verdict, read_diagnosis
from eval.judges.base import Judgement, Row
from eval.prices import Price
from eval.questions import Gold, Question
from eval.report import answers_report
from eval.table import read_table
from rag.errors import BadInput, DeadlineExceeded, ModelRefused
from rag.types import Answer, Citation, Degradation, Usage

QUOTE = "The cache takes 131,072 bytes per token."
OTHER = "Queries are grouped over the key and value heads."


def question(id: str, **change: Any) -> Question:
    fields: dict[str, Any] = {
        "id": id,
        "question": f"{id}?",
        "answer": "131,072 bytes per token",
        "gold": (Gold(document_id="kv.md", quote=QUOTE),),
        "answerable": True,
    }
    return Question(**{**fields, **change})


def unanswerable(id: str) -> Question:
    return question(id, answerable=False, gold=(), answer="")


def cite(document: str, quote: str, marker: int = 1) -> Citation:
    return Citation(marker, f"{document}-1", document, document, 0, len(quote), None, quote, True)


def answered(text: str, *citations: Citation, **change: Any) -> Asked:
    return Asked(Answer(text, citations, **change), ("a passage",))


ABSTAINED = Asked(Answer("Nothing answers this.", abstained=True), ())


def replies(by_id: Mapping[str, Asked | Exception]) -> Callable[[Question], Any]:
    async def ask(asked: Question) -> Asked:
        reply = by_id[asked.id]
        if isinstance(reply, Exception):
            raise reply
        return reply

    return ask


async def metrics_of(asked: Question, reply: Asked) -> Mapping[str, Judgement]:
    return (await evaluate_answers([asked], replies({asked.id: reply}))).rows[0].judgements


async def test_a_right_answer_with_the_gold_quote_scores_1_everywhere() -> None:
    scores = await metrics_of(question("q"), answered("131,072 bytes per token [1]", cite("kv.md", QUOTE)))
    assert {name: one.value for name, one in scores.items()} == {
        "citation_precision_documents": 1.0,
        "citation_recall_documents": 1.0,
        "citation_precision_quotes": 1.0,
        "citation_recall_quotes": 1.0,
        "quote_coverage": 1.0,
        "exact_match": 1.0,
        "token_f1": 1.0,
    }


async def test_an_exact_match_is_word_for_word_without_articles_and_markers() -> None:
    asked = question("q", answer="The cache takes 5%.")
    for text, value in {"Cache takes 5 % [1].": 1.0, "It takes 5%.": 0.0, "5% takes the cache": 0.0}.items():
        assert (await metrics_of(asked, answered(text)))["exact_match"].value == value


SEEN = Seen(gold=(frozenset({"g"}),), legs={"dense": ("g",)}, fused=("g",), context=("other",))


async def test_each_wrong_answer_is_looked_into_and_no_right_one(tmp_path: Path) -> None:
    looked: list[str] = []

    async def look_back(asked: Question, reply: Asked) -> Seen:
        looked.append(asked.id)
        return SEEN

    run = await evaluate_answers(
        [question("right"), question("wrong"), question("late"), unanswerable("u")],
        replies(
            {
                "right": answered("It is so [1]", cite("kv.md", QUOTE)),
                "wrong": ABSTAINED,
                "late": DeadlineExceeded("late"),
                "u": ABSTAINED,
            }
        ),
        look_back=look_back,
    )
    assert looked == ["wrong"]
    view = run.view()
    found = {verdict: count for verdict, count in view["diagnosis"].items() if count}
    assert found == {"right": 2, "dropped by the context budget": 1, "failed": 1}
    run.write(tmp_path)
    verdicts = {one.query: one.verdict for one in read_diagnosis(tmp_path)}
    assert verdicts["wrong"] is Verdict.BUDGET
    assert len(verdicts) == len(run.rows)


async def test_without_looking_back_there_is_no_diagnosis() -> None:
    view = (await evaluate_answers([question("a")], replies({"a": ABSTAINED}))).view()
    assert view["diagnosis"] is None


async def test_a_cost_is_known_with_a_price_and_null_without() -> None:
    reply = answered("x", usage=Usage(1_000_000, 500_000))
    run = await evaluate_answers([question("a")], replies({"a": reply}))
    assert run.view()["cost"] is None
    price = Price(0.1, 0.3, "USD", date(2026, 1, 2))
    priced = replace(run, model="small", prices={"small": price})
    assert priced.view()["cost"] == {"amount": 0.1 + 0.3 / 2, "currency": "USD", "priced": "2026-01-02"}


async def test_citations_are_compared_with_gold_documents_and_gold_quotes() -> None:
    gold = (Gold(document_id="kv.md", quote=QUOTE), Gold(document_id="gqa.md", quote=OTHER))
    reply = answered(
        "131,072 bytes [1][2][3]",
        cite("kv.md", f"So we compute. {QUOTE}", 1),
        cite("kv.md", "This sentence is about something else.", 2),
        cite("stranger.md", QUOTE, 3),
    )
    scores = await metrics_of(question("q", gold=gold), reply)
    assert scores["citation_precision_documents"].value == 2 / 3
    assert scores["citation_recall_documents"].value == 1 / 2
    assert scores["citation_precision_quotes"].value == 1 / 3
    assert scores["citation_recall_quotes"].value == 1 / 2
    assert scores["quote_coverage"].value == (1 + 0) / 2


async def test_a_gold_quote_counts_in_its_own_document_only() -> None:
    scores = await metrics_of(question("q"), answered("131,072 bytes [1]", cite("copy.md", QUOTE)))
    assert scores["quote_coverage"].value == scores["citation_recall_quotes"].value == 0.0
    assert scores["citation_precision_quotes"].value == 0.0


async def test_an_abstention_on_an_answerable_question_scores_0_and_has_no_precision() -> None:
    reply = answered("Nothing answers this [1].", cite("kv.md", QUOTE), abstained=True)
    scores = await metrics_of(question("q"), reply)
    assert scores["citation_precision_documents"].status == "not_applicable"
    assert scores["citation_recall_documents"].value == 0.0
    assert scores["quote_coverage"].value == 0.0
    assert scores["token_f1"].value == 0.0


async def test_nothing_but_the_abstention_counts_for_an_unanswerable_question() -> None:
    scores = await metrics_of(unanswerable("q"), answered("Surely [1]", cite("kv.md", QUOTE)))
    assert {one.status for one in scores.values()} == {"not_applicable"}


async def test_abstention_has_precision_and_recall() -> None:
    questions = [question("a1"), question("a2"), unanswerable("u1"), unanswerable("u2"), unanswerable("u3")]
    told = answered("It is so.")
    run = await evaluate_answers(
        questions, replies({"a1": told, "a2": ABSTAINED, "u1": ABSTAINED, "u2": ABSTAINED, "u3": told})
    )
    view = run.view()
    assert view["abstained"] == {"share": 3 / 5, "count": 3, "of": 5}
    assert view["answered"] == {"share": 2 / 5, "count": 2, "of": 5}
    assert view["abstention"]["precision"] == {"share": round(2 / 3, 6), "count": 2, "of": 3}
    assert view["abstention"]["recall"] == {"share": round(2 / 3, 6), "count": 2, "of": 3}


async def test_a_rate_of_nothing_is_null_and_not_0() -> None:
    view = (await evaluate_answers([question("a")], replies({"a": answered("Yes.")}))).view()
    assert view["abstention"]["precision"] == {"share": None, "count": 0, "of": 0}
    assert view["metrics"]["citation_precision_quotes"]["mean"] is None
    assert "–" in answers_report(view)


async def test_a_question_that_fails_is_counted_with_its_reason_and_stays_in_every_count() -> None:
    run = await evaluate_answers(
        [question("a"), question("b")],
        replies({"a": answered("131,072 bytes per token"), "b": DeadlineExceeded("during generate")}),
    )
    view = run.view()
    assert view["failed"] == {
        "share": 1 / 2,
        "count": 1,
        "of": 2,
        "reasons": {"DeadlineExceeded: during generate": 1},
    }
    assert view["metrics"]["token_f1"] == {
        "mean": 1.0,
        "scored": 1,
        "failed": 1,
        "not_applicable": 0,
        "reasons": {"no answer: DeadlineExceeded: during generate": 1},
    }
    assert all(
        one["scored"] + one["failed"] + one["not_applicable"] == len(run.rows)
        for one in view["metrics"].values()
    )
    assert "DeadlineExceeded" in answers_report(view)


async def test_a_mistake_that_meets_every_question_is_told() -> None:
    ask = replies({"a": ModelRefused("wrong key"), "b": ModelRefused("wrong key")})
    with pytest.raises(ModelRefused, match="wrong key"):
        await evaluate_answers([question("a"), question("b")], ask)


async def test_a_written_evaluation_holds_every_row(tmp_path: Path) -> None:
    ask = replies({"a": answered("x"), "b": DeadlineExceeded("late")})
    run = await evaluate_answers([question("a"), question("b")], ask, settings={"llm": "extractive"})
    run.write(tmp_path / "out")
    table = read_table(tmp_path / "out")
    assert table["query"] == ["a", "b"]
    assert table["error"] == [None, "DeadlineExceeded: late"]
    assert table["token_f1"] == [run.rows[0].judgements["token_f1"].value, None]
    (tmp_path / "out" / "rows.parquet").unlink()
    kept = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert sorted(kept) == ["answers.jsonl", "config.json", "environment.json", "summary.json"]
    assert [json.loads(line)["id"] for line in kept["answers.jsonl"].splitlines()] == ["a", "b"]
    assert json.loads(kept["config.json"])["llm"] == "extractive"
    assert json.loads(kept["summary.json"]) == run.view()


async def test_no_questions_are_an_error() -> None:
    with pytest.raises(BadInput):
        await evaluate_answers([], replies({}))


async def test_degradations_grades_tokens_and_latency_are_summed_up() -> None:
    degraded = (Degradation("mistral", "slow"),)
    run = await evaluate_answers(
        [question("a"), question("b")],
        replies(
            {
                "a": answered("x", degraded=degraded, grade="extractive", usage=Usage(10, 2)),
                "b": answered("y", usage=Usage(5, 1)),
            }
        ),
        concurrency=1,
        clock=iter([0.0, 0.010, 1.0, 1.030]).__next__,
    )
    view = run.view()
    assert view["degraded"] == {"mistral: slow": 1}
    assert view["grades"] == {"extractive": 1, "full": 1}
    assert view["usage"] == {"prompt_tokens": 10 + 5, "completion_tokens": 2 + 1}
    assert view["latency_ms"]["p50"] == pytest.approx((10 + 30) / 2)


async def test_at_most_so_many_questions_are_asked_at_once_and_rows_keep_their_order() -> None:
    running, most = 0, 0
    met = asyncio.Barrier(3)

    async def ask(asked: Question) -> Asked:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await met.wait()  # goes on only when three are here together
        running -= 1
        return answered(asked.id)

    told: list[tuple[int, int]] = []
    questions = [question(f"q{number}") for number in range(9)]
    run = await evaluate_answers(
        questions, ask, concurrency=3, progress=lambda done, total: told.append((done, total))
    )
    assert most == 3
    assert [row.question.id for row in run.rows] == [one.id for one in questions]
    assert told[-1] == (9, 9)


class OddJudge:
    """Scores the first question, fails on the second."""

    name = "odd"
    metrics = ("faithfulness",)
    spent: Mapping[str, int] = {"calls": 2, "prompt_tokens": 10**6, "completion_tokens": 0}

    def __init__(self) -> None:
        self.seen: list[Row] = []

    async def score(self, row: Row) -> Mapping[str, Judgement]:
        self.seen.append(row)
        good = row.question == "first, in full?"
        return {"faithfulness": Judgement.scored(0.8) if good else Judgement.failed("prose")}


async def test_a_judge_that_fails_is_counted_beside_its_mean() -> None:
    judge = OddJudge()
    questions = [question("a", standalone="first, in full?"), question("b"), question("c")]
    ask = replies({"a": answered("x"), "b": answered("y"), "c": DeadlineExceeded("late")})
    run = await evaluate_answers(questions, ask, judge)
    view = run.view()
    assert view["judge"] == "odd"
    assert view["judging"] == {**judge.spent, "cost": None}
    assert view["metrics"]["faithfulness"] == {
        "mean": 0.8,
        "scored": 1,
        "failed": 2,
        "not_applicable": 0,
        "reasons": {"prose": 1, "no answer: DeadlineExceeded: late": 1},
    }
    assert judge.seen[0].contexts == ("a passage",)
    rows = [json.loads(json.dumps(row.view())) for row in run.rows]
    assert rows[1]["scores"]["faithfulness"] == {"status": "failed", "value": None, "why": "prose"}
    assert rows[2]["error"] == "DeadlineExceeded: late"
