from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.diagnosis import (
    MEANING,
    Diagnosis,
    Said,
    Seen,
    Verdict,
    counts,
    diagnose,
    read_diagnosis,
    write_diagnosis,
)

WRONG = Said(correct=False, abstained=False, supported=True)
WHOLE = Seen(
    gold=(frozenset({"g"}),),
    legs={"dense": ("a", "g"), "sparse": ("b",)},
    fused=("a", "g"),
    reranked=("g", "a"),
    context=("g",),
    said=WRONG,
)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"gold": (frozenset[str](),)}, Verdict.MISSING),
        ({"legs": {"dense": ("a",), "sparse": ("b",)}}, Verdict.NOT_RETRIEVED),
        ({"fused": ("a", "b")}, Verdict.FUSION),
        ({"reranked": ("a",)}, Verdict.RERANKER),
        ({"context": ("a",)}, Verdict.BUDGET),
        ({}, Verdict.IGNORED),
        ({"said": replace(WRONG, abstained=True, supported=False)}, Verdict.IGNORED),
        ({"said": replace(WRONG, supported=False)}, Verdict.UNSUPPORTED),
        ({"said": replace(WRONG, correct=True)}, Verdict.RIGHT),
    ],
)
def test_the_verdict_names_the_stage_that_lost_the_passage(
    change: dict[str, object], verdict: Verdict
) -> None:
    assert diagnose(replace(WHOLE, **change)) is verdict  # type: ignore[arg-type]


def test_a_correct_answer_is_right_though_the_passage_was_lost() -> None:
    lucky = replace(WHOLE, legs={}, fused=(), said=replace(WRONG, correct=True))
    assert diagnose(lucky) is Verdict.RIGHT


def test_of_several_gold_passages_the_earliest_loss_counts() -> None:
    two = replace(WHOLE, gold=(frozenset({"g"}), frozenset({"h"})), context=())
    assert diagnose(two) is Verdict.NOT_RETRIEVED


def test_any_chunk_that_holds_the_passage_will_do() -> None:
    assert diagnose(replace(WHOLE, gold=(frozenset({"g", "copy"}),))) is Verdict.IGNORED


def test_a_stage_that_did_not_run_lost_nothing() -> None:
    plain = replace(WHOLE, reranked=None, context=None, said=None)
    assert diagnose(plain) is Verdict.RIGHT
    assert diagnose(replace(plain, fused=())) is Verdict.FUSION


def test_an_unanswerable_question_that_is_answered_has_no_support() -> None:
    assert diagnose(Seen(gold=(), legs={}, fused=(), said=WRONG)) is Verdict.UNSUPPORTED


def test_no_answer_at_all_is_counted_as_failed() -> None:
    assert diagnose(None) is Verdict.FAILED


IDS = st.lists(st.sampled_from("abcg"), max_size=4)


@given(IDS, IDS, IDS | st.none(), IDS | st.none())
def test_a_passage_that_stays_to_the_end_is_never_called_lost(
    leg: list[str], fused: list[str], reranked: list[str] | None, context: list[str] | None
) -> None:
    seen = Seen((frozenset({"g"}),), {"dense": leg}, fused, reranked, context)
    ran = [stage for stage in (leg, fused, reranked, context) if stage is not None]
    assert (diagnose(seen) is Verdict.RIGHT) == all("g" in stage for stage in ran)


def test_verdicts_are_counted_by_configuration_and_none_is_left_out() -> None:
    told = counts(
        [
            Diagnosis("c0", "q1", Verdict.RIGHT),
            Diagnosis("c0", "q2", Verdict.FUSION),
            Diagnosis("c1", "q1", Verdict.FUSION),
        ]
    )
    assert told["c0"][Verdict.FUSION] == told["c0"][Verdict.RIGHT] == told["c1"][Verdict.FUSION] == 1
    assert list(told["c1"]) == list(Verdict)
    assert sum(told["c0"].values()) == 2
    assert set(MEANING) == set(Verdict)


def test_a_diagnosis_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [Diagnosis("c0", "q1", Verdict.MISSING), Diagnosis("c0", "<q>", Verdict.RIGHT)]
    write_diagnosis(tmp_path, rows)
    assert read_diagnosis(tmp_path) == rows
    assert [path.name for path in tmp_path.iterdir()] == ["diagnosis.parquet"]


def test_a_folder_without_a_diagnosis_has_none(tmp_path: Path) -> None:
    assert read_diagnosis(tmp_path) == []
