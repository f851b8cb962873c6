import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.beir import Dataset, Query, read_dataset
from eval.tuning import run as tuning
from eval.tuning.mining import Group, Mining, mine
from eval.tuning.questions import TrainingQuery, part, pseudo_queries, relevant
from eval.tuning.run import CARD, Plan, tune
from eval.tuning.training import CHECKPOINT, Schedule, network, train
from eval.tuning.verdict import WEIGHTS, Seen, decide, look
from rag.errors import BadInput
from rag.reranking.cross_encoder import CrossEncoderReranker, find_cross_encoder
from rag.resilience.workers import Workers
from rag.types import Chunk, Hit, LegScore
from tests.unit.eval.parts import fake_parts

TOPICS = [f"topic{chr(97 + number)}" for number in range(24)]
SCHEDULE = Schedule(batch=2, max_tokens=24, save_every=2)


def hit(document: str, text: str, dense: float | None, sparse: float | None, rank: int = 1) -> Hit:
    found = {"dense": dense, "sparse": sparse}
    legs = {leg: LegScore(rank, score) for leg, score in found.items() if score is not None}
    return Hit(Chunk(document, document, text, 0, len(text)), 1.0, legs)


def mined(*hits: Hit, query: TrainingQuery | None = None, negatives: int = 1) -> Group | None:
    query = query or TrainingQuery("q", {"right"}, "given")
    return mine(query, hits, Mining(negatives), {"right": "Right"}, np.random.default_rng(0))


RIGHT = hit("right", "Right the one that answers the question", 0.8, 10.0)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of two layers with random weights."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    vocabulary = folder.parent / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "about", *TOPICS]))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=6 + len(TOPICS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab=str(vocabulary)).save_pretrained(folder)
    return folder


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """A question a document, which shares its first word with it and its second with the next one."""
    folder = tmp_path / "topics"
    folder.mkdir()
    rows = [
        {"_id": topic, "title": f"All about {topic}", "text": f"{topic} {TOPICS[place - 1]} about"}
        for place, topic in enumerate(TOPICS)
    ]
    queries = [{"_id": f"q-{topic}", "text": f"{topic} about"} for topic in TOPICS]
    qrels = [f"q-{topic}\t{topic}\t1" for topic in TOPICS]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *qrels]))
    return read_dataset(folder)


def groups(count: int) -> list[Group]:
    return [
        Group(topic, f"{topic} about", (f"{TOPICS[place - 1]} about", f"{TOPICS[place - 2]}"), "given")
        for place, topic in enumerate(TOPICS[:count])
    ]


def nothing(*_: object) -> None:
    pass


def test_a_passage_that_both_legs_put_near_the_right_one_is_no_wrong_one() -> None:
    edge = 0.95
    rival = hit("rival", "something else", edge * 0.8, edge * 10)
    assert mined(RIGHT, rival) is None
    for dense, sparse in [(edge * 0.8 - 0.01, 99.0), (0.99, edge * 10 - 0.1), (0.99, None)]:
        group = mined(RIGHT, hit("wrong", "something else", dense, sparse))
        assert group is not None
        assert group.negatives == ("something else",)


def test_a_near_duplicate_and_another_passage_of_the_right_document_are_no_wrong_ones() -> None:
    copy = hit("copy", "Right, the one that answers the question!", 0.1, 0.1)
    same = hit("right", "an appendix", 0.1, 0.1)
    assert mined(RIGHT, copy, same) is None


def test_wrong_passages_stand_high_in_a_leg_and_a_question_without_enough_of_them_is_left_out() -> None:
    low = hit("low", "far down", 0.1, 0.1, rank=21)
    high = hit("high", "high up", 0.1, 0.1, rank=20)
    assert mined(RIGHT, low) is None
    assert mined(RIGHT, low, high, negatives=2) is None
    assert mined(low, high) is None  # nor one whose right passage was not found
    group = mined(RIGHT, low, high)
    assert group is not None
    assert group.negatives == ("high up",)


def test_a_title_is_taken_out_of_the_passages_that_it_is_the_query_for() -> None:
    group = mined(RIGHT, hit("wrong", "another", 0.1, 0.1), query=TrainingQuery("Right", {"right"}, "title"))
    assert group is not None
    assert group.positive == "the one that answers the question"


def test_titles_and_headings_become_queries_once_each() -> None:
    chunks = [Chunk(str(n), "doc", "", 0, 0, ("Key value cache", "Paged memory")) for n in range(2)]
    named = {"doc": "Key value cache", "other": "Key value cache", "third": "Notes"}
    assert pseudo_queries(named, chunks) == [
        TrainingQuery("Key value cache", {"doc", "other"}, "title"),
        TrainingQuery("Key value cache: Paged memory", {"doc"}, "heading"),
    ]


def test_questions_about_the_same_document_are_not_parted(dataset: Dataset) -> None:
    # q1 and q2 share a document, q2 and q3 another: all three belong together
    queries = tuple(Query(f"q{number}", "?") for number in range(1, 31))
    qrels = {query.id: {query.id: 1} for query in queries} | {"q1": {"a": 1}, "q2": {"a": 1, "b": 1}}
    qrels["q3"] = {"b": 1, "c": 0}
    for seed in range(5):
        parted = part(replace(dataset, queries=queries, qrels=qrels), 0.2, 0.3, seed)
        sides = (parted.train, parted.choose, parted.test)
        assert sorted(query.id for side in sides for query in side) == sorted(qrels)
        documents = [{one for query in side for one in relevant(qrels[query.id])} for side in sides]
        assert sum(map(len, documents)) == len(set().union(*documents))
        assert len(parted.test) >= 0.3 * 30


def weights(encoder: Path, work: Path) -> dict[str, NDArray[np.float32]]:
    model = train(encoder, groups(12), SCHEDULE, work, nothing)
    return {name: one.detach().numpy() for name, one in network(model).state_dict().items()}


def test_a_killed_training_goes_on_and_comes_to_the_same_weights(encoder: Path, tmp_path: Path) -> None:
    def kill_at_five(_: str, step: int, steps: int) -> None:
        assert steps == 12 / SCHEDULE.batch
        if step == 5:
            raise KeyboardInterrupt

    whole = weights(encoder, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(encoder, groups(12), SCHEDULE, tmp_path / "killed", kill_at_five)
    steps: list[int] = []
    model = train(encoder, groups(12), SCHEDULE, tmp_path / "killed", lambda _, step, __: steps.append(step))
    assert steps == [5, 6]  # the checkpoint is of step 4
    for name, one in network(model).state_dict().items():
        np.testing.assert_array_equal(one.detach().numpy(), whole[name], err_msg=name)


def test_training_moves_the_upper_layers_and_the_head_alone(encoder: Path, tmp_path: Path) -> None:
    first = network(train(encoder, [], SCHEDULE, tmp_path / "none", nothing)).state_dict()
    after = weights(encoder, tmp_path / "some")
    moved = {name for name, one in first.items() if not np.array_equal(one.numpy(), after[name])}
    assert any("layer.1." in name for name in moved)
    assert any("classifier" in name for name in moved)
    assert not [name for name in moved if "embeddings" in name or "layer.0." in name]


def test_a_checkpoint_of_other_groups_is_not_used(encoder: Path, tmp_path: Path) -> None:
    train(encoder, groups(4), SCHEDULE, tmp_path, nothing)
    assert (tmp_path / CHECKPOINT).is_file()
    steps: list[int] = []
    train(encoder, groups(6), SCHEDULE, tmp_path, lambda _, step, __: steps.append(step))
    assert steps == [1, 2, 3]


def seen(name: str, fused: Sequence[float], scores: Sequence[float]) -> Seen:
    """A question whose right document, named like it, stands last of the fused hits."""
    documents = [*(f"{name}-{place}" for place in range(len(fused) - 1)), name]
    hits = [Hit(Chunk(one, one, one, 0, 1), score) for one, score in zip(documents, fused, strict=True)]
    return Seen(Query(name, name), hits, scores, 1.0)


def test_a_weight_is_chosen_on_some_questions_and_its_gain_tested_on_others() -> None:
    qrels = {f"q{number}": {f"q{number}": 1} for number in range(20)}
    all_seen = [seen(name, [3, 2, 1], [0, 0, 9]) for name in qrels]
    verdict = decide(all_seen[:10], all_seen[10:], qrels)
    # From a weight of .7 on the right one is first: (1 - w) · 1 < w. Before, it is third.
    assert verdict.weight == 0.7
    assert verdict.before == pytest.approx(1 / np.log2(4))
    assert verdict.after == 1.0
    assert verdict.helped
    assert set(verdict.chosen) == {0.0, *WEIGHTS}


def test_a_gain_on_few_questions_is_not_called_one() -> None:
    qrels = {f"q{number}": {f"q{number}": 1} for number in range(13)}
    all_seen = [seen(name, [3, 2, 1], [0, 0, 9]) for name in qrels]
    verdict = decide(all_seen[:10], all_seen[10:], qrels)
    assert verdict.after > verdict.before
    assert not verdict.helped  # three questions flip their signs to this in 2 of 8 ways


def test_hits_behind_the_depth_keep_their_places() -> None:
    model = SimpleNamespace(predict=lambda pairs, **_: [float(place) for place in range(len(pairs))])
    hits = [Hit(Chunk(one, one, one, 0, 1), 1 / place) for place, one in enumerate("abcd", 1)]
    (one,) = look(model, [(Query("q", "q"), hits)], 2, nothing)  # type: ignore[arg-type]
    ranked = one.ranked(1.0)
    assert sorted(ranked, key=lambda document: -ranked[document]) == ["b", "a", "c", "d"]


@pytest.fixture
def plan() -> Plan:
    return Plan(groups=6, depth=3, mining=Mining(negatives=1), schedule=SCHEDULE)


async def test_nothing_is_kept_where_the_test_does_not_show_help(
    dataset: Dataset, encoder: Path, plan: Plan, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    card = await tune(dataset, fake_parts(), encoder, plan, out, tmp_path / "home", nothing)
    assert card["before"] == 1.0  # the fused order has no mistake: there is nothing to win
    assert not card["helped"]
    assert [path.name for path in out.iterdir()] == [CARD]
    assert json.loads((out / CARD).read_text()) == card
    assert sum(card["groups"].values()) == plan.groups


async def test_a_model_that_helps_is_kept_and_the_reranker_can_use_it(
    dataset: Dataset, encoder: Path, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qrels = {f"q{number}": {f"q{number}": 1} for number in range(20)}
    better = [seen(name, [3, 2, 1], [0, 0, 9]) for name in qrels]
    monkeypatch.setattr(tuning, "decide", lambda *_: decide(better[:10], better[10:], qrels))
    out = tmp_path / "out"
    card = await tune(dataset, fake_parts(), encoder, plan, out, tmp_path / "home", nothing)
    assert (card["helped"], card["rerank_weight"]) == (True, 0.7)
    assert find_cross_encoder(str(out)) == out
    reranker = CrossEncoderReranker("tuned", out, Workers(threads=1))
    found = [hit(topic, f"{topic} about", 1.0, 1.0) for topic in TOPICS[:3]]
    assert {one.chunk.id for one in await reranker.rerank("topica about", found)} == set(TOPICS[:3])


async def test_what_was_mined_before_a_kill_is_not_mined_again_and_a_finished_run_is_returned(
    dataset: Dataset, encoder: Path, plan: Plan, tmp_path: Path
) -> None:
    stages: list[str] = []

    def kill_in_training(stage: str, *_: object) -> None:
        stages.append(stage)
        if stage == "train" and stages.count("train") == 2:
            raise KeyboardInterrupt

    parts, out = fake_parts(), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        await tune(dataset, parts, encoder, plan, out, tmp_path / "home", kill_in_training)
    assert "mine" in stages
    stages.clear()

    def note(stage: str, *_: object) -> None:
        stages.append(stage)

    card = await tune(dataset, parts, encoder, plan, out, tmp_path / "home", note)
    assert "train" in stages
    assert "mine" not in stages
    stages.clear()
    again = await tune(dataset, parts, encoder, plan, out, tmp_path / "home", note)
    assert (again, stages) == (card, [])


async def test_a_folder_with_the_card_of_another_run_is_refused(
    dataset: Dataset, encoder: Path, plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / CARD).write_text(json.dumps({"tried": "something else"}))
    with pytest.raises(BadInput, match="holds the card of another run"):
        await tune(dataset, fake_parts(), encoder, plan, tmp_path, tmp_path, nothing)


async def test_a_collection_with_too_few_questions_is_refused(
    dataset: Dataset, encoder: Path, plan: Plan, tmp_path: Path
) -> None:
    few = replace(dataset, queries=dataset.queries[:1])
    with pytest.raises(BadInput, match="1 judged questions are too few"):
        await tune(few, fake_parts(), encoder, plan, tmp_path / "out", tmp_path, nothing)


def test_each_epoch_sees_every_group_once() -> None:
    from eval.tuning.training import _batches

    def flat() -> Iterator[str]:
        for batch in _batches(groups(11), replace(SCHEDULE, epochs=3)):
            yield from (group.query for group in batch)

    assert sorted(flat()) == sorted(TOPICS[:11] * 3)
