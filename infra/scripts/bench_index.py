"""Measures the index as it grows: time per query, memory, disk, recall, and searches while writes go on.

    python infra/scripts/bench_index.py BEIR_FOLDER --sizes 5000,50000,200000

The chunks are synthetic, made by ``synthesise`` from the folder's documents: each new text is two halves of
real ones joined, each new vector a real one (of random projection of its words) turned by noise. They grow as
real text does in length and vocabulary; nothing is said of quality. Writes a section of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from eval.folder import environment
from ingest.beir import read_corpus
from page_section import write_section
from rag.embedding.base import Vectors
from rag.index.base import Index, Leg, Point
from rag.index.edge import EdgeStore
from rag.index.recall import measure_recall
from rag.index.tuning import Tuning
from rag.sparse.analyzer import Analyzer
from rag.sparse.bm25 import Bm25Encoder
from rag.types import Chunk
from synthetic import mixtures

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
DIMENSION = 384
BATCH = 500
QUERIES = 200
CONFIGURATIONS = {
    "exact": Tuning(hnsw_from=10**9),
    "HNSW": Tuning(hnsw_from=1000),
    "HNSW, int8": Tuning(hnsw_from=1000, quantization="int8"),
    "HNSW, binary": Tuning(hnsw_from=1000, quantization="binary"),
}


_SECTION = """## Growth, recall and room of the index

Synthetic chunks made from {data}: texts are halves of real ones joined, vectors are turned by noise.
Qdrant Edge, {dimension} dimensions; a query is both legs in one call, 100 of each. *Recall* is the share of
the exact ten nearest that the dense leg finds. *In memory* is what opening the collection and {queries}
queries add to the process, pages of files that the system keeps included.

| chunks | dense leg | build s | p50 ms | p95 ms | recall@10 | MiB/1,000 in memory | on disk |
|---:|---|---:|---:|---:|---:|---:|---:|
{rows}

{callers} callers at once over {size:,} chunks while all of them are written again: p50 {busy[0]:.0f} ms, p95
{busy[1]:.0f} ms, no error.

Machine: {machine}, load average {load:.1f} at the end; Python {python}. Date: {time}. Commit: {commit}.
Command: `make bench-index DATA=DIR/{data} ARGS="--sizes {sizes}"`."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one collection cost; bytes per 1,000 chunks, milliseconds a query (both legs, 100 of each)."""

    seconds: float
    p50_ms: float
    p95_ms: float
    recall: float
    memory: float
    disk: float


def synthesise(folder: Path, size: int) -> Iterator[tuple[str, Vectors]]:
    """Texts and vectors (float32, length 1): the folder's own first, then mixtures of them."""
    return mixtures(*_real(folder), size)


@cache
def _real(folder: Path) -> tuple[list[str], Vectors]:
    texts = [document.text for document in read_corpus(folder)]
    directions = np.random.default_rng(1).standard_normal((2**14, DIMENSION)).astype(np.float32)
    return texts, np.array([_projected(text, directions) for text in texts])


def _projected(text: str, directions: Vectors) -> Vectors:
    rows = [_number(word) % len(directions) for word in set(text.lower().split())]
    total: Vectors = directions[rows].sum(axis=0) + np.float32(1e-6)
    return total / np.float32(np.linalg.norm(total))


def _number(word: str) -> int:
    """The same number for a word in every process."""
    return int.from_bytes(word.encode()[:8].ljust(8, b"\0"), "little") * 2654435761 >> 7


async def fill(index: Index, encoder: Bm25Encoder, folder: Path, size: int, average: float) -> None:
    """Writes the synthetic chunks, a batch at a time."""
    batch: list[tuple[str, Vectors]] = []
    for number, made in enumerate(synthesise(folder, size), start=1):
        batch.append(made)
        if len(batch) == BATCH or number == size:
            texts = [text for text, _ in batch]
            weights = encoder.encode_documents(texts, ["en"] * len(texts), average)
            first = number - len(batch) + 1
            await index.upsert(
                [
                    Point(Chunk(str(uuid.UUID(int=first + n)), "d", text, 0, len(text)), vector, weight)
                    for n, ((text, vector), weight) in enumerate(zip(batch, weights, strict=True))
                ]
            )
            batch = []


async def time_queries(
    index: Index, encoder: Bm25Encoder, folder: Path, queries: int = QUERIES
) -> list[float]:
    """Milliseconds of both legs in one call, for the first words of real documents."""
    times = []
    for text, vector in synthesise(folder, queries):
        query = encoder.encode_query(" ".join(text.split()[:10]), "en")
        legs = [Leg("sparse", query, 100), Leg("dense", vector, 100)]
        started = time.perf_counter()
        await index.search(legs)
        times.append((time.perf_counter() - started) * 1000)
    return times


async def measure(folder: Path, size: int, tuning: Tuning) -> Row:
    """Builds a collection, opens it again and asks it."""
    encoder = Bm25Encoder(Analyzer())
    average = float(np.mean([encoder.length(text, "en") for text, _ in synthesise(folder, 1000)]))
    with tempfile.TemporaryDirectory() as root:
        store = EdgeStore(Path(root), tuning=tuning)
        started = time.perf_counter()
        index: Index = await store.create("bench", DIMENSION)
        await fill(index, encoder, folder, size, average)
        await index.close()
        seconds = time.perf_counter() - started
        before = _resident()
        index = await store.open("bench")
        await time_queries(index, encoder, folder)
        memory = _resident() - before
        times = await time_queries(index, encoder, folder)
        found = await measure_recall(index, sample=QUERIES)
        disk = on_disk(Path(root))
        await index.close()
        await store.close()
    p50, p95 = np.percentile(times, [50, 95])
    return Row(seconds, float(p50), float(p95), found.recall, memory / size * 1000, disk / size * 1000)


async def measure_busy(folder: Path, size: int, callers: int) -> tuple[float, float]:
    """p50 and p95 in milliseconds of searches by ``callers`` at once while chunks are written."""
    encoder = Bm25Encoder(Analyzer())
    with tempfile.TemporaryDirectory() as root:
        store = EdgeStore(Path(root))
        index = await store.create("busy", DIMENSION)
        await fill(index, encoder, folder, size, 150.0)
        writing = asyncio.create_task(fill(index, encoder, folder, size, 150.0))
        asked = await asyncio.gather(
            *(time_queries(index, encoder, folder, QUERIES // 10) for _ in range(callers))
        )
        await writing
        await index.close()
        await store.close()
    p50, p95 = np.percentile([ms for times in asked for ms in times], [50, 95])
    return float(p50), float(p95)


def on_disk(root: Path) -> int:
    """Bytes that the files below ``root`` take."""
    return sum(file.stat().st_blocks * 512 for file in root.rglob("*") if file.is_file())


def _resident() -> int:
    """Bytes of memory that this process holds; the most it ever held where the system tells no better."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Writes the section of the page; told on stderr as it goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="5000,50000")
    parser.add_argument("--only", choices=list(CONFIGURATIONS), action="append")
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    rows = []
    for size in sizes:
        for name in given.only or CONFIGURATIONS:
            row = asyncio.run(measure(given.folder, size, CONFIGURATIONS[name]))
            rows.append(
                f"| {size:,} | {name} | {row.seconds:.0f} | {row.p50_ms:.1f} | {row.p95_ms:.1f} |"
                f" {row.recall:.3f} | {row.memory / 2**20:.2f} | {row.disk / 2**20:.2f} |"
            )
            sys.stderr.write(rows[-1] + "\n")
    busy = asyncio.run(measure_busy(given.folder, sizes[0], given.callers))
    write_section(given.page, "make bench-index", _section(given, rows, sizes[0], busy))


def _section(given: argparse.Namespace, rows: Sequence[str], size: int, busy: tuple[float, float]) -> str:
    where = environment()
    return _SECTION.format(
        rows="\n".join(rows),
        data=given.folder.name,
        sizes=given.sizes,
        dimension=DIMENSION,
        queries=QUERIES,
        callers=given.callers,
        size=size,
        busy=busy,
        load=os.getloadavg()[0],
        **where,
    )


if __name__ == "__main__":
    main()
