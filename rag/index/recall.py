"""How much of the exact answer an approximate search finds, on a collection's own vectors."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from rag.embedding.base import Vectors
from rag.errors import NotFound
from rag.index.base import Index, Leg


@dataclass(frozen=True, slots=True)
class Recall:
    """``recall``: the mean share of the exact ``top_k`` that was found; milliseconds a query."""

    queries: int
    top_k: int
    recall: float
    p50_ms: float
    p95_ms: float
    exact_p50_ms: float


async def measure_recall(index: Index, sample: int = 200, top_k: int = 10) -> Recall:
    """Asks for the neighbours of ``sample`` chunks' own vectors, once approximately and once exactly.

    A chunk always finds itself, which is left out. Ids are content-addressed, so the chunks that come first
    by id are a fair sample.

    Raises:
        NotFound: the collection is empty.
    """
    vectors: list[Vectors] = []
    async for points in index.scan_points():
        vectors += [point.dense for point in points]
        if len(vectors) >= sample:
            break
    if not vectors:
        raise NotFound("the collection is empty: there is nothing to compare")
    shares, quick, exact = [], [], []
    for vector in vectors[:sample]:
        found, ms = await _neighbours(index, Leg("dense", vector, top_k + 1))
        quick.append(ms)
        wanted, ms = await _neighbours(index, Leg("dense", vector, top_k + 1, exact=True))
        exact.append(ms)
        shares.append(len(set(found) & set(wanted)) / max(1, len(wanted)))
    p50, p95 = np.percentile(quick, [50, 95])
    return Recall(
        len(shares), top_k, float(np.mean(shares)), float(p50), float(p95), float(np.percentile(exact, 50))
    )


async def _neighbours(index: Index, leg: Leg) -> tuple[list[str], float]:
    started = time.perf_counter()
    [found] = await index.search([leg])
    return [scored.chunk_id for scored in found[1:]], (time.perf_counter() - started) * 1000
