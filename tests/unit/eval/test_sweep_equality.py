"""A configuration of a sweep scores as a single run with its settings does, to the last digit."""

import asyncio
from itertools import product
from pathlib import Path

import pytest

from eval.beir import read_dataset
from eval.run import Parts, RetrievalRun, evaluate_retrieval
from eval.sweep.result import Reader
from eval.sweep.space import Values
from tests.unit.eval.parts import MemoryStore
from tests.unit.eval.sweep_parts import kit, make_sweep, swept, write_random_collection


async def single(folder: Path, data: Path, values: Values) -> RetrievalRun:
    made = kit(values)
    store = MemoryStore()
    parts = Parts(
        made.chunker,
        made.embedder,
        made.sparse,
        store,
        lambda index: made.retriever(index, made.embedder, made.sparse, made.fusion, made.reranker),
    )
    try:
        return await evaluate_retrieval(read_dataset(data), parts, made.mode, folder)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("seed", "axes"),
    [
        (0, {"mode": ("hybrid", "dense", "sparse"), "size": (2, 500)}),
        (1, {"k": (1, 60), "candidates": (50, 300), "reranker": ("none", "length")}),
        (2, {"mode": ("hybrid", "dense"), "reranker": ("length",), "depth": (5, 400), "size": (2,)}),
    ],
)
def test_a_configuration_scores_as_its_single_run(
    tmp_path: Path, seed: int, axes: dict[str, tuple[str | int, ...]]
) -> None:
    data = write_random_collection(tmp_path / "data", seed)
    dataset = read_dataset(data)
    sweep = make_sweep(tmp_path / "sweep", dataset, axes)
    assert not swept(sweep).worked.failed
    plan = sweep.plan()
    assert [one.values for one in plan.configurations] == [
        dict(zip(axes, values, strict=True)) for values in product(*axes.values())
    ]
    reader = Reader(dataset, sweep.space, sweep.store)
    for configuration in plan.configurations:
        ours = reader.result(configuration, {})
        alone = asyncio.run(single(tmp_path / "single", data, configuration.values))
        assert ours.scores == alone.scores
        for mine, theirs in zip(ours.rankings, alone.rankings, strict=True):
            assert list(mine.documents.items()) == list(theirs.documents.items())
            assert mine.passages == theirs.passages
        assert ours.index is not None
        assert ours.index["chunks"] == alone.built.chunks
