import errno
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.beir import Dataset
from eval.bench import bench
from eval.folder import write_rows
from eval.index import Recipe
from eval.metrics import MEASURES
from eval.quotes import QUOTE_MEASURES
from eval.report import run_report
from eval.run import RetrievalRun, evaluate_retrieval
from eval.table import read_table
from ingest.chunkers.fixed import FixedChunker
from rag.errors import BadInput, IndexCorrupt, StorageError, StorageFull, UnknownChoice
from rag.index.edge import EdgeStore
from rag.retriever import Mode
from rag.types import Hit
from tests.fakes import HashingEmbedder
from tests.unit.eval.parts import (
    CORPUS,
    QRELS,
    CountingEmbedder,
    KeptIndex,
    MemoryStore,
    fake_parts,
    write_collection,
)


def gold_rows(quotes: dict[str, tuple[str, str]]) -> Iterator[dict[str, object]]:
    for query, (document, quote) in quotes.items():
        gold = [{"document_id": document, "quote": quote}]
        yield {"id": query, "question": f"{query}?", "answerable": True, "gold": gold}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
async def test_a_run_has_the_shape_that_the_command_line_prints(tmp_path: Path, mode: Mode) -> None:
    dataset = write_collection(tmp_path / "zoo")
    run = await evaluate_retrieval(dataset, fake_parts(), mode, tmp_path / "kept")
    view = json.loads(json.dumps(run.view()))
    assert {name: type(value) for name, value in view.items()} == {
        "dataset": str,
        "queries": int,
        "metrics": dict,
        "latency_ms": dict,
        "index": dict,
        "config": dict,
    }
    assert (view["dataset"], view["queries"], view["index"]["chunks"]) == ("zoo", len(QRELS), 4)
    assert list(view["metrics"]) == ["nDCG@10", "R@10", "R@100", "RR@10", "AP", "P@5"]
    assert list(view["latency_ms"]) == ["p50", "p95", "p99"]
    assert view["config"]["mode"] == mode
    assert "nDCG@10" in run_report(view)


class NamelessEmbedder(HashingEmbedder):
    """An embedder whose model is not there."""

    @property
    def name(self) -> str:  # type: ignore[override]
        raise AssertionError("a sparse run needs no model")


async def test_a_sparse_run_needs_the_embedders_tokenizer_and_never_its_model(tmp_path: Path) -> None:
    parts = replace(fake_parts(), embedder=NamelessEmbedder())
    run = await evaluate_retrieval(write_collection(tmp_path / "zoo"), parts, "sparse", tmp_path / "kept")
    assert run.view()["index"]["chunks"] == len(CORPUS)


async def test_the_scores_are_those_of_what_the_retriever_found(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")
    run = await evaluate_retrieval(dataset, fake_parts(), "sparse", tmp_path)
    # q1 and q2 share words with the right document alone or most; q3 ("who swims") with one of its two
    assert run.scores.per_query["q1"]["RR@10"] == run.scores.per_query["q2"]["RR@10"] == 1.0
    assert run.scores.per_query["q3"]["R@10"] == 1 / 2
    assert run.scores.mean["R@10"] == pytest.approx((1 + 1 + 1 / 2) / 3)


async def test_mode_sparse_embeds_nothing(tmp_path: Path) -> None:
    embedder, store = CountingEmbedder(), MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    run = await evaluate_retrieval(dataset, fake_parts(embedder, store), "sparse", tmp_path)
    assert not embedder.calls
    assert list(store.dimensions.values()) == [1]
    assert run.config["embedder"] == "none"


async def test_mode_dense_needs_no_terms(tmp_path: Path) -> None:
    store = MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    run = await evaluate_retrieval(dataset, fake_parts(store=store), "dense", tmp_path)
    (index,) = store.indexes.values()
    assert all(point.sparse.indices == () for point in index.points.values())
    assert run.config["sparse"] == "none"


async def test_the_same_run_again_uses_the_index_again(tmp_path: Path) -> None:
    embedder, store = CountingEmbedder(), MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    first, second = [
        await evaluate_retrieval(dataset, fake_parts(embedder, store), "hybrid", tmp_path) for _ in range(2)
    ]
    assert embedder.calls["documents"] == dataset.size
    assert (first.reused, second.reused) == (False, True)
    assert second.scores == first.scores
    assert second.built == first.built


@pytest.mark.parametrize("change", ["corpus", "chunker", "embedder", "sparse"])
async def test_another_corpus_or_part_makes_another_index(tmp_path: Path, change: str) -> None:
    dataset = write_collection(tmp_path / "zoo")
    parts = fake_parts()
    recipe = Recipe(dataset, parts.chunker, parts.embedder, parts.sparse, "hybrid")

    class Other(HashingEmbedder):
        name = "other"

    match change:
        case "corpus":
            other = replace(
                recipe,
                dataset=write_collection(tmp_path / "zoo", {"cat": "new", "dog": "", "fish": "", "bird": ""}),
            )
        case "chunker":
            other = replace(recipe, chunker=FixedChunker(8, 0, parts.embedder.token_spans))
        case "embedder":
            other = replace(recipe, embedder=Other())
        case _:
            other = replace(recipe, mode="dense")
    assert other.collection != recipe.collection


async def test_queries_and_judgements_do_not_change_the_index(tmp_path: Path) -> None:
    parts = fake_parts()
    one, two = (write_collection(tmp_path / name) for name in ("one", "two"))
    names = {
        Recipe(dataset, parts.chunker, parts.embedder, parts.sparse, "hybrid").collection
        for dataset in (one, replace(two, queries=two.queries[:1]))
    }
    assert len(names) == 1


async def test_an_index_that_a_killed_run_left_is_built_anew(tmp_path: Path) -> None:
    class Broken(CountingEmbedder):
        async def embed_documents(self, texts: Sequence[str]) -> None:  # type: ignore[override]
            raise StorageError("killed")

    store = MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    with pytest.raises(StorageError, match="killed"):
        await evaluate_retrieval(dataset, fake_parts(Broken(), store), "hybrid", tmp_path)
    assert await store.names()
    run = await evaluate_retrieval(dataset, fake_parts(store=store), "hybrid", tmp_path)
    assert not run.reused
    assert run.built.chunks == dataset.size


async def test_an_index_that_cannot_be_read_is_built_anew(tmp_path: Path) -> None:
    class Rotten(MemoryStore):
        rotten = False

        async def open(self, collection: str) -> KeptIndex:
            if self.rotten:
                self.rotten = False
                raise IndexCorrupt("bad block")
            return await super().open(collection)

    store = Rotten()
    dataset = write_collection(tmp_path / "zoo")
    await evaluate_retrieval(dataset, fake_parts(store=store), "hybrid", tmp_path)
    store.rotten = True
    run = await evaluate_retrieval(dataset, fake_parts(store=store), "hybrid", tmp_path)
    assert not run.reused


async def test_documents_are_ranked_by_their_best_chunk_and_deep_enough(tmp_path: Path) -> None:
    # One document of 120 chunks comes before 150 documents of one chunk, all equally good: a first search
    # for as many chunks as 100 documents have on average does not reach 100 documents.
    corpus = {"fish": "swims " * 120, "cat": "mat", "dog": "bone", "bird": "tree"}
    corpus |= {f"d{number}": "swims" for number in range(150)}
    dataset = write_collection(tmp_path / "zoo", corpus)
    parts = fake_parts()
    parts = replace(parts, chunker=FixedChunker(1, 0, parts.embedder.token_spans))
    run = await evaluate_retrieval(dataset, parts, "dense", tmp_path)
    (ranking,) = [one for one in run.rankings if one.query.text == "who swims"]
    assert run.built.chunks == 120 + 3 + 150
    assert list(ranking.documents) == ["fish", *(f"d{number}" for number in range(99))]


async def test_a_reranker_decides_the_order_that_is_scored(tmp_path: Path) -> None:
    class Backwards:
        name = "backwards"
        batch_size = 100

        async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
            return [
                replace(hit, score=float(-rank), rerank_score=float(-rank))
                for rank, hit in enumerate(reversed(hits))
            ]

    dataset = write_collection(tmp_path / "zoo")
    parts = fake_parts(reranker=Backwards())
    run = await evaluate_retrieval(dataset, parts, "dense", tmp_path)
    plain = await evaluate_retrieval(dataset, fake_parts(), "dense", tmp_path)
    assert run.scores.per_query["q1"]["RR@10"] == 1 / 4
    assert plain.scores.per_query["q1"]["RR@10"] == 1.0
    assert run.config["reranker"] == "backwards"


async def test_an_unknown_measure_is_told_before_anything_is_built(tmp_path: Path) -> None:
    store = MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    with pytest.raises(UnknownChoice, match="nDGC"):
        await evaluate_retrieval(dataset, fake_parts(store=store), "hybrid", tmp_path, measures=["nDGC@10"])
    assert not store.indexes


async def test_an_unknown_mode_is_told_before_anything_is_built(tmp_path: Path) -> None:
    store = MemoryStore()
    dataset = write_collection(tmp_path / "zoo")
    with pytest.raises(UnknownChoice, match="hybrid, dense, sparse"):
        await evaluate_retrieval(dataset, fake_parts(store=store), "lexical", tmp_path)  # type: ignore[arg-type]
    assert not store.indexes


async def test_gold_quotes_beside_the_data_set_are_scored_too(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")
    quotes = {"q1": ("cat", "the warm mat"), "q2": ("dog", "barks"), "q3": ("bird", "in the garden")}
    write_rows(tmp_path / "zoo", "questions.jsonl", gold_rows(quotes))
    run = await evaluate_retrieval(dataset, fake_parts(), "sparse", tmp_path, measures=["RR@10", "QuoteR@1"])
    # "who swims" has no word of the bird's document: its quote is not found, and the fish's would be
    assert [one["QuoteR@1"] for one in run.scores.per_query.values()] == [1.0, 1.0, 0.0]
    assert run.scores.mean["QuoteR@1"] == pytest.approx(2 / 3)
    again = await evaluate_retrieval(dataset, fake_parts(), "sparse", tmp_path)
    assert list(again.scores.mean) == [*MEASURES, *QUOTE_MEASURES]


async def test_a_gold_quote_that_is_not_in_its_document_stops_the_run_at_once(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")
    quotes = {"q1": ("cat", "the warm mat"), "q2": ("dog", "meows"), "q3": ("bird", "in the garden")}
    write_rows(tmp_path / "zoo", "questions.jsonl", gold_rows(quotes))
    store = MemoryStore()
    with pytest.raises(BadInput, match="'q2': 'meows' of 'dog'"):
        await evaluate_retrieval(dataset, fake_parts(store=store), "sparse", tmp_path)
    assert not store.indexes


async def test_a_measure_of_quotes_without_gold_quotes_is_an_error(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")
    with pytest.raises(BadInput, match="gold quote"):
        await evaluate_retrieval(dataset, fake_parts(), "sparse", tmp_path, measures=["AP", "QuoteR@5"])


async def test_a_written_run_can_be_scored_by_others(tmp_path: Path) -> None:
    import ir_measures

    dataset = write_collection(tmp_path / "zoo")
    settings = {"collection": "zoo"}
    run = await evaluate_retrieval(dataset, fake_parts(), "hybrid", tmp_path, settings=settings)
    run.write(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    made_of = {"config.json", "environment.json", "summary.json"}
    assert names == made_of | {"queries.jsonl", "rows.parquet", "run.trec"}
    trec = ir_measures.read_trec_run(str(tmp_path / "out" / "run.trec"))  # type: ignore[no-untyped-call]
    again = ir_measures.calc_aggregate([ir_measures.AP], QRELS, trec)
    assert again[ir_measures.AP] == pytest.approx(run.scores.mean["AP"])
    rows = [json.loads(line) for line in (tmp_path / "out" / "queries.jsonl").read_text().splitlines()]
    assert [row["query"] for row in rows] == list(QRELS)
    assert rows[0]["metrics"] == run.scores.per_query["q1"]
    table = read_table(tmp_path / "out")
    assert table["query"] == list(QRELS)
    assert table["AP"] == [row["metrics"]["AP"] for row in rows]
    assert table["error"] == [None] * len(QRELS)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["mode"], config["collection"]) == ("hybrid", "zoo")
    environment = json.loads((tmp_path / "out" / "environment.json").read_text())
    assert environment["packages"]["ir-measures"]
    assert environment["packages"].keys() >= {"torch", "qdrant-edge-py"}


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "zoo")
    run = await evaluate_retrieval(dataset, fake_parts(), "hybrid", tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file"):
        run.write(tmp_path / "file" / "out")


async def test_a_full_disk_is_told_and_leaves_no_half_file(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, int]]:
        yield {"query": 1}
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="no space"):
        write_rows(tmp_path, "queries.jsonl", rows())
    assert not (tmp_path / "queries.jsonl").exists()


async def test_progress_is_told_for_every_stage(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    dataset = write_collection(tmp_path / "zoo")
    await evaluate_retrieval(
        dataset, fake_parts(), "hybrid", tmp_path, progress=lambda *step: told.append(step)
    )
    assert {("read", 4, 4), ("index", 4, 4), ("search", 3, 3)} <= set(told)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
async def test_the_embedded_engine_serves_every_mode_and_is_used_again(tmp_path: Path, mode: Mode) -> None:
    dataset = write_collection(tmp_path / "zoo")
    store = EdgeStore(tmp_path / "kept" / "collections")
    parts = fake_parts(store=store)
    runs = [await evaluate_retrieval(dataset, parts, mode, tmp_path / "kept") for _ in range(2)]
    await store.close()
    assert [run.reused for run in runs] == [False, True]
    assert runs[0].scores == runs[1].scores
    assert runs[0].scores.per_query["q1"]["RR@10"] == 1.0
    assert (runs[0].built.bytes or 0) > 0


async def test_the_benchmark_table_has_a_row_per_collection_and_mode(tmp_path: Path) -> None:
    datasets = [write_collection(tmp_path / name) for name in ("zoo", "farm")]
    parts = fake_parts()

    async def run(dataset: Dataset, mode: Mode) -> RetrievalRun:
        return await evaluate_retrieval(dataset, parts, mode, tmp_path)

    table = await bench(datasets, run)
    assert "Machine: " in table
    assert "Date: " in table
    assert "Commit: " in table
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith(("| zoo", "| farm"))]
    assert [(row[0].strip(), row[2].strip()) for row in rows] == [
        (name, mode) for name in ("zoo", "farm") for mode in ("hybrid", "dense", "sparse")
    ]
