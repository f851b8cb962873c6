"""A sweep of answers: what is shared, what is repeated, what a failure counts, what it costs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.diagnosis import Verdict, read_diagnosis
from eval.sweep.asking import asked_dataset, check_gold, read_asked
from eval.sweep.engine.local import Inline
from eval.sweep.run import Sweep, Tally, estimate, finish, work
from eval.sweep.search import explore
from eval.sweep.store import Artefact, Store
from eval.table import read_table
from rag.errors import BadInput
from tests.unit.eval.sweep_answers import BY_RULE, MODEL, PRICE, USAGE, Script, answer_sweep, write_labelled
from tests.unit.eval.sweep_parts import swept, write_random_collection

QUESTIONS = 4


def finished(sweep: Sweep) -> dict[str, dict[str, Any]]:
    plan, tally = sweep.plan(), Tally()
    work(sweep, plan, Inline(), lambda *_: None, tally)
    finish(sweep, plan, tally)
    lines = (sweep.folder / "configurations.jsonl").read_text().splitlines()
    return {one["id"]: one for one in map(json.loads, lines)}


def test_configurations_share_what_they_agree_in(tmp_path: Path) -> None:
    axes = {"graph": ("chain", "agent"), "top_k": (2, 3), "budget": (1, 2)}
    script = Script()
    sweep = answer_sweep(tmp_path, axes, script, repeats=2)
    counts = sweep.plan().counts()
    # Budgets share what was assembled; an agent searches for itself; each answers twice.
    assert counts == {"chunk": 1, "embed": 1, "index": 2, "assemble": 2, "generate": 8 * 2}
    assert not swept(sweep).worked.failed
    by_chain, by_agent = 4 * 2 * QUESTIONS, 4 * 2 * QUESTIONS
    assert script.calls["ask"] == by_chain + by_agent
    # Once more for each stage that assembles: the first search is not timed.
    assert script.calls["passages"] == 2 * (QUESTIONS + 1) + by_agent
    again = swept(sweep)
    assert (again.worked.seconds, again.cached) == ({}, sum(counts.values()))


def test_only_what_a_setting_shapes_is_computed_again(tmp_path: Path) -> None:
    def keys(script: Script, **values: Any) -> dict[str, str]:
        axes = {name: (value,) for name, value in {"top_k": 2, "budget": 1, **values}.items()}
        (one,) = answer_sweep(tmp_path, axes, script).plan().configurations
        return dict(one.stages)

    plain = keys(Script())

    def changed(**values: Any) -> set[str]:
        return {label for label, key in keys(Script(), **values).items() if key != plain[label]}

    assert changed() == set()
    assert changed(budget=2) == {"generate.0"}
    assert changed(model="scripted:other") == {"generate.0"}
    assert changed(top_k=3) == {"assemble", "generate.0"}


def test_what_goes_by_rule_is_run_once_and_a_model_as_often_as_asked(tmp_path: Path) -> None:
    sweep = answer_sweep(tmp_path, {"model": (MODEL, BY_RULE)}, Script(), repeats=3)
    done = finished(sweep)
    assert [one["repeats"] for one in done.values()] == [3, 1]
    assert sweep.plan().counts()["generate"] == 3 + 1
    report = (sweep.folder / "report.md").read_text()
    assert "c000 ran 3 times" in report
    assert "1 configurations ran once, since nothing in them is left to chance: c001" in report


def test_repeats_vary_and_their_mean_counts(tmp_path: Path) -> None:
    # The first question is answered wrongly the second time that it is asked.
    script = Script(lies=lambda question, time: question.id == "a0" and time == 2)
    sweep = answer_sweep(tmp_path, {"model": (MODEL,)}, script, repeats=2)
    (one,) = finished(sweep).values()
    assert one["metrics"]["right"] == pytest.approx((0.5 + 3) / QUESTIONS)
    rows = read_table(sweep.folder, configuration="c000")
    by_repeat = np.array(rows["right"]).reshape(2, QUESTIONS)
    assert by_repeat.mean(axis=1).tolist() == [1.0, 3 / QUESTIONS]
    deviation = np.std([1.0, 3 / QUESTIONS], ddof=1)
    report = (sweep.folder / "report.md").read_text()
    assert f"standard deviation of {deviation:.4f} from run to run" in report


def test_a_failure_is_counted_and_scores_nothing(tmp_path: Path) -> None:
    script = Script(fails=lambda question, _: question.id in ("a1", "a3"))
    sweep = answer_sweep(tmp_path, {"model": (MODEL,)}, script)
    (one,) = finished(sweep).values()
    assert one["failed"] == {"ModelUnavailable: scripted is down": 2}
    assert one["metrics"]["right"] == 2 / QUESTIONS
    # a3 is the unanswerable one: nothing abstained from it.
    assert one["metrics"]["abstention_recall"] == 0.0
    assert one["metrics"]["abstention_precision"] is None
    assert one["metrics"]["token_f1"] == pytest.approx(2 / 3)
    assert "2 rows: ModelUnavailable: scripted is down" in (sweep.folder / "report.md").read_text()
    verdicts = {found.query: found.verdict for found in read_diagnosis(sweep.folder)}
    assert [verdicts[name] for name in ("a0", "a1", "a3")] == [Verdict.RIGHT, Verdict.FAILED, Verdict.FAILED]


def test_a_configuration_whose_every_question_fails_is_a_failed_one(tmp_path: Path) -> None:
    script = Script()
    sweep = answer_sweep(tmp_path, {"model": (BY_RULE, MODEL)}, script)
    # By rule comes first: each question's second time is the model's.
    script.fails = lambda _, time: time == 2
    by_rule, model = finished(sweep).values()
    assert (by_rule["status"], model["status"]) == ("done", "failed")
    assert "scripted is down" in model["error"]
    counts = [found.verdict for found in read_diagnosis(sweep.folder) if found.configuration == "c001"]
    assert counts == [Verdict.FAILED] * QUESTIONS


def test_cost_is_of_asking_all_questions_once_and_unknown_without_a_price(tmp_path: Path) -> None:
    sweep = answer_sweep(tmp_path, {"model": (MODEL, "scripted:unpriced")}, Script(), repeats=2)
    priced, unpriced = finished(sweep).values()
    assert priced["cost"] == pytest.approx(QUESTIONS * PRICE.cost(USAGE))
    assert priced["tokens"] == QUESTIONS * (USAGE.prompt_tokens + USAGE.completion_tokens)
    assert unpriced["cost"] is None
    report = (sweep.folder / "report.md").read_text()
    assert "in EUR" in report
    assert "The cost of 1 of 2 configurations is unknown" in report


def test_the_plan_tells_calls_tokens_and_cost_before_it_starts(tmp_path: Path) -> None:
    sweep = answer_sweep(tmp_path, {"model": (MODEL, BY_RULE)}, Script(), repeats=3)
    planned = estimate(sweep, sweep.plan(), 1)
    calls = 3 * QUESTIONS
    assert (planned["calls"], planned["prompt_tokens"]) == (calls, calls * 90)
    assert (planned["repeats"], planned["once"]) == (3, 1)
    amount = (calls * 90 * PRICE.prompt + calls * 20 * PRICE.completion) / 1e6
    assert planned["expected_cost"] == {"amount": amount, "currency": "EUR", "priced": "2026-01-31"}
    swept(sweep)
    rest = estimate(sweep, sweep.plan(), 1)
    assert (rest["calls"], rest["expected_cost"]) == (0, None)
    unpriced = answer_sweep(tmp_path / "b", {"model": (MODEL,)}, Script(), prices={})
    assert estimate(unpriced, unpriced.plan(), 1)["expected_cost"] is None


def test_a_judge_reads_each_answer_once(tmp_path: Path) -> None:
    script = Script()
    measures = ("right", "supported_citations")
    axes = {"model": (MODEL,)}
    sweep = answer_sweep(tmp_path, axes, script, measures=measures, judge="support", repeats=2)
    (one,) = finished(sweep).values()
    assert sweep.plan().counts()["judge"] == script.calls["judge support"] == 2
    assert one["metrics"]["supported_citations"] == 1.0
    assert one["not_judged"] == 0


def test_wrong_answers_are_diagnosed_by_what_was_assembled(tmp_path: Path) -> None:
    script = Script(lies=lambda *_: True)
    sweep = answer_sweep(tmp_path, {"top_k": (12,), "graph": ("chain", "agent")}, script)
    finished(sweep)
    verdicts = {(found.configuration, found.query): found.verdict for found in read_diagnosis(sweep.folder)}
    for name in ("c000", "c001"):
        # Every passage was given; a wrong answer without a citation is one without support.
        assert verdicts[name, "a0"] is Verdict.UNSUPPORTED
        assert verdicts[name, "a3"] is Verdict.RIGHT


def test_a_sweep_of_answers_that_was_stopped_asks_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script()
    sweep = answer_sweep(tmp_path, {"budget": (1, 2)}, script, repeats=2)
    save, kept = Store.save, list[str]()

    def stopped(self: Store, kind: str, key: str, artefact: Artefact) -> None:
        if kept.count("generate") == 2:
            raise KeyboardInterrupt
        kept.append(kind)
        save(self, kind, key, artefact)

    monkeypatch.setattr(Store, "save", stopped)
    with pytest.raises(KeyboardInterrupt):
        swept(sweep)
    monkeypatch.setattr(Store, "save", save)
    rest = swept(sweep)
    assert len(rest.worked.seconds) == 2
    # The stage that was cut before it was kept is the only one whose questions are asked again.
    assert script.calls["ask"] == (2 * 2 + 1) * QUESTIONS


def test_a_search_goes_by_the_answers(tmp_path: Path) -> None:
    axes = {"budget": (1, 2, 3), "model": (MODEL, BY_RULE)}
    sweep = answer_sweep(tmp_path, axes, Script())
    plan = explore(sweep, 2, Inline(), lambda *_: None, Tally())
    assert len(plan.configurations) == 1 + 2
    assert {stage.kind for stage in plan.stages.values()} >= {"assemble", "generate"}


def test_questions_are_spread_over_the_file_and_include_what_nothing_answers(tmp_path: Path) -> None:
    dataset = write_labelled(tmp_path / "data", questions=10)
    assert [one.id for one in read_asked(dataset.folder, None, 4)] == ["a0", "a2", "a5", "a7"]
    every = asked_dataset(dataset, None)
    assert [query.id for query in every.queries] == [f"a{number}" for number in range(10)]
    assert every.qrels["a9"] == {}
    check_gold(dataset, None)


def test_what_is_wrong_with_the_questions_is_told(tmp_path: Path) -> None:
    folder = write_random_collection(tmp_path / "bare", 0, documents=12)
    with pytest.raises(BadInput, match=r"has no questions\.jsonl"):
        read_asked(folder, None, None)
    dataset = write_labelled(tmp_path / "data")
    path = dataset.folder / "questions.jsonl"
    path.write_text(path.read_text().replace('"quote": "', '"quote": "nobody wrote '))
    read_asked.cache_clear()
    with pytest.raises(BadInput, match="3 gold quotes are not in their documents"):
        check_gold(dataset, None)


def test_other_labels_are_another_sweep(tmp_path: Path) -> None:
    sweep = answer_sweep(tmp_path, {"model": (MODEL,)}, Script())
    sweep.claim().release()
    path = sweep.dataset.folder / "questions.jsonl"
    path.write_text(path.read_text().replace('"answer": "', '"answer": "not '))
    read_asked.cache_clear()
    with pytest.raises(BadInput, match="queries"):
        sweep.claim()
