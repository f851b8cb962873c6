"""Rankings of benchmarks, kept below ``ARDOISE_HOME/eval/rankings``: a run that is stopped goes on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.evaluation import evaluate_dataset, evaluation_home, shaping_settings
from app.settings import Settings, load_settings
from eval.beir import Dataset
from eval.folder import write_json

MEASURE = "nDCG@10"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a way to search came to: a score and milliseconds by question."""

    scores: NDArray[np.float64]
    ms: NDArray[np.float64]


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
        write_json(folder, file.name, kept | {"load": os.getloadavg()[0]})
    if not file.is_file():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Ranked(np.array(kept["scores"]), np.array(kept["ms"]))


def shown(folder: Path) -> str:
    """A folder as a page names it: a path outside the project is of this machine alone."""
    outside = folder.is_absolute() or ".." in folder.parts
    return f"DIR/{folder.name}" if outside else folder.as_posix()


def _key(settings: Settings, dataset: Dataset) -> str:
    made_of = [dataset.digest, dataset.judged_digest, shaping_settings(settings)]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:12]
