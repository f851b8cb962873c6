"""What an evaluator's files get wrong, at the command line: named in one line, and nothing is scored."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from typer.testing import Result

from tests.e2e.conftest import Run
from tests.servers.provider import KEY, running_provider

QUOTE = "The cache takes 131,072 bytes per token."
GOOD = {
    "corpus.jsonl": '{"_id": "kv", "title": "", "text": "' + QUOTE + '"}\n',
    "queries.jsonl": '{"_id": "q1", "text": "How large is the cache?"}\n',
    "qrels.tsv": "query-id\tcorpus-id\tscore\nq1\tkv\t1\n",
}
ASKED = {"id": "q1", "question": "How large?", "answerable": True}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are typed where the data lie."""
    monkeypatch.chdir(tmp_path)


def told(done: Result, code: int) -> str:
    assert isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code, done.stdout) == (code, ""), done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("file", "content", "wrong"),
    [
        (
            "qrels.tsv",
            GOOD["qrels.tsv"] + "q9\tkv\t1\n",
            "line 3, field 'query-id': no query has the id 'q9'",
        ),
        ("qrels.tsv", GOOD["qrels.tsv"] + "q1\tno\t1\n", "line 3, field 'corpus-id': no document has the id"),
        ("qrels.tsv", "query-id\tscore\nq1\t1\n", "line 1, field 'corpus-id'"),
        ("qrels.tsv", GOOD["qrels.tsv"] + "q1\tkv\n", "line 3, field 'score'"),
        ("queries.jsonl", GOOD["queries.jsonl"] * 2, "line 2, field '_id'"),
        ("queries.jsonl", '{"_id": "q1", "text": " "}\n', "line 1, field 'text'"),
        ("corpus.jsonl", GOOD["corpus.jsonl"] * 2, "line 2"),
    ],
)
def test_a_wrong_row_of_a_collection_stops_the_run(
    ardoise: Run, tmp_path: Path, file: str, content: str, wrong: str
) -> None:
    for name, text in (GOOD | {file: content}).items():
        (tmp_path / name).write_text(text)
    said = told(ardoise("eval", "run", "--dataset", str(tmp_path), "--out", "out"), 2)
    assert wrong in said
    assert file in said
    assert not (tmp_path / "out").exists()


def files_and_questions(tmp_path: Path, quote: str) -> list[str]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "kv.md").write_text(f"# KV cache\n\n{QUOTE}\n")
    gold = [{"document_id": "docs/kv.md", "quote": quote}]
    (tmp_path / "q.jsonl").write_text(json.dumps({**ASKED, "gold": gold}) + "\n")
    return ["eval", "dataset", "docs", "--questions", "q.jsonl", "--out", "beir"]


def test_files_and_questions_become_a_folder(ardoise: Run, tmp_path: Path) -> None:
    done = ardoise(*files_and_questions(tmp_path, QUOTE), "--json")
    assert json.loads(done.stdout) == {"folder": "beir", "documents": 1, "questions": 1, "judged": 1}
    assert {path.name for path in (tmp_path / "beir").iterdir()} == {*GOOD, "questions.jsonl"}


def test_a_gold_quote_that_is_not_in_its_document_is_named(ardoise: Run, tmp_path: Path) -> None:
    said = told(ardoise(*files_and_questions(tmp_path, "of another page")), 2)
    assert "1 gold quotes" in said
    assert "'of another page' of 'docs/kv.md'" in said
    assert not (tmp_path / "beir").exists()


def test_a_disk_that_fills_leaves_no_half_written_file(
    ardoise: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = files_and_questions(tmp_path, QUOTE)

    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert "no space left" in told(ardoise(*words), 1)
    assert not [path for path in (tmp_path / "beir").iterdir() if path.suffix != ".part"]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["eval", "answers", "--questions", "q.jsonl", "--judge", "ragas"], "'extractive' is none"),
        (["eval", "answers", "--questions", "q.jsonl", "--judge", "gpt"], "none, support, ragas"),
        (["eval", "answers", "--questions", "q.jsonl", "--split", "train"], "dev, test"),
        (["eval", "answers", "--questions", "q.jsonl", "--dry-run"], "--judge ragas"),
        (["eval", "agent", "--dataset", "q.jsonl", "--split", "train"], "dev, test"),
        (["eval", "agent", "--dataset", "q.jsonl", "--types", "fact,riddle"], "riddle"),
        (["eval", "agent", "--dataset", "q.jsonl", "--also", "no.jsonl"], "no.jsonl"),
        (["eval", "agent", "--dataset", "q.jsonl", "--also", "q.jsonl"], "a set named q is asked already"),
        (["eval", "make-questions", "--out", "x.jsonl"], "--corpus PATH or --collection NAME"),
        (["eval", "make-questions", "--corpus", "no/such", "--out", "x.jsonl"], "no/such"),
        (["eval", "calibrate", "--labels", "no.jsonl"], "no.jsonl"),
    ],
)
def test_what_cannot_be_judged_or_made_is_told(
    ardoise: Run, tmp_path: Path, words: list[str], wrong: str
) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({**ASKED, "gold": [{"document_id": "d", "quote": "q"}]}))
    assert wrong in told(ardoise(*words), 2)


@pytest.mark.socket
def test_a_judge_that_returns_prose_is_counted_row_by_row_and_scores_nothing(
    ardoise: Run, tmp_path: Path
) -> None:
    claims = [{"id": name, "claim": QUOTE, "quote": QUOTE, "supported": name == "a"} for name in "ab"]
    (tmp_path / "claims.jsonl").write_text("".join(json.dumps(row) + "\n" for row in claims))
    with running_provider() as provider:
        provider.structured = lambda _: "Gladly! Here is what I think."
        done = ardoise(
            *["eval", "calibrate", "--labels", "claims.jsonl", "--judge", "ragas", "--json"],
            ARDOISE_LLM="mistral",
            ARDOISE_LLM_MODEL="model",
            MISTRAL_API_KEY=KEY,
            ARDOISE_MISTRAL_URL=provider.url,
        )
    view = json.loads(done.stdout)
    assert (view["rows"], view["scored"], view["kappa"]["value"]) == (2, 0, None)
    assert [one["id"] for one in view["failed"]] == ["a", "b"]
    assert all(one["status"] == "failed" and one["why"] for one in view["failed"])
