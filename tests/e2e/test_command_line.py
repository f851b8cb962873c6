"""The command line as people and scripts use it: exit codes, one JSON document, one line for an error."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import Result

from tests.e2e.conftest import ENGLISH, Run, told
from tests.system import write_pages

ROOT = Path(__file__).parents[2]
DEFAULT = "bilingual"


@pytest.fixture(autouse=True)
def project_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are typed where the project lies."""
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("pages"))


@pytest.mark.weights
def test_ingest_search_and_ask_print_one_json_document_each(ardoise: Run, pages: Path) -> None:
    first = json.loads(ardoise("ingest", str(pages), "--json").stdout)
    again = json.loads(ardoise("ingest", str(pages), "--json").stdout)
    found = json.loads(ardoise("search", "memory of the KV cache", "--json").stdout)
    answered = json.loads(ardoise("ask", "How many bytes per token does the KV cache take?", "--json").stdout)
    assert (first["added"], again["added"], again["unchanged"]) == (3, 0, 3)
    assert found["hits"][0]["document_id"] == "book/inference/kv-cache.md"
    assert "131,072 bytes" in answered["answer"]
    assert answered["citations"][0]["uri"] == "book/inference/kv-cache.md"
    assert answered["timings_ms"]
    assert answered["parts"]["llm"] == "extractive"


@pytest.mark.weights
def test_an_explained_search_is_a_table_for_people_and_an_object_for_scripts(
    ardoise: Run, pages: Path
) -> None:
    ardoise("ingest", str(pages))
    words = ["search", "caches of bytes", "--top-k", "1", "--reranker", "late_interaction", "--explain"]
    words += ["--expect", "book/retrieval/rrf.md"]
    shown, found = ardoise(*words).stdout, json.loads(ardoise(*words, "--json").stdout)
    explained = found["hits"][0]["explain"]
    assert {term["term"]: term["in_text"] for term in explained["terms"]} == {
        "caches": "cache",
        "bytes": "bytes",
    }
    assert found["explain"]["expected"]["stage"] == "top_k"
    assert "caches/cache " in shown
    assert "reranker 1 → 1" in shown
    assert "book/retrieval/rrf.md: top_k" in shown


@pytest.mark.weights
def test_a_file_that_fails_is_named_and_stops_no_other(ardoise: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nA sentence to keep.\n")
    (folder / "empty.md").write_text("")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    report = json.loads(ardoise("ingest", str(folder), "--json").stdout)
    assert report["added"] == 1
    assert sorted(item["uri"] for item in report["failed"]) == [
        "mixed/binary.txt",
        "mixed/broken.pdf",
        "mixed/empty.md",
    ]
    assert report["skipped"] == {".png": ["mixed/picture.png"]}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ingest", "no/such/path"], "no/such/path"),
        (["ingest", "docs/handbook", "--chunker", "magic"], "unknown chunker 'magic'"),
        (["ingest", "docs/handbook", "--chunk-size", "20", "--overlap", "20"], "overlap"),
        (["search", "x", "--collection", "../up"], "collection"),
        (["search", "x", "--filter", "language"], "KEY=VALUE"),
        (["search", "x", "--mode", "psychic"], "mode"),
        (["ask", ""], "empty"),
        (["ask", "x" * 100_000], "100,000 characters"),
        (["ask", "x", "--deadline", "-1"], "deadline_s"),
        (["ask", "x"], "collection yet"),
        (["ask", "x", "--llm", "gpt"], "'gpt'"),
        (["documents", "list"], "collection yet"),
        (["collections", "delete", "nothing"], "nothing"),
        (["eval", "run", "--dataset", "no/such/folder"], "no/such/folder"),
        (["eval", "run", "--dataset", "docs", "--set", "top_k"], "--set"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    ardoise: Run, tmp_path: Path, words: list[str], expected: str
) -> None:
    assert expected in told(ardoise(*words), 2)
    assert not list(tmp_path.glob("home/collections/*/shard"))


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_argument_that_is_no_utf8_is_bad_input(ardoise: Run, command: str) -> None:
    line = told(ardoise(command, b"caf\xe9".decode("utf-8", "surrogateescape")), 2)
    assert "character 4 is U+DCE9" in line
    assert "valid UTF-8" in line


def test_an_empty_folder_has_nothing_to_ingest(ardoise: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty" in told(ardoise("ingest", str(tmp_path / "empty")), 2)


def test_the_installed_command_tells_a_usage_error_without_a_traceback(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "app.cli", "search", "x", "--nonsense"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 2
    assert "--nonsense" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_typo_in_a_setting_fails_at_start(ardoise: Run) -> None:
    assert "ARDOISE_HOMEE" in told(ardoise("collections", "list", ARDOISE_HOMEE="x"), 2)


def test_mistral_without_a_key_says_what_to_set(ardoise: Run, tmp_path: Path) -> None:
    assert "MISTRAL_API_KEY" in told(ardoise("ask", "x", ARDOISE_LLM="mistral"), 1)


def test_a_key_that_cannot_be_one_fails_as_a_wrong_one_does(ardoise: Run) -> None:
    assert "mistral_api_key" in told(ardoise("ask", "x", MISTRAL_API_KEY="sk-é"), 1)


@pytest.mark.weights
def test_a_corrupt_index_is_named_and_left_as_it_is(ardoise: Run, pages: Path, tmp_path: Path) -> None:
    assert ardoise("ingest", str(pages)).exit_code == 0
    marker = tmp_path / "home" / "collections" / "default" / "collection.json"
    marker.write_text("not json")
    line = told(ardoise("search", "x"), 1)
    assert "default" in line
    assert marker.read_text() == "not json"


@pytest.mark.weights
@pytest.mark.timeout(600)
def test_doctor_names_every_part_and_says_why_one_stands_in(ardoise: Run, tmp_path: Path) -> None:
    done = ardoise("doctor", "--json", ARDOISE_EMBEDDER=DEFAULT)
    checks = {check["part"]: check for check in json.loads(done.stdout)["checks"]}
    assert {"home", "embedder", "index", "reranker", "llm", "threads", "ragas"} == set(checks)
    assert checks["embedder"]["status"] == "ok"
    assert all(name in checks["embedder"]["what"] for name in (ENGLISH, "multilingual-e5-small"))
    assert checks["reranker"]["why"]
    assert done.exit_code == int(any(check["status"] == "failed" for check in checks.values()))


@pytest.mark.weights
@pytest.mark.timeout(600)
def test_the_readmes_tour_runs_as_printed(ardoise: Run, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = readme.partition("```console\n")[2].partition("```")[0]
    commands = [shlex.split(line.removeprefix("$ ardoise ")) for line in tour.splitlines()]
    assert len(commands) >= 8
    printed: list[Result] = []
    for words in commands:
        if "CHECKPOINT" in words:
            checkpoint = json.loads(printed[-1].stdout)["turns"][0]["checkpoint"]
            words[words.index("CHECKPOINT")] = checkpoint
        printed.append(ardoise(*words, ARDOISE_EMBEDDER=DEFAULT))
    assert [done.output for done in printed if done.exit_code] == []
    computed, threaded = printed[5].stdout, json.loads(printed[6].stdout)
    assert "= 128" in computed
    assert threaded["citations"]
    waits, approved, kept = (done.stdout for done in printed[7:10])
    assert "waits for approval: remember" in waits
    assert approved.startswith("remembered: we own two RTX 4090.")
    assert "we own two RTX 4090." in kept
    assert "nothing changed" in printed[-2].stdout


def test_a_wrong_path_takes_nothing_from_a_collection_that_is_there(ardoise: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Page\n\nOne sentence that is kept.\n")
    assert ardoise("ingest", str(tmp_path / "page.md")).exit_code == 0
    manifest = tmp_path / "home" / "collections" / "default" / "manifest.sqlite"
    manifest.unlink()
    assert ardoise("ingest", "no/such/path").exit_code == 2
    assert ardoise("collections", "list").stdout.startswith("default")


def test_a_home_that_is_a_file_is_told(ardoise: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    assert "home" in told(ardoise("ingest", "docs/handbook/agents"), 1)


def test_the_help_of_every_command_of_the_readme_exists(ardoise: Run) -> None:
    for words in (["ingest"], ["search"], ["ask"], ["documents", "list"], ["serve"], ["eval", "run"]):
        assert ardoise(*words, "--help").exit_code == 0
