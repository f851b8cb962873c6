"""How long stages took in earlier sweeps on this machine, to say beforehand how long one may take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.beir import Dataset
from eval.folder import write_json
from eval.sweep.plan import Stage

_BY_DOCUMENT = ("chunk", "embed", "index")


class Timings:
    """Seconds for a document or a query, by the stages' pace: the mean of all that was seen."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self._path = path
        self._documents, self._queries = dataset.size, len(dataset.queries)
        self._kept = _read(path)

    def expected(self, stage: Stage) -> float | None:
        """Seconds that a stage may take; ``None`` if none of its kind was measured."""
        seen = self._kept.get(stage.pace)
        return seen["seconds"] / seen["units"] * self._units(stage) if seen else None

    def add(self, stage: Stage, seconds: float) -> None:
        """Counts a stage that ran."""
        seen = self._kept.setdefault(stage.pace, {"seconds": 0.0, "units": 0})
        seen["seconds"] += seconds
        seen["units"] += self._units(stage)

    def save(self) -> None:
        """Keeps what was measured; raises as ``eval.folder.written`` does."""
        write_json(self._path.parent, self._path.name, self._kept)

    def _units(self, stage: Stage) -> int:
        return self._documents if stage.kind in _BY_DOCUMENT else self._queries


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}  # nothing was measured yet, or nothing that can be read: times are unknown, and told so
