"""Runs on the same queries, side by side: read back from their folders and compared, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.statistics.analysis import Analysis, analyse
from eval.statistics.scores import Complete, complete_queries
from eval.table import NOT_MEASURES, read_table
from rag.errors import BadInput, UnknownChoice

_SAME = ("dataset", "split", "corpus_sha256", "queries_sha256", "judge")
"""What runs must have in common, as far as their folders say it."""


@dataclass(frozen=True, slots=True)
class RunRows:
    """A run read back: scores float64[queries] by measure, NaN for none; ``about`` says of what."""

    name: str
    about: Mapping[str, Any]
    queries: tuple[str, ...]
    scores: Mapping[str, NDArray[np.float64]]
    errors: int

    def aligned(self, queries: Sequence[str], measure: str) -> NDArray[np.float64]:
        """The scores in the order of ``queries``."""
        place = {query: number for number, query in enumerate(self.queries)}
        return self.scores[measure][[place[query] for query in queries]]


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of runs by one measure; the first run is the baseline."""

    measure: str
    runs: tuple[RunRows, ...]
    complete: Complete
    analysis: Analysis

    def view(self) -> dict[str, Any]:
        """The object of ``eval compare --json``."""
        return {
            "measure": self.measure,
            "runs": {
                run.name: {"errors": run.errors, "without_score": self.complete.missing.get(run.name, 0)}
                for run in self.runs
            },
            "left_out": self.complete.left_out,
            **self.analysis.view(),
        }


def read_run(word: str) -> RunRows:
    """A run by its folder, or a configuration of a sweep as ``FOLDER#CONFIGURATION``.

    A query's score is the mean over its repeats, and there is none if one of them has none.

    Raises:
        BadInput: the folder holds no rows, the configuration is unknown, or a query stands twice.
    """
    where, _, configuration = word.partition("#")
    folder = Path(where)
    columns = read_table(folder, configuration=configuration or None)
    if "configuration" in columns and not configuration:
        names = sorted(set(columns["configuration"]))
        raise BadInput(f"{folder} is a sweep: name one of its configurations, {folder}#{names[0]}")
    if not columns["query"]:
        names = sorted(set(read_table(folder)["configuration"]))
        raise UnknownChoice(f"configuration of {folder}", configuration, names)
    measures = [name for name in columns if name not in NOT_MEASURES]
    queries, places = np.unique(columns["query"], return_inverse=True)
    rows = np.bincount(places)
    if (repeats := len(set(columns.get("repeat", [0])))) and (wrong := rows != repeats).any():
        odd = wrong.argmax()
        raise BadInput(f"{word}: the query {str(queries[odd])!r} has {rows[odd]} rows, {repeats} are wanted")
    return RunRows(
        word.rstrip("/"),
        {**_json(folder / "summary.json"), **_json(folder / "config.json")},
        tuple(map(str, queries)),
        {name: np.bincount(places, weights=np.array(columns[name], np.float64)) / rows for name in measures},
        sum(error is not None for error in columns.get("error", [])),
    )


def compare_runs(runs: Sequence[RunRows], measure: str | None = None) -> Compared:
    """Compares runs of the same queries; the first is the baseline, and its first measure the default.

    Queries that a run has no score for are left out for all of them, and counted.

    Raises:
        BadInput: less than two runs, one named twice, or of other data sets, splits or queries.
        UnknownChoice: a measure that a run does not have.
    """
    if len({run.name for run in runs}) < max(2, len(runs)):
        raise BadInput("two different runs or more are wanted: ardoise eval compare RUN RUN")
    first = runs[0]
    measure = measure or next(iter(first.scores))
    for run in runs:
        _check_same(first, run)
        if measure not in run.scores:
            raise UnknownChoice(f"measure of {run.name}", measure, run.scores)
    complete = complete_queries({run.name: run.aligned(first.queries, measure) for run in runs})
    return Compared(measure, tuple(runs), complete, analyse(complete.per_query, first.name))


def _check_same(first: RunRows, run: RunRows) -> None:
    for what in _SAME:
        one, other = first.about.get(what), run.about.get(what)
        if what in first.about and what in run.about and one != other:
            raise BadInput(
                f"{first.name} and {run.name} cannot be compared: {what} is {one!r} in the first "
                f"and {other!r} in the other"
            )
    if missing := set(first.queries) ^ set(run.queries):
        here = len(missing & set(first.queries))
        raise BadInput(
            f"{first.name} and {run.name} cannot be compared: {here} queries are only in the first and "
            f"{len(missing) - here} only in the other, {min(missing)!r} for one"
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    return value if isinstance(value, dict) else {}
