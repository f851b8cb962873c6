"""``ardoise eval sweep`` from its file to its report."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from eval.table import NOT_MEASURES, read_table
from tests.unit.eval.sweep_parts import write_random_collection

pytestmark = pytest.mark.weights

SPACE = "name: small\naxes: {retrieval.mode: [sparse], retrieval.k1: [0.9, 1.2], retrieval.b: [0.4, 0.9]}\n"


MODES = """
name: modes
fixed: {embedding.model: all-MiniLM-L6-v2, retrieval.fusion: rrf}
axes:
  retrieval.mode: [sparse, dense, hybrid]
  chunking.chunker: [recursive]
  chunking.size: [16]
  chunking.overlap: [0]
"""
ANSWERS = """axes: {graph: [chain, agent]}
fixed: {embedding.model: all-MiniLM-L6-v2, retrieval.mode: sparse}
measures: [right, token_f1]
"""
FIXED = ("--set", "embedding.model=all-MiniLM-L6-v2", "--set", "retrieval.fusion=rrf")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """One home for all tests."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(models, target_is_directory=True)
    return folder


@pytest.fixture
def arguments(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("ARDOISE_HOME", str(home))
    data = write_random_collection(tmp_path / "data", 0, documents=12)
    (tmp_path / "small.yaml").write_text(SPACE)
    folder = str(tmp_path / "out")
    return ["eval", "sweep", str(tmp_path / "small.yaml"), "--dataset", str(data), "--out", folder, "--json"]


def test_a_sweep_prints_what_it_came_to_and_does_nothing_twice(arguments: list[str], tmp_path: Path) -> None:
    first = CliRunner().invoke(cli, arguments)
    assert first.exit_code == 0, first.output
    view = json.loads(first.stdout)
    assert set(view) == {"configurations", "stage_runs", "cached", "seconds", "report", "best"}
    # one corpus cut; for each of four encoders: questions, index, candidates, ranking
    assert (view["configurations"], view["stage_runs"]) == (4, 1 + 4 * 4)
    assert Path(view["report"]).is_file()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"sweep.json", "configurations.jsonl", "rows.parquet", "hits.parquet", "queries.jsonl"}
    assert (tmp_path / "out" / "diagnosis.parquet").is_file()
    again = json.loads(CliRunner().invoke(cli, arguments).stdout)
    assert (again["stage_runs"], again["cached"], again["best"]["id"]) == (0, 17, view["best"]["id"])


def test_a_configuration_scores_as_eval_run_does_to_the_digit(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(MODES)
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    lines = (tmp_path / "out" / "configurations.jsonl").read_text().splitlines()
    configurations = [json.loads(line) for line in lines]
    assert [one["settings"]["retrieval.mode"] for one in configurations] == ["sparse", "dense", "hybrid"]
    for one in configurations:
        pairs = [word for name, value in one["settings"].items() for word in ("--set", f"{name}={value}")]
        alone = tmp_path / one["id"]
        run = ["eval", "run", "--dataset", str(tmp_path / "data"), "--out", str(alone), *pairs, *FIXED]
        done = CliRunner().invoke(cli, run)
        assert done.exit_code == 0, done.output
        swept = read_table(tmp_path / "out", configuration=one["id"])
        single = read_table(alone)
        measures = [name for name in single if name not in NOT_MEASURES]
        assert {name: swept[name] for name in ("query", *measures)} == {
            name: single[name] for name in ("query", *measures)
        }


def test_a_dry_run_prints_the_plan_and_writes_nothing(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [*arguments, "--dry-run"])
    assert json.loads(done.stdout)["stages"] == {"chunk": 1, "query": 4, "index": 4, "retrieve": 4, "fuse": 4}
    assert not (tmp_path / "out").exists()


def test_answers_are_swept_where_the_measures_are_of_answers(arguments: list[str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    row = json.loads((data / "corpus.jsonl").read_text().splitlines()[0])
    question = {"id": "a0", "question": f"What of {row['text']}?", "answer": row["text"], "answerable": True}
    question["gold"] = [{"document_id": row["_id"], "quote": row["text"]}]
    (data / "questions.jsonl").write_text(json.dumps(question))
    (tmp_path / "small.yaml").write_text(ANSWERS)
    view = json.loads(CliRunner().invoke(cli, arguments).stdout)
    # one corpus cut and indexed; the chain's passages and answer, and the agent's answer
    assert (view["configurations"], view["stage_runs"]) == (2, 2 + 2 + 1)
    assert set(view["best"]["metrics"]) == {"right", "token_f1"}
    (data / "questions.jsonl").unlink()
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    assert "line 3, column 12" in done.output
    assert "questions.jsonl" in done.output


def test_a_search_tries_some_and_keeps_the_baseline(arguments: list[str]) -> None:
    view = json.loads(CliRunner().invoke(cli, [*arguments, "--search", "2"]).stdout)
    assert view["configurations"] == 3


def test_a_mistake_in_the_file_is_told_with_its_place(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text("axes:\n  retrieval.modus: [sparse]\n  chunking.size: [9]\n")
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    assert "line 2, column 3" in done.output
    assert "line 3, column 19" in done.output
