"""Small deterministic parts for sweeps: a kit for some settings, and what was called how often."""

import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from eval.beir import Dataset
from eval.sweep.engine.local import Inline
from eval.sweep.kit import Kit
from eval.sweep.run import Sweep, Tally, work
from eval.sweep.space import Space, Values
from ingest.chunkers.fixed import FixedChunker
from rag.embedding.base import Embedder
from rag.errors import BadInput
from rag.fusion import build_fusion
from rag.fusion.base import Fusion
from rag.index.base import Index
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.workers import Workers
from rag.retriever import Retriever
from rag.sparse.base import SparseEncoder
from rag.types import Hit
from tests.fakes import HashingEmbedder
from tests.fakes_index import WordSparse
from tests.unit.eval.parts import MemoryStore

WORDS = tuple("cat dog fish bird sleeps barks swims sings mat bone river tree warm cold old new".split())  # noqa: SIM905


class ByLength:
    """Prefers short passages; equal lengths keep their order."""

    name = "by length"
    batch_size = 1_000

    async def rerank(self, query: str, hits: list[Hit]) -> list[Hit]:
        scored = [replace(hit, score=-len(hit.chunk.text), rerank_score=-len(hit.chunk.text)) for hit in hits]
        return sorted(scored, key=lambda hit: -hit.score)


def kit(values: Values) -> Kit:
    """The kit for values of size, mode, k, candidates, reranker and depth."""
    if values.get("broken") == "yes":
        raise BadInput("broken")
    embedder, workers = HashingEmbedder(), Workers(threads=1)
    reranker: Any = ByLength() if values.get("reranker") == "length" else NoReranker()
    candidates, depth = values.get("candidates", 100), values.get("depth", 30)

    def retriever(
        index: Index, embedder: Embedder, sparse: SparseEncoder, fusion: Fusion, reranker: Reranker
    ) -> Retriever:
        return Retriever(
            embedder, sparse, index, reranker, fusion, workers, candidates=candidates, rerank_top=depth
        )

    return Kit(
        chunker=FixedChunker(values.get("size", 8), 0, embedder.token_spans),
        embedder=embedder,
        sparse=WordSparse(),
        fusion=build_fusion("rrf", k=values.get("k", 60)),
        reranker=reranker,
        retriever=retriever,
        mode=values.get("mode", "hybrid"),
        candidates=candidates,
        rerank_depth=depth,
    )


def write_random_collection(folder: Path, seed: int, documents: int = 105) -> Path:
    """Documents of very different lengths, so that hits must be looked for deeper than at first."""
    draw = random.Random(seed)  # noqa: S311 - of test data
    lengths = [draw.choice([2, 3, 2, 3, 2, 3, 2, 40]) for _ in range(documents)]
    corpus = [
        {"_id": f"d{number}", "title": "", "text": " ".join(draw.choices(WORDS, k=length))}
        for number, length in enumerate(lengths)
    ]
    queries = [{"_id": f"q{number}", "text": " ".join(draw.sample(WORDS, 3))} for number in range(4)]
    judged = [f"q{number}\td{draw.randrange(documents)}\t{draw.choice([1, 2])}" for number in range(4)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
    return folder


@cache
def in_memory(root: Path) -> MemoryStore:
    """Indexes that stay from stage to stage, and add up scores alike each time, which the engine does not."""
    return MemoryStore()


def make_sweep(folder: Path, dataset: Dataset, axes: dict[str, tuple[Any, ...]], kits: Any = kit) -> Sweep:
    baseline = {name: values[0] for name, values in axes.items()}
    space = Space("small", axes, baseline=baseline)
    return Sweep(space, dataset, kits, folder, folder.parent / "timings.json", indexes=in_memory)


def swept(sweep: Sweep) -> Tally:
    """Everything computed that was not there."""
    tally = Tally()
    work(sweep, sweep.plan(), Inline(), lambda *_: None, tally)
    return tally
