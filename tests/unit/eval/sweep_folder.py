"""The folder of a sweep that never ran: planted effects, failures, and hostile text."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
from pyarrow import parquet

from eval.diagnosis import Diagnosis, Verdict, write_diagnosis
from eval.folder import write_json, write_rows

HOSTILE = '<script>alert("x")</script> | `rm` [a](http://evil.example)'
AXES: dict[str, list[Any]] = {
    "retrieval.mode": ["dense", "sparse", "hybrid"],
    "chunking.size": [100, 200, 400, 800],
    "retrieval.reranker": ["none", "cross_encoder"],
    "seed": [0, 1],
}
EFFECT = {"dense": 0.0, "sparse": 0.02, "hybrid": 0.09, "none": 0.0, "cross_encoder": 0.04}
"""What a value adds to nDCG@10; a chunk size adds a little up to 200, a seed nothing."""
SIZE = {100: 0.0, 200: 0.015, 400: 0.012, 800: -0.02}
MS = {"dense": 6.0, "sparse": 2.0, "hybrid": 8.0, "none": 0.0, "cross_encoder": 180.0}
TYPES = ("fact", "numeric", "comparison", None)
BROKEN = "c003"
COMMAND = "ardoise eval sweep /home/someone/grid.yaml --dataset /srv/data/handbook --split dev"


def write_sweep(
    folder: Path,
    axes: dict[str, list[Any]] | None = None,
    *,
    queries: int = 60,
    repeats: int = 1,
    priced: bool = False,
    diagnosed: bool = True,
    broken: str | None = BROKEN,
    seed: int = 0,
) -> Path:
    """Writes a grid over ``axes``; ``broken`` fails as a whole, and one row of the second one fails."""
    axes = axes or AXES
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    points = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    ease = random.beta(1.2, 1.0, size=queries)
    ids = [f"q{number:03}" for number in range(queries)]
    rows: list[dict[str, Any]] = []
    hits: list[dict[str, Any]] = []
    configurations = []
    for number, settings in enumerate(points):
        name = f"c{number:03}"
        configuration: dict[str, Any] = {"id": name, "settings": settings, "stages": {"index": f"i{number}"}}
        if name == broken:
            error = "StorageFull: /srv/data/home: no space left <b>at all</b>"
            configurations.append({**configuration, "status": "failed", "error": error, "metrics": {}})
            continue
        own = [
            _row(name, repeat, query, settings, ease[place], random)
            for repeat in range(repeats)
            for place, query in enumerate(ids)
        ]
        if number == 1:
            why = "DeadlineExceeded: 60 s during search"
            own[0].update({"nDCG@10": None, "R@10": None, "ms": None, "error": why})
        rows += own
        hits += [hit for row in own for hit in _hits(row, random)]
        configurations.append(
            {
                **configuration,
                "status": "done",
                "error": None,
                "metrics": {m: float(np.mean([row[m] or 0.0 for row in own])) for m in ("nDCG@10", "R@10")},
                "latency_ms": _percentiles([row["ms"] for row in own if row["ms"] is not None]),
                "cost": 0.0001 * (number + 1) if priced else None,
                "tokens": None,
                "index": {"chunks": 1000, "seconds": 2.5, "bytes": 10_000},
            }
        )
    _write(folder, axes, queries, configurations, rows, hits)
    write_rows(folder, "queries.jsonl", (_query(place, query) for place, query in enumerate(ids)))
    if diagnosed:
        done = [one["id"] for one in configurations if one["status"] == "done"]
        verdicts = [Verdict.RIGHT, Verdict.NOT_RETRIEVED, Verdict.FUSION]
        write_diagnosis(folder, [Diagnosis(c, q, verdicts[int(q[1:]) % 3]) for c in done for q in ids])
    return folder


def _row(
    name: str,
    repeat: int,
    query: str,
    settings: dict[str, Any],
    ease: float,
    random: np.random.Generator,
) -> dict[str, Any]:
    values = [value for value in settings.values() if isinstance(value, str)]
    quality = ease + sum(EFFECT[value] for value in values) + SIZE.get(settings.get("chunking.size", 0), 0.0)
    score = float(np.clip(quality + random.normal(0, 0.08), 0, 1))
    score = 0.0 if score < 0.12 else round(score, 6)
    ms = (1 + sum(MS[value] for value in values)) * float(random.lognormal(0, 0.1))
    return {
        "configuration": name,
        "repeat": repeat,
        "query": query,
        "nDCG@10": score,
        "R@10": min(1.0, score + 0.1),
        "ms": ms,
        "cost": None,
        "error": None,
    }


def _hits(row: dict[str, Any], random: np.random.Generator) -> list[dict[str, Any]]:
    if row["error"]:
        return []
    key = {name: row[name] for name in ("configuration", "repeat", "query")}
    place = max(0, 10 - int((row["nDCG@10"] or 0) * 10))
    documents = [f"handbook/topic/page-{int(one):02}.md" for one in random.permutation(60)[:10]]
    if place < 10:
        documents[place] = f"handbook/{row['query']}.md"
    return [
        {**key, "rank": rank, "document": document, "score": 1 / rank}
        for rank, document in enumerate(documents, 1)
    ]


def _query(place: int, query: str) -> dict[str, Any]:
    text = (
        HOSTILE if place == 0 else f"What does the page on {query} say about the KV cache of a long prompt?"
    )
    kind = TYPES[place % len(TYPES)]
    return {"query": query, "text": text, "type": kind, "lang": "en", "judged": {f"handbook/{query}.md": 1}}


def _percentiles(values: list[float]) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(values, share)) for share in (50, 95, 99)}


def _write(
    folder: Path,
    axes: dict[str, list[Any]],
    queries: int,
    configurations: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    hits: list[dict[str, Any]],
) -> None:
    dataset = {
        "name": "handbook",
        "split": "dev",
        "documents": 99,
        "queries": queries,
        "corpus_sha256": "ab" * 32,
    }
    facts = {
        "format": 1,
        "name": "grid",
        "command": COMMAND,
        "dataset": dataset,
        "axes": axes,
        "baseline": "c000",
        "measures": ["nDCG@10", "R@10"],
        "primary": "nDCG@10",
        "seconds": 321.5,
        "stage_runs": 57,
        "cached": 12,
        "stage_seconds": {"index": 41.0, "retrieve": 22.25},
        "prices": None,
        "environment": {
            "time": "2026-11-22T04:00:00+00:00",
            "platform": "Linux-6.1",
            "machine": "a processor, 2 cores",
            "python": "3.11.2",
            "packages": {"numpy": "2.0.0", "ragas": None},
            "commit": "0123abcd",
        },
    }
    write_json(folder, "sweep.json", facts)
    write_rows(folder, "configurations.jsonl", configurations)
    text, real, whole = pyarrow.string(), pyarrow.float64(), pyarrow.int32()
    scored = {"nDCG@10": real, "R@10": real, "ms": real, "cost": real, "error": text}
    key = {"configuration": text, "repeat": whole, "query": text}
    _parquet(folder / "rows.parquet", rows, {**key, **scored})
    _parquet(folder / "hits.parquet", hits, {**key, "rank": whole, "document": text, "score": real})


def _parquet(path: Path, rows: list[dict[str, Any]], schema: dict[str, Any]) -> None:
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=pyarrow.schema(list(schema.items()))), path)
