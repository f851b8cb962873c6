"""What a sweep came to, as the folder that reports and comparisons read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.beir import Dataset
from eval.folder import write_rows
from eval.metrics import Scores, in_order, percentiles
from eval.questions import read_questions
from eval.quotes import QUESTIONS
from eval.run import Ranking, scoring
from eval.sweep.fusing import rankings_of
from eval.sweep.plan import Configuration
from eval.sweep.space import Space
from eval.sweep.stages import read_cut
from eval.sweep.store import Store
from eval.table import write_table

SHOWN = 10
"""Documents of a ranking that are kept to be looked at."""


class Outcome(Protocol):
    """What a configuration came to, by its rankings or by its answers."""

    @property
    def configuration(self) -> Configuration:
        """The configuration."""

    @property
    def means(self) -> Mapping[str, float | None]:
        """The mean of each measure; empty if it failed."""

    @property
    def latency(self) -> dict[str, float] | None:
        """Percentiles in milliseconds; ``None`` if it failed."""

    def view(self) -> dict[str, Any]:
        """The line of ``configurations.jsonl``."""

    def rows(self, dataset: Dataset, measures: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows of ``rows.parquet``."""

    def hits(self) -> Iterator[dict[str, Any]]:
        """The rows of ``hits.parquet``."""


@dataclass(frozen=True, slots=True)
class Result:
    """One configuration: its rankings with their scores, or the error that left it without."""

    configuration: Configuration
    rankings: Sequence[Ranking]
    scores: Scores | None
    index: Mapping[str, Any] | None
    errors: Mapping[str, str]
    error: str | None = None

    @property
    def means(self) -> Mapping[str, float | None]:
        """The mean of each measure."""
        return self.scores.mean if self.scores else {}

    @property
    def latency(self) -> dict[str, float] | None:
        """Percentiles in milliseconds."""
        return percentiles([ranking.ms for ranking in self.rankings]) if self.scores else None

    def view(self) -> dict[str, Any]:
        """The line of ``configurations.jsonl``."""
        return {
            "id": self.configuration.id,
            "settings": dict(self.configuration.values),
            "status": "done" if self.scores else "failed",
            "error": self.error,
            "metrics": dict(self.means),
            "latency_ms": self.latency,
            # Nothing here is paid by the token; what the machine costs is not known.
            "cost": None,
            "tokens": None,
            "index": self.index,
            "stages": dict(self.configuration.stages),
        }

    def rows(self, dataset: Dataset, measures: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows of ``rows.parquet``."""
        if self.scores is None:
            yield from failed_rows(self.configuration, self.error, dataset, measures)
            return
        times = {ranking.query.id: ranking.ms for ranking in self.rankings}
        for query in dataset.queries:
            yield {
                "configuration": self.configuration.id,
                "repeat": 0,  # a ranking comes out alike each time
                "query": query.id,
                **{measure: self.scores.per_query[query.id].get(measure) for measure in measures},
                "ms": times.get(query.id),
                "cost": None,
                "error": self.errors.get(query.id),
            }

    def hits(self) -> Iterator[dict[str, Any]]:
        """The rows of ``hits.parquet``."""
        for ranking in self.rankings:
            for rank, document in enumerate(in_order(ranking.documents)[:SHOWN], 1):
                yield {
                    "configuration": self.configuration.id,
                    "repeat": 0,
                    "query": ranking.query.id,
                    "rank": rank,
                    "document": document,
                    "score": ranking.documents[document],
                }


class Reader:
    """Reads the results of configurations out of a sweep's store."""

    def __init__(self, dataset: Dataset, space: Space, store: Store) -> None:
        self._dataset = dataset
        self._store = store
        self._score = scoring(dataset, space.measures)

    def result(self, configuration: Configuration, failed: Mapping[str, str]) -> Result:
        """What a configuration came to; ``failed`` says by key why a stage has no artefact."""
        keys = configuration.stages
        for key in keys.values():
            if key in failed:
                return Result(configuration, (), None, None, {}, failed[key])
        artefact = self._store.load(configuration.last, keys[configuration.last])
        chunks, _ = read_cut(self._store, keys["chunk"])
        rankings = rankings_of(artefact, self._dataset, chunks)
        index = built_indexes(self._store, configuration)
        return Result(configuration, rankings, self._score(rankings), index, artefact.facts["errors"])


def write_results(folder: Path, results: Sequence[Outcome], dataset: Dataset) -> None:
    """Writes configurations, rows, hits and queries into the folder of the sweep.

    Raises:
        StorageFull, StorageError: the folder cannot be written.
    """
    measures = next((list(result.means) for result in results if result.means), [])
    write_rows(folder, "configurations.jsonl", (result.view() for result in results))
    rows = [row for result in results for row in result.rows(dataset, measures)]
    write_table(folder, rows)
    hits = [hit for result in results for hit in result.hits()]
    if hits:
        write_table(folder, hits, "hits.parquet")
    write_rows(folder, "queries.jsonl", _queries(dataset))


def failed_rows(
    configuration: Configuration, error: str | None, dataset: Dataset, measures: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a configuration that has no result."""
    for query in dataset.queries:
        scores = dict.fromkeys(measures)
        row = {"configuration": configuration.id, "repeat": 0, "query": query.id, **scores}
        yield {**row, "ms": None, "cost": None, "error": error}


def built_indexes(store: Store, configuration: Configuration) -> dict[str, Any]:
    """What building the indexes of a configuration came to, both legs' together."""
    built = [
        store.load("index", key).facts
        for label, key in configuration.stages.items()
        if label.startswith("index.")
    ]
    sizes = [one["bytes"] for one in built]
    return {
        "chunks": built[0]["chunks"],
        "seconds": round(sum(one["seconds"] for one in built), 3),
        "bytes": None if None in sizes else sum(sizes),
    }


def _queries(dataset: Dataset) -> Iterator[dict[str, Any]]:
    path = dataset.folder / QUESTIONS
    labels = {one.id: one for one in read_questions(path)} if path.is_file() else {}
    for query in dataset.queries:
        label = labels.get(query.id)
        yield {
            "query": query.id,
            "text": query.text,
            "type": label.type if label else None,
            "lang": label.lang if label else None,
            "judged": dict(dataset.qrels[query.id]),
        }
