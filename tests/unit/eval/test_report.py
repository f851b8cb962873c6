from typing import Any

from eval.report import answers_report, run_report

RUN: dict[str, Any] = {
    "dataset": "zoo",
    "queries": 1200,
    "metrics": {"nDCG@10": 0.71234, "R@100": 0.9},
    "latency_ms": {"p50": 1.25, "p95": 2.0, "p99": 3.0},
    "index": {"chunks": 5183, "seconds": 41.72, "bytes": 3 * 2**20, "reused": True},
    "config": {"mode": "sparse", "chunker": "whole", "embedder": "none", "sparse": "bm25"},
}
ANSWERS: dict[str, Any] = {
    "questions": 4,
    "judge": "ragas",
    "answered": {"share": 0.5, "count": 2, "of": 4},
    "abstained": {"share": 0.25, "count": 1, "of": 4},
    "failed": {"share": 0.25, "count": 1, "of": 4, "reasons": {f"late {n}": 9 - n for n in range(5)}},
    "abstention": {
        "precision": {"share": 1.0, "count": 1, "of": 1},
        "recall": {"share": None, "count": 0, "of": 0},
    },
    "metrics": {
        "faithfulness": {
            "mean": 0.75,
            "scored": 2,
            "failed": 1,
            "not_applicable": 1,
            "reasons": {"the judge wrote prose": 1},
        }
    },
    "latency_ms": {"p50": 10.0, "p95": 20.0, "p99": 30.0},
    "grades": {"full": 3},
    "degraded": {"mistral: slow": 2},
    "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    "cost": None,
    "judging": {},
}


def test_a_run_is_told_in_a_table_with_its_parts() -> None:
    lines = run_report(RUN).splitlines()
    assert lines[0] == "zoo: 1,200 judged queries, mode sparse"
    assert "nDCG@10  0.7123" in lines
    assert "R@100    0.9000" in lines
    assert "index    5,183 chunks, used again; it took 41.7 s, 3.0 MiB" in lines
    assert not [line for line in lines if line.startswith("embedder")]


def test_an_index_elsewhere_has_no_size() -> None:
    index = {"chunks": 4, "seconds": 1.0, "bytes": None, "reused": False}
    assert "index    4 chunks, built in 1.0 s" in run_report({**RUN, "index": index}).splitlines()


def test_answers_are_told_with_the_counts_beside_every_mean() -> None:
    text = answers_report(ANSWERS)
    assert "faithfulness  0.750       2       1               1" in text.splitlines()
    assert "abstention recall     –  (0 of 0)" in text
    assert "faithfulness: 1 × the judge wrote prose" in text
    assert "degraded: 2 × mistral: slow" in text


def test_a_diagnosis_is_told_in_the_order_of_the_stages_without_zeros() -> None:
    verdicts = {"right": 2, "missing from the index": 0, "not retrieved": 1}
    lines = answers_report({**ANSWERS, "diagnosis": verdicts}).splitlines()
    start = lines.index("diagnosis      questions")
    assert lines[start + 2 : start + 5] == ["right                  2", "not retrieved          1", ""]
    assert "diagnosis" not in answers_report(ANSWERS)


def test_the_most_frequent_reasons_are_told_and_the_others_counted() -> None:
    lines = [line for line in answers_report(ANSWERS).splitlines() if line.startswith("failed: ")]
    assert lines == [
        "failed: 9 × late 0",
        "failed: 8 × late 1",
        "failed: 7 × late 2",
        "failed: 2 more reasons",
    ]
