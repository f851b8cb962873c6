"""Measures late interaction with token vectors from the index against those computed for the question.

    python infra/scripts/bench_tokens.py BEIR_FOLDER

Cuts the folder's first documents into chunks as the settings say, writes them to two collections, one of them
with token vectors, and reranks the best hits of the dense leg for the folder's questions. Writes a section of
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from app.parts import build_settings_chunker, build_settings_embedder
from app.settings import Settings, load_settings
from bench_index import on_disk
from eval.beir import read_dataset
from eval.folder import environment
from ingest.beir import read_corpus
from ingest.token_vectors import with_token_vectors
from page_section import write_section
from rag.embedding.base import Embedder
from rag.index.base import Index, Leg, Point
from rag.index.edge import EdgeStore
from rag.reranking.late_interaction import LateInteractionReranker
from rag.resilience.workers import Workers
from rag.types import Hit, SparseVector

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
DEPTH = 30

_SECTION = """## Late interaction with token vectors from the index

The first {chunks:,} chunks of {data}, cut as the settings say, with {tokens:.0f} tokens each in the middle;
{questions} questions in English, each with the {depth} best hits of the dense leg to rerank. Embedder:
{embedder}.
Qdrant Edge; token vectors in float16, on disk, without a graph.

| token vectors of the hits | p50 ms | p95 ms |
|---|---:|---:|
| computed for the question | {cold} |
| remembered, the question's too | {warm} |
| kept in the index (`index.token_vectors`), first use after opening | {opened} |
| kept in the index, again | {kept} |
| *of the first and the last two: the question's own* | {query} |

| collection | MiB on disk per 1,000 chunks | ms a chunk to embed its tokens | ms a chunk to write |
|---|---:|---:|---:|
| without token vectors | {plain.disk:.1f} | – | {plain.ms:.1f} |
| with | {full.disk:.1f} | {embed_ms:.1f} | {full.ms:.1f} |

Computed and kept give the same order for {same} of {questions} questions; no score differs by more than
{apart:.5f}.

Machine: {machine}, load average {load:.1f} at the end; Python {python}. Date: {time}. Commit: {commit}.
Command: `make bench-tokens DATA=DIR/{data}`."""


@dataclass(frozen=True, slots=True)
class Reranked:
    """Milliseconds for each question, and its hits in their new order."""

    times: list[float]
    found: list[list[Hit]]


@dataclass(frozen=True, slots=True)
class Written:
    """MiB on disk per 1,000 chunks, and milliseconds a chunk to write them and close the collection."""

    disk: float
    ms: float


async def read_points(folder: Path, size: int, settings: Settings, embedder: Embedder) -> list[Point]:
    """The folder's first chunks with their dense vectors."""
    chunker = build_settings_chunker(settings, embedder)
    cut = chain.from_iterable(chunker.split(document) for document in read_corpus(folder))
    chunks = [replace(chunk, metadata={"language": "en"}) for chunk in islice(cut, size)]
    dense = await embedder.embed_documents([chunk.text for chunk in chunks])
    return [Point(chunk, vector, SparseVector((), ())) for chunk, vector in zip(chunks, dense, strict=True)]


async def write(root: Path, points: Sequence[Point]) -> Written:
    """Makes the collection ``bench`` below ``root``."""
    store = EdgeStore(root)
    started = time.perf_counter()
    index = await store.create("bench", len(points[0].dense))
    await index.upsert(points)
    await index.close()
    seconds = time.perf_counter() - started
    await store.close()
    return Written(on_disk(root) / 2**20 / len(points) * 1000, seconds / len(points) * 1000)


async def candidates(index: Index, embedder: Embedder, questions: Sequence[str]) -> list[list[Hit]]:
    """For each question the best hits of the dense leg."""
    hits = []
    for question in questions:
        [found] = await index.search([Leg("dense", await embedder.embed_query(question), DEPTH)])
        chunks = await index.fetch([one.chunk_id for one in found])
        hits.append([Hit(chunk, one.score) for chunk, one in zip(chunks, found, strict=True)])
    return hits


async def rerank(
    questions: Sequence[str], hits: Sequence[Sequence[Hit]], give: Callable[[], LateInteractionReranker]
) -> Reranked:
    """Reranks the hits of each question by what ``give`` gives for it."""
    times, found = [], []
    for question, before in zip(questions, hits, strict=True):
        reranker = give()
        started = time.perf_counter()
        found.append(await reranker.rerank(question, before))
        times.append((time.perf_counter() - started) * 1000)
    return Reranked(times, found)


async def embed_questions(questions: Sequence[str], embedder: Embedder) -> list[float]:
    """Milliseconds to embed the tokens of each question."""
    encoder = embedder.token_embedder("en")
    if encoder is None:
        raise SystemExit(f"{embedder.name} gives no token vectors: choose a local model on onnxruntime")
    times = []
    for question in questions:
        started = time.perf_counter()
        await encoder.embed_tokens([question], "query")
        times.append((time.perf_counter() - started) * 1000)
    return times


async def measure(folder: Path, size: int, questions: Sequence[str]) -> dict[str, Any]:
    """Everything that the section tells."""
    settings = load_settings()
    embedder, workers = build_settings_embedder(settings), Workers(threads=1, name="bench")
    await embed_questions(questions[:1], embedder)  # loads the model
    plain = await read_points(folder, size, settings, embedder)
    started = time.perf_counter()
    points = await with_token_vectors(plain, embedder)
    embed_ms = (time.perf_counter() - started) / len(points) * 1000
    with tempfile.TemporaryDirectory() as root:
        written = {"plain": await write(Path(root) / "plain", plain)}
        written["full"] = await write(Path(root) / "full", points)
        store = EdgeStore(Path(root) / "full")
        index = await store.open("bench")
        hits = await candidates(index, embedder, questions)
        kept = [
            await rerank(questions, hits, lambda: LateInteractionReranker(embedder, workers).over(index))
            for _ in range(2)
        ]
        cold = await rerank(questions, hits, lambda: LateInteractionReranker(embedder, workers))
        one = LateInteractionReranker(embedder, workers)
        await rerank(questions, hits, lambda: one)
        warm = await rerank(questions, hits, lambda: one)
        await index.close()
        await store.close()
    return written | {
        "chunks": len(points),
        "tokens": float(np.median([len(one.tokens.vectors) for one in points if one.tokens])),
        "embedder": embedder.name,
        "embed_ms": embed_ms,
        "cold": _cells(cold.times),
        "warm": _cells(warm.times),
        "opened": _cells(kept[0].times),
        "kept": _cells(kept[1].times),
        "query": _cells(await embed_questions(questions, embedder)),
        "same": sum(
            _ids(mine) == _ids(theirs) for mine, theirs in zip(kept[1].found, cold.found, strict=True)
        ),
        "apart": _apart(kept[1].found, cold.found),
    }


def _cells(times: Sequence[float]) -> str:
    p50, p95 = np.percentile(times, [50, 95])
    return f"{p50:.1f} | {p95:.1f}"


def _ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.id for hit in hits]


def _apart(kept: Sequence[Sequence[Hit]], computed: Sequence[Sequence[Hit]]) -> float:
    """The largest difference of a score."""
    scores = [{hit.chunk.id: hit.rerank_score or 0.0 for hit in hits} for hits in kept]
    return max(
        abs(known[hit.chunk.id] - (hit.rerank_score or 0.0))
        for known, hits in zip(scores, computed, strict=True)
        for hit in hits
    )


def main() -> None:
    """Writes the section of the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chunks", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    questions = [query.text for query in read_dataset(given.folder).queries][: given.questions]
    measured = asyncio.run(measure(given.folder, given.chunks, questions))
    section = _SECTION.format(
        data=given.folder.name,
        questions=len(questions),
        depth=DEPTH,
        load=os.getloadavg()[0],
        **measured,
        **environment(),
    )
    write_section(given.page, "make bench-tokens", section)


if __name__ == "__main__":
    main()
