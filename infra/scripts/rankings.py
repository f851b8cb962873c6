"""Rankings of benchmarks, kept below ``ARDOISE_HOME/eval/rankings``: a run that is stopped goes on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.evaluation import evaluate_dataset, evaluation_home, shaping_settings
from app.settings import Settings, load_settings
from eval.beir import Dataset
from eval.folder import commit, write_json
from eval.sweep.code import code_version

MEASURE = "nDCG@10"
CODE = (
    *("app.parts", "app.passages", "eval.run", "ingest.chunkers", "rag.search"),
    *(
        "rag.embedding",
        "rag.sparse",
        "rag.index",
        "rag.fusion",
        "rag.queries",
        "rag.ranking",
        "rag.reranking",
    ),
)
"""What makes a ranking, with all that it imports: a ranking by other code is not used again."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a way to search came to: a score and milliseconds by question.

    ``time`` (ISO 8601) and ``commit`` say when and by what; ``load`` is the machine's average at its end.
    """

    scores: NDArray[np.float64]
    ms: NDArray[np.float64]
    time: str
    commit: str | None
    load: float


def ranked(
    told: str, chosen: Mapping[str, Any], dataset: Dataset, wanted: bool = True, fresh: bool = False
) -> Ranked | None:
    """Scores with these settings, of whole documents unless chosen otherwise: those kept, or new ones.

    Nothing where they are not kept and not ``wanted``.
    """
    settings = load_settings(overrides={"chunking.chunker": "whole", "retrieval.reranker": "none", **chosen})
    folder = evaluation_home(settings) / "rankings"
    file = folder / f"{dataset.name}-{_key(settings, dataset)}.json"
    if wanted and (fresh or not file.is_file()):
        print(f"{dataset.name}: {told}", file=sys.stderr)  # noqa: T201
        table = asyncio.run(evaluate_dataset(settings, dataset)).table()
        kept = {"scores": [row[MEASURE] for row in table], "ms": [row["ms"] for row in table]}
        made = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "commit": _commit()}
        write_json(folder, file.name, kept | made | {"load": os.getloadavg()[0]})
    if not file.is_file():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    scores, ms = np.array(kept["scores"]), np.array(kept["ms"])
    return Ranked(scores, ms, kept["time"], kept["commit"], kept["load"])


def commits(now: str | None, used: Iterable[Ranked]) -> str:
    """The commit as a page names it, with that of the oldest ranking used where it is another."""
    oldest = min(used, key=lambda one: one.time, default=None)
    told = now or "none"
    if oldest is None or oldest.commit == now:
        return told
    return f"{told}; the oldest ranking is of {oldest.commit or 'none'}, {oldest.time[:10]}"


def shown(folder: Path) -> str:
    """A folder as a page names it: a path outside the project is of this machine alone."""
    outside = folder.is_absolute() or ".." in folder.parts
    return f"DIR/{folder.name}" if outside else folder.as_posix()


@cache
def _commit() -> str | None:
    """Asked once: the page that is written during the run makes the tree differ from its commit."""
    return commit()


def _key(settings: Settings, dataset: Dataset) -> str:
    made_of = [dataset.digest, dataset.judged_digest, shaping_settings(settings), code_version(CODE)]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:12]
