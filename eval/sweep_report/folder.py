"""The folder of a sweep, read back: what was run, every configuration, every row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.diagnosis import Diagnosis, read_diagnosis
from eval.rows import read_rows
from rag.errors import BadInput

FORMAT = 1
_NEEDED = ("command", "dataset", "axes", "baseline", "measures", "primary", "environment")
_PATH = re.compile(r"(?<![\w:/.~-])(?:~|[A-Za-z]:)?(?:/[^\s/'\",:;()]+)+/([^\s/'\",:;()]*)/?|file:/\S*")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A point of the grid; ``error`` says why it has no rows, ``cost`` is ``None`` where it is not known.

    Cost and tokens are of all queries once. ``not_judged`` are the scores that a judge failed to give.
    """

    id: str
    settings: Mapping[str, Any]
    error: str | None
    metrics: Mapping[str, float | None]
    latency_ms: Mapping[str, float]
    cost: float | None
    tokens: float | None
    index: Mapping[str, Any]
    not_judged: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the sweep: its text, its kind and language if they are labelled, its judged documents."""

    id: str
    text: str
    type: str | None
    lang: str | None
    judged: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RowError:
    """Rows of a finished configuration that failed for one reason, and how many they are."""

    configuration: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Sweep:
    """A sweep as its folder tells it; ``facts`` is ``sweep.json``.

    ``scores`` float64[repeats, queries] of the primary measure by configuration, in the order of ``queries``:
    0 where a row failed, NaN where the measure does not apply. ``hits`` maps configuration and query to the
    first documents of the first repeat.
    """

    facts: Mapping[str, Any]
    configurations: Sequence[Configuration]
    queries: Sequence[Asked]
    scores: Mapping[str, NDArray[np.float64]]
    errors: Sequence[RowError]
    hits: Mapping[tuple[str, str], Sequence[str]]
    diagnoses: Sequence[Diagnosis]

    @property
    def done(self) -> list[Configuration]:
        """The configurations that have rows."""
        return [one for one in self.configurations if one.id in self.scores]

    @property
    def failed(self) -> list[Configuration]:
        """The configurations that have none."""
        return [one for one in self.configurations if one.id not in self.scores]

    @cached_property
    def by_id(self) -> Mapping[str, Configuration]:
        """The configurations by their ids."""
        return {one.id: one for one in self.configurations}


def read_sweep(folder: Path) -> Sweep:
    """Reads the folder of a sweep.

    Raises:
        BadInput: a file is missing or of another format, or nothing in it was finished.
    """
    facts = _facts(folder / "sweep.json")
    configurations = [_configuration(row.fields) for row in read_rows(folder / "configurations.jsonl")]
    queries = [
        Asked(
            row.text("query"),
            row.text("text"),
            row.fields.get("type"),
            row.fields.get("lang"),
            row.fields.get("judged") or {},
        )
        for row in read_rows(folder / "queries.jsonl")
    ]
    rows = _table(folder / "rows.parquet")
    done = {one.id for one in configurations if one.error is None}
    scores = _scores(rows, [query.id for query in queries], str(facts["primary"]), done)
    if not scores:
        raise BadInput(f"{folder}: no configuration of this sweep was finished: `ardoise eval sweep` goes on")
    if facts["baseline"] not in {one.id for one in configurations}:
        raise BadInput(f"{folder}/sweep.json: the baseline {facts['baseline']!r} is no configuration")
    return Sweep(
        facts=facts,
        configurations=configurations,
        queries=queries,
        scores=scores,
        errors=[one for one in _errors(rows) if one.configuration in done],
        hits=_hits(_table(folder / "hits.parquet")),
        diagnoses=read_diagnosis(folder),
    )


def without_paths(sweep: Sweep) -> Sweep:
    """The sweep with the paths of this machine cut to their last names, in the command and in errors."""
    return replace(
        sweep,
        facts=_scrubbed(sweep.facts),
        configurations=[
            replace(one, error=one.error and _short(one.error), settings=_scrubbed(one.settings))
            for one in sweep.configurations
        ],
        errors=[replace(one, reason=_short(one.reason)) for one in sweep.errors],
    )


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, Mapping):
        return {key: _scrubbed(one) for key, one in value.items()}
    return [_scrubbed(one) for one in value] if isinstance(value, list) else value


def _short(text: str) -> str:
    return _PATH.sub(lambda match: match[1] or "…", text)


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file: give the folder of an `ardoise eval sweep`") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise BadInput(f"{path}: a sweep of format {FORMAT} is wanted: run the sweep again")
    if missing := [name for name in _NEEDED if name not in facts]:
        raise BadInput(f"{path}, field {missing[0]!r}: missing")
    return facts


def _configuration(row: Mapping[str, Any]) -> Configuration:
    failed = row.get("status") != "done"
    return Configuration(
        id=row["id"],
        settings=row["settings"],
        error=(row.get("error") or "no reason was kept") if failed else None,
        metrics=row.get("metrics") or {},
        latency_ms=row.get("latency_ms") or {},
        cost=row.get("cost"),
        tokens=row.get("tokens"),
        index=row.get("index") or {},
        not_judged=row.get("not_judged") or 0,
    )


def _table(path: Path) -> dict[str, list[Any]]:
    import pyarrow
    from pyarrow import parquet

    try:
        columns: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
    except (OSError, pyarrow.ArrowException) as error:
        raise BadInput(f"{path}: cannot be read as Parquet: {error}") from error
    return columns


def _scores(
    rows: Mapping[str, list[Any]], queries: Sequence[str], measure: str, done: set[str]
) -> dict[str, NDArray[np.float64]]:
    if measure not in rows:
        raise BadInput(f"rows.parquet has no column {measure!r}, the primary measure")
    places = {query: place for place, query in enumerate(queries)}
    repeats: dict[str, int] = {}
    for name, repeat in zip(rows["configuration"], rows["repeat"], strict=True):
        repeats[name] = max(repeats.get(name, 0), repeat + 1)
    # A query that left no row failed like one that says so: 0, and never left out in silence.
    scores = {name: np.zeros((repeats[name], len(queries))) for name in sorted(done & set(repeats))}
    columns = (rows[name] for name in ("configuration", "repeat", "query", measure, "error"))
    for name, repeat, query, value, error in zip(*columns, strict=True):
        if name in scores and query in places:
            missing = 0.0 if error else np.nan
            scores[name][repeat, places[query]] = missing if value is None else value
    return scores


def _errors(rows: Mapping[str, list[Any]]) -> list[RowError]:
    counts: dict[tuple[str, str], int] = {}
    for name, error in zip(rows["configuration"], rows["error"], strict=True):
        if error:
            counts[name, error] = counts.get((name, error), 0) + 1
    return [RowError(name, reason, count) for (name, reason), count in sorted(counts.items())]


def _hits(rows: Mapping[str, list[Any]]) -> dict[tuple[str, str], list[str]]:
    columns = (rows[name] for name in ("configuration", "repeat", "query", "rank", "document"))
    first = sorted(
        (name, query, rank, document)
        for name, repeat, query, rank, document in zip(*columns, strict=True)
        if repeat == 0
    )
    hits: dict[tuple[str, str], list[str]] = {}
    for name, query, _, document in first:
        hits.setdefault((name, query), []).append(document)
    return hits
