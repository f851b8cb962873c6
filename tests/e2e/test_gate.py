"""``ardoise eval gate`` and ``eval compare`` from end to end: only counts of words help to find here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli

pytestmark = pytest.mark.timeout(600)  # commands start with imports of seconds

TOPICS = 30
OTHERS = 3


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Each topic's word stands five times in the right document and once in others, whose ids come first."""
    folder = tmp_path / "topics"
    folder.mkdir()
    corpus, queries, qrels = [], [], ["query-id\tcorpus-id\tscore"]
    for topic in range(TOPICS):
        word = f"topic{topic}"
        texts = {f"a{topic}": f"{word} {word} {word} {word} {word}"}
        texts |= {f"z{topic}-{other}": f"{word} is one of many words" for other in range(OTHERS)}
        corpus += [{"_id": key, "title": "", "text": text, "lang": "en"} for key, text in texts.items()]
        queries.append({"_id": word, "text": word})
        qrels.append(f"{word}\ta{topic}\t1")
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text("\n".join(qrels))
    return folder


def ardoise(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["eval", *words], env={"ARDOISE_HOME": str(home)}, prog_name="ardoise")


def test_the_gate_fails_on_a_broken_retriever_and_passes_again_when_it_is_mended(
    tmp_path: Path, collection: Path
) -> None:
    path, home = tmp_path / "topics.yaml", tmp_path / "home"
    command = f"ardoise eval run --dataset {collection} --mode sparse"
    path.write_text(
        f"- name: sparse\n  command: {command}\n  measure: RR@10\n  score: 0\n  tolerance: 0.01\n"
    )
    assert ardoise(home, "gate", str(path), "--update").exit_code == 0
    whole = path.read_text()
    assert "score: 1.0" in whole

    # Without k1 a word counts once, however often it stands: all four documents tie.
    path.write_text(whole.replace("--mode sparse", "--mode sparse --set retrieval.k1=0"))
    broken = ardoise(home, "gate", str(path))
    assert broken.exit_code == 1
    got = 1 / (1 + OTHERS)  # ties go by id, descending
    assert broken.stdout.startswith(
        f"FAILED sparse: RR@10 expected 1.0000, got {got:.4f}, difference {got - 1:+.4f}, p < .001"
    )

    path.write_text(whole)
    mended = ardoise(home, "gate", str(path), "--json")
    assert mended.exit_code == 0
    assert json.loads(mended.stdout)["passed"] is True


def test_a_stored_command_with_a_typo_is_bad_usage(tmp_path: Path, collection: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(
        "- name: a\n  command: ardoise eval run --datast x\n  measure: AP\n  score: 0\n  tolerance: 0\n"
    )
    assert ardoise(tmp_path / "home", "gate", str(path)).exit_code == 2


def test_two_written_runs_are_compared(tmp_path: Path, collection: Path) -> None:
    for name, k1 in (("good", 0.9), ("bad", 0)):
        words = ["--dataset", str(collection), "--mode", "sparse", "--set", f"retrieval.k1={k1}"]
        assert ardoise(tmp_path / "home", "run", *words, "--out", str(tmp_path / name)).exit_code == 0
    runs = [str(tmp_path / "good"), str(tmp_path / "bad")]
    done = ardoise(tmp_path / "home", "compare", *runs, "--measure", "RR@10", "--json")
    (only,) = json.loads(done.stdout)["with_baseline"]
    assert (only["verdict"], only["difference"]) == ("worse", pytest.approx(1 / (1 + OTHERS) - 1))
    assert "worse by 0.750" in ardoise(tmp_path / "home", "compare", *runs, "--measure", "RR@10").stdout
    assert ardoise(tmp_path / "home", "compare", runs[0]).exit_code == 2
