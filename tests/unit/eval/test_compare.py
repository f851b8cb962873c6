"""Runs read back from their folders are compared on the same queries, or refused with what differs."""

from pathlib import Path
from typing import Any

import pytest

from eval.compare import compare_runs, read_run
from eval.folder import write_json
from eval.report import comparison_report
from eval.run import RetrievalRun, evaluate_retrieval
from eval.table import read_table, write_table
from rag.errors import BadInput, StorageError, UnknownChoice
from rag.retriever import Mode
from tests.unit.eval.parts import QRELS, fake_parts, write_collection

ABOUT = {"dataset": "zoo", "split": "dev", "corpus_sha256": "1", "queries_sha256": "2"}
QUERIES = 40


def write_run(folder: Path, scores: list[float | None], **about: Any) -> str:
    rows = [
        {"query": f"q{n}", "nDCG@10": score, "ms": 1.0, "error": "late" if score is None else None}
        for n, score in enumerate(scores)
    ]
    write_table(folder, rows)
    write_json(folder, "config.json", {**ABOUT, **about})
    return str(folder)


def write_sweep(folder: Path, scores: dict[str, list[list[float | None]]]) -> str:
    """Scores by configuration, repeat and query."""
    rows = [
        {
            "configuration": name,
            "repeat": repeat,
            "query": f"q{n}",
            "nDCG@10": score,
            "ms": 1.0,
            "cost": None,
            "error": None,
        }
        for name, repeats in scores.items()
        for repeat, row in enumerate(repeats)
        for n, score in enumerate(row)
    ]
    write_table(folder, rows)
    return str(folder)


def test_the_first_run_is_what_the_others_are_compared_with(tmp_path: Path) -> None:
    old = [0.4 + n / 100 for n in range(QUERIES)]
    runs = [
        write_run(tmp_path / "old", list(old)),
        write_run(tmp_path / "new", [score + 0.1 + n % 2 / 100 for n, score in enumerate(old)]),
    ]
    found = compare_runs([read_run(word) for word in runs])
    view = found.view()
    (only,) = view["with_baseline"]
    assert (view["measure"], view["baseline"], view["left_out"]) == ("nDCG@10", runs[0], 0)
    assert only["difference"] == pytest.approx(0.1 + 0.01 / 2)
    assert only["verdict"] == "better"
    text = comparison_report(view)
    assert f"{runs[1]} against {runs[0]}: better by 0.105 [0.10" in text


def test_queries_without_a_score_are_left_out_for_both_and_told(tmp_path: Path) -> None:
    old: list[float | None] = [0.5] * QUERIES
    runs = [write_run(tmp_path / "a", old), write_run(tmp_path / "b", [None, None, *old[2:]])]
    view = compare_runs([read_run(word) for word in runs]).view()
    assert (view["queries"], view["left_out"]) == (QUERIES - 2, 2)
    assert view["runs"][runs[1]] == {"errors": 2, "without_score": 2}
    assert f"2 queries left out: {runs[1]} has no score for 2" in comparison_report(view)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"dataset": "farm"}, "dataset is 'zoo' in the first and 'farm' in the other"),
        ({"split": "test"}, "split is 'dev'"),
        ({"corpus_sha256": "9"}, "corpus_sha256"),
        ({"queries_sha256": "9"}, "queries_sha256"),
    ],
)
def test_runs_of_other_data_are_refused_with_what_differs(
    tmp_path: Path, change: dict[str, str], what: str
) -> None:
    runs = [write_run(tmp_path / "a", [0.5] * 4), write_run(tmp_path / "b", [0.5] * 4, **change)]
    with pytest.raises(BadInput, match=what):
        compare_runs([read_run(word) for word in runs])


def test_runs_of_other_queries_are_refused(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / "a", [0.5] * 4), write_run(tmp_path / "b", [0.5] * 6)]
    with pytest.raises(BadInput, match="0 queries are only in the first and 2 only in the other, 'q4'"):
        compare_runs([read_run(word) for word in runs])


def test_one_run_or_the_same_twice_is_no_comparison(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "a", [0.5] * 4))
    for runs in ([run], [run, run]):
        with pytest.raises(BadInput, match="two different runs"):
            compare_runs(runs)


def test_a_measure_that_a_run_lacks_is_told_with_the_choices(tmp_path: Path) -> None:
    runs = [read_run(write_run(tmp_path / name, [0.5] * 4)) for name in "ab"]
    with pytest.raises(UnknownChoice, match=r"AP.*choose one of nDCG@10"):
        compare_runs(runs, "AP")


def test_configurations_of_a_sweep_are_runs_with_the_mean_of_their_repeats(tmp_path: Path) -> None:
    folder = write_sweep(
        tmp_path / "sweep", {"c000": [[0.2, 0.4], [0.4, 0.4]], "c001": [[0.5, None], [0.5, 0.5]]}
    )
    one, other = read_run(f"{folder}#c000"), read_run(f"{folder}#c001")
    assert one.scores["nDCG@10"].tolist() == pytest.approx([(0.2 + 0.4) / 2, 0.4])
    assert list(one.scores) == ["nDCG@10"]
    assert compare_runs([one, other]).complete.missing == {f"{folder}#c001": 1}


def test_a_sweep_without_a_configuration_or_with_an_unknown_one_is_told(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "sweep", {"c000": [[0.2, 0.4]]})
    with pytest.raises(BadInput, match=r"name one of its configurations, .*#c000"):
        read_run(folder)
    with pytest.raises(UnknownChoice, match="'c9': choose one of c000"):
        read_run(f"{folder}#c9")


def test_a_query_that_stands_twice_or_lacks_a_repeat_is_told(tmp_path: Path) -> None:
    write_table(tmp_path / "run", [{"query": "q1", "AP": 0.5}, {"query": "q1", "AP": 0.6}])
    with pytest.raises(BadInput, match="'q1' has 2 rows, 1 are wanted"):
        read_run(str(tmp_path / "run"))
    folder = write_sweep(tmp_path / "sweep", {"c000": [[0.2, 0.4], [0.2]]})
    with pytest.raises(BadInput, match="'q1' has 1 rows, 2 are wanted"):
        read_run(f"{folder}#c000")


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no rows\.parquet"):
        read_run(str(tmp_path))
    (tmp_path / "rows.parquet").write_text("no")
    with pytest.raises(BadInput, match="cannot be read"):
        read_run(str(tmp_path))


def test_a_column_of_nulls_is_one_of_numbers_still(tmp_path: Path) -> None:
    from pyarrow import parquet

    write_table(tmp_path, [{"query": "q1", "repeat": 0, "AP": None, "error": None}])
    kinds = {field.name: str(field.type) for field in parquet.read_schema(tmp_path / "rows.parquet")}
    assert kinds == {"query": "string", "repeat": "int32", "AP": "double", "error": "string"}
    assert read_table(tmp_path)["AP"] == [None]
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        write_table(tmp_path / "file" / "out", [{"query": "q1"}])


async def test_runs_written_by_the_evaluation_are_compared(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")

    async def one(mode: Mode) -> RetrievalRun:
        return await evaluate_retrieval(dataset, fake_parts(), mode, tmp_path)

    for mode in ("sparse", "dense"):
        (await one(mode)).write(tmp_path / mode)
    runs = [read_run(str(tmp_path / mode)) for mode in ("sparse", "dense")]
    assert compare_runs(runs, "R@10").analysis.queries == len(QRELS)
    other = write_collection(tmp_path / "zoo", {"cat": "other", "dog": "", "fish": "", "bird": ""})
    (await evaluate_retrieval(other, fake_parts(), "sparse", tmp_path)).write(tmp_path / "other")
    with pytest.raises(BadInput, match="corpus_sha256"):
        compare_runs([runs[0], read_run(str(tmp_path / "other"))])
