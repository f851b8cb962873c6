"""What a sweep says of the passages that its configurations lost."""

import json
from pathlib import Path

from eval.beir import read_dataset
from eval.diagnosis import Verdict, read_diagnosis
from eval.sweep.diagnosing import PASSED_ON
from eval.sweep.engine.local import Inline
from eval.sweep.result import Reader
from eval.sweep.run import Sweep, Tally, finish, work
from tests.unit.eval.sweep_parts import make_sweep, write_random_collection


def finished(sweep: Sweep) -> dict[tuple[str, str], Verdict]:
    plan, tally = sweep.plan(), Tally()
    work(sweep, plan, Inline(), lambda *_: None, tally)
    finish(sweep, plan, tally)
    return {(one.configuration, one.query): one.verdict for one in read_diagnosis(sweep.folder)}


def test_a_query_is_right_when_a_relevant_document_is_among_the_first_passages(tmp_path: Path) -> None:
    data = write_random_collection(tmp_path / "data", 0)
    many = "".join(f"\nq0\td{number}\t1" for number in range(60))
    (data / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore{many}\nq1\td3\t1\nq2\td4\t1\nq3\td5\t1")
    dataset = read_dataset(data)
    axes = {"mode": ("hybrid", "dense", "sparse"), "size": (500,), "candidates": (20,)}
    sweep = make_sweep(tmp_path / "sweep", dataset, axes)
    verdicts = finished(sweep)
    reader = Reader(dataset, sweep.space, sweep.store)
    configurations = sweep.plan().configurations
    for configuration in configurations:
        for ranking in reader.result(configuration, {}).rankings:
            first = {span.document_id for span in ranking.passages[:PASSED_ON]}
            right = verdicts[configuration.id, ranking.query.id] is Verdict.RIGHT
            assert right == bool(first & set(dataset.qrels[ranking.query.id]))
    assert len(verdicts) == len(configurations) * len(dataset.queries)
    assert {Verdict.RIGHT, Verdict.NOT_RETRIEVED} <= set(verdicts.values())


def test_a_quote_is_missing_where_no_chunk_holds_it_whole(tmp_path: Path) -> None:
    data = write_random_collection(tmp_path / "data", 0, documents=12)
    rows = map(json.loads, (data / "corpus.jsonl").read_text().splitlines())
    texts = {row["_id"]: row["text"] for row in rows}
    longest = max(texts, key=lambda name: len(texts[name]))
    (data / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\nq0\t{longest}\t1")
    gold = {"document_id": longest, "quote": texts[longest]}
    question = {
        "id": "q0",
        "question": "?",
        "type": "fact",
        "lang": "en",
        "answer": "!",
        "gold": [gold],
        "answerable": True,
    }
    (data / "questions.jsonl").write_text(json.dumps(question))
    sweep = make_sweep(tmp_path / "sweep", read_dataset(data), {"size": (2, 500)})
    verdicts = finished(sweep)
    assert verdicts == {("c000", "q0"): Verdict.MISSING, ("c001", "q0"): Verdict.RIGHT}


def test_what_fusion_or_the_reranker_drops_is_told_apart(tmp_path: Path) -> None:
    data = write_random_collection(tmp_path / "data", 0)
    rows = map(json.loads, (data / "corpus.jsonl").read_text().splitlines())
    # The reranker puts short passages first, and those of long documents are the longest.
    long = [row["_id"] for row in rows if len(row["text"].split()) == 40]
    judged = [f"q{number}\t{name}\t1" for number in range(4) for name in (long if number == 0 else long[:1])]
    (data / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
    axes = {"reranker": ("none", "length"), "depth": (40,)}
    verdicts = finished(make_sweep(tmp_path / "sweep", read_dataset(data), axes))
    assert verdicts["c000", "q0"] is Verdict.RIGHT
    assert verdicts["c001", "q0"] is Verdict.RERANKER
    plain = {verdict for (name, _), verdict in verdicts.items() if name == "c000"}
    assert Verdict.FUSION in plain
    assert Verdict.RERANKER not in plain
