"""The gate: a drop below the stored row that is more than chance fails, whatever else happens passes."""

from pathlib import Path

import pytest

from eval.gate import Expected, judge, read_expected, read_scores, scores_file, store
from rag.errors import BadInput

ROW = Expected(
    name="sparse",
    command="ardoise eval run --dataset zoo --mode sparse",
    measure="nDCG@10",
    score=0.5,
    tolerance=0.01,
)
STORED = {f"q{n}": 0.4 if n % 2 else 0.6 for n in range(100)}


def changed(by: float, queries: int = 100) -> dict[str, float]:
    return {query: score + (by if n < queries else 0) for n, (query, score) in enumerate(STORED.items())}


def test_what_is_as_it_was_passes() -> None:
    verdict = judge(ROW, STORED, STORED)
    assert verdict.passed
    assert verdict.wording == "ok     sparse: nDCG@10 expected 0.5000, got 0.5000, difference +0.0000, p = 1"


def test_a_drop_fails_and_names_measure_expected_got_difference_and_p() -> None:
    verdict = judge(ROW, changed(-0.05), STORED)
    assert not verdict.passed
    assert verdict.wording == (
        "FAILED sparse: nDCG@10 expected 0.5000, got 0.4500, difference -0.0500, p < .001; "
        f"the command: {ROW.command}"
    )


def test_a_drop_within_the_tolerance_passes_however_sure_it_is() -> None:
    verdict = judge(ROW, changed(-0.009), STORED)
    assert verdict.p is not None
    assert verdict.p < 0.001
    assert verdict.passed


def test_a_drop_that_could_be_chance_passes_and_is_told() -> None:
    verdict = judge(ROW, changed(-0.4, queries=4), STORED)  # four queries: p = 2 / 2^4
    assert verdict.p == 2 / 2**4
    assert verdict.passed
    assert verdict.wording.endswith("lower, but not shown to be more than chance")


def test_a_rise_passes_and_says_how_to_store_it() -> None:
    assert judge(ROW, changed(0.05), STORED).wording.endswith("better: store it with --update")


def test_without_stored_scores_the_tolerance_decides_alone() -> None:
    assert not judge(ROW, changed(-0.4, queries=4), None).passed
    assert judge(ROW, changed(-0.009), None).passed


def test_scores_of_other_queries_are_refused() -> None:
    with pytest.raises(BadInput, match=r"other queries \(1 differ, 'q0' for one\)"):
        judge(ROW, {query: score for query, score in STORED.items() if query != "q0"}, STORED)


def test_a_score_that_was_changed_by_hand_is_refused() -> None:
    with pytest.raises(BadInput, match="disagree"):
        judge(ROW.model_copy(update={"score": 0.4}), STORED, STORED)


def test_what_is_stored_is_read_back_and_passes(tmp_path: Path) -> None:
    path = tmp_path / "zoo.yaml"
    store(path, [(ROW, changed(1 / 7))])
    (row,) = read_expected(path)
    assert row == ROW.model_copy(update={"score": round(0.5 + 1 / 7, 5)})
    assert judge(row, changed(1 / 7), read_scores(path)["sparse"]).p == 1.0  # rounding is no difference
    assert scores_file(path).name == "zoo.scores.json"


def test_a_file_of_expectations_alone_has_no_scores(tmp_path: Path) -> None:
    assert read_scores(tmp_path / "zoo.yaml") == {}
    (tmp_path / "zoo.scores.json").write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        read_scores(tmp_path / "zoo.yaml")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- name: a\n  command: rm -r\n  measure: AP\n  score: 1\n  tolerance: 0", "row 0, command"),
        ("- name: a", "row 0, command: Field required"),
        ("a: 1", "the file"),
        ("- [", "cannot be read"),
        ("[]", "one row or more"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "zoo.yaml").write_text(text)
    with pytest.raises(BadInput, match=what):
        read_expected(tmp_path / "zoo.yaml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_expected(tmp_path / "zoo.yaml")
