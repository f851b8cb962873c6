"""One retrieval run: every judged query of a collection through the retriever, scored."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from eval.beir import Dataset, Query
from eval.folder import environment, write_json, write_lines, write_rows
from eval.index import Built, Progress, Recipe, open_index
from eval.metrics import MEASURES, Scores, document_scores, evaluate, in_order, percentiles
from eval.quotes import QUOTE_MEASURES, Span, evaluate_quotes, is_quote_measure, read_gold_quotes
from eval.table import write_table
from ingest.chunkers.base import Chunker
from rag.embedding.base import Embedder
from rag.errors import UnknownChoice
from rag.index.base import Index, IndexStore
from rag.resilience.deadline import Deadline
from rag.retriever import MAX_TOP_K, Mode, SearchRequest, SearchResult
from rag.search import Searching
from rag.sparse.base import SparseEncoder
from rag.types import Degradation

DEPTH = 100
"""Documents of a ranking."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made with.

    ``retriever`` makes the retriever over an index, with this ``embedder`` and ``sparse`` encoder. An
    embedder with a cache spares embedding a corpus twice.
    """

    chunker: Chunker
    embedder: Embedder
    sparse: SparseEncoder
    store: IndexStore
    retriever: Callable[[Index], Searching]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one query brought: documents with their scores, milliseconds, the parts that ran or could not.

    ``passages`` are the chunks behind the documents, best first.
    """

    query: Query
    documents: Mapping[str, float]
    ms: float
    parts: Mapping[str, str]
    degraded: Sequence[Degradation] = field(default=())
    passages: Sequence[Span] = field(default=())


@dataclass(frozen=True, slots=True)
class RetrievalRun:
    """A run and its scores. ``config`` says what made it; ``reused`` that the index was there already."""

    dataset: Dataset
    rankings: tuple[Ranking, ...]
    scores: Scores
    built: Built
    reused: bool
    config: Mapping[str, Any]

    def view(self) -> dict[str, Any]:
        """The object of ``eval run --json``; latency in milliseconds, of one query at a time."""
        return {
            "dataset": self.dataset.name,
            "queries": len(self.rankings),
            "metrics": {name: round(value, 6) for name, value in self.scores.mean.items()},
            "latency_ms": percentiles([ranking.ms for ranking in self.rankings]),
            "index": {
                "chunks": self.built.chunks,
                "seconds": self.built.seconds,
                "bytes": self.built.bytes,
                "reused": self.reused,
            },
            "config": dict(self.config),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """One JSON object per query: its scores, its first ten documents, and those that were right."""
        for ranking in self.rankings:
            query = ranking.query
            yield {
                "query": query.id,
                "text": query.text,
                "metrics": dict(self.scores.per_query[query.id]),
                "ms": round(ranking.ms, 3),
                "found": in_order(ranking.documents)[:10],
                "judged": dict(self.dataset.qrels[query.id]),
                "degraded": [f"{one.part}: {one.why}" for one in ranking.degraded],
            }

    def table(self) -> list[dict[str, Any]]:
        """The figures of each query, as ``eval.table`` keeps them."""
        return [
            {
                "query": ranking.query.id,
                **self.scores.per_query[ranking.query.id],
                "ms": ranking.ms,
                "error": None,
            }
            for ranking in self.rankings
        ]

    def trec(self) -> Iterator[str]:
        """The lines of a TREC run file; white space in an id, which the format has no room for, is ``_``."""
        for ranking in self.rankings:
            for rank, document in enumerate(in_order(ranking.documents), 1):
                ids = (re.sub(r"\s", "_", name) for name in (ranking.query.id, document))
                yield " ".join(
                    (next(ids), "Q0", next(ids), str(rank), repr(ranking.documents[document]), "ardoise")
                )

    def write(self, folder: Path) -> None:
        """Writes the run into a folder: configuration, environment, summary, ranking, and the queries twice.

        ``queries.jsonl`` is for reading, with texts and documents; ``rows.parquet`` holds the figures alone.

        Raises:
            StorageFull, StorageError: the folder cannot be written.
        """
        write_json(folder, "config.json", self.config)
        write_json(folder, "environment.json", environment())
        write_json(folder, "summary.json", self.view())
        write_rows(folder, "queries.jsonl", self.rows())
        write_table(folder, self.table())
        write_lines(folder, "run.trec", self.trec())


async def evaluate_retrieval(
    dataset: Dataset,
    parts: Parts,
    mode: Mode,
    folder: Path,
    *,
    measures: Sequence[str] = MEASURES,
    settings: Mapping[str, Any] | None = None,
    deadline_s: float = 60.0,
    progress: Progress | None = None,
) -> RetrievalRun:
    """Ranks ``DEPTH`` documents for every judged query and scores the rankings.

    Beside a data set with gold quotes (``eval.quotes.QUESTIONS``) the ``QUOTE_MEASURES`` are computed too.
    ``folder`` keeps what is used again by the next run: notes on the indexes, and the indexes themselves if
    ``parts.store`` has its collections there. Mode ``sparse`` embeds nothing. ``settings`` is more of the
    configuration, to be kept with the run.

    Raises:
        UnknownChoice: a measure, or the mode.
        BadInput: a row of the corpus is no document, or a gold quote is not in its document.
        DeadlineExceeded: one query took longer than ``deadline_s`` seconds.
        StorageError, IndexUnavailable, ModelError: as the parts raise them.
    """
    if mode not in get_args(Mode):
        raise UnknownChoice("mode", mode, get_args(Mode))
    score = scoring(dataset, measures)
    score([])  # a wrong measure is told before the work, not after it
    recipe = Recipe(dataset, parts.chunker, parts.embedder, parts.sparse, mode)
    index, built, reused = await open_index(recipe, parts.store, folder, progress)
    try:
        search = Search(parts.retriever(index), mode, built.chunks, dataset.size, deadline_s)
        # The first search loads models and reads files: a cost of starting, not of answering.
        first = await search.rank(dataset.queries[0])
        rankings = []
        for done, query in enumerate(dataset.queries, 1):
            rankings.append(await search.rank(query))
            if progress:
                progress("search", done, len(dataset.queries))
    finally:
        await index.close()
    config = {**_config(recipe, first.parts), **(settings or {})}
    return RetrievalRun(dataset, tuple(rankings), score(rankings), built, reused, config)


def scoring(dataset: Dataset, measures: Sequence[str]) -> Callable[[Sequence[Ranking]], Scores]:
    """What scores rankings by documents, and by gold quotes where the data set has them."""
    gold = read_gold_quotes(dataset.folder, [query.id for query in dataset.queries], dataset.documents())
    by_document = [name for name in measures if not is_quote_measure(name)]
    by_quote = [name for name in measures if is_quote_measure(name)] or (QUOTE_MEASURES if gold else ())

    def score(rankings: Sequence[Ranking]) -> Scores:
        run = {ranking.query.id: ranking.documents for ranking in rankings}
        documents = evaluate(run, dataset.qrels, by_document)
        if not by_quote:
            return documents
        passages = {ranking.query.id: ranking.passages for ranking in rankings}
        quotes = evaluate_quotes(passages, gold or {}, by_quote)
        both = {query: {**of, **quotes.per_query[query]} for query, of in documents.per_query.items()}
        return Scores({**documents.mean, **quotes.mean}, both)

    return score


def depths(chunks: int, documents: int) -> tuple[int, ...]:
    """How many chunks are ranked so as to find ``DEPTH`` documents: each number is for when the last did not.

    The first is the chunks of ``DEPTH`` average documents; each is twice the one before, up to all of them.
    """
    found = [min(max(DEPTH, math.ceil(DEPTH * chunks / documents)), MAX_TOP_K)]
    while found[-1] < min(chunks, MAX_TOP_K):
        found.append(min(found[-1] * 2, MAX_TOP_K))
    return tuple(found)


class Search:
    """Ranks documents by ranking as many chunks as that takes."""

    def __init__(
        self, retriever: Searching, mode: Mode, chunks: int, documents: int, deadline_s: float
    ) -> None:
        self._retriever = retriever
        self._mode = mode
        self._depths = depths(chunks, documents)
        self._enough = min(DEPTH, documents)
        self._deadline_s = deadline_s

    async def rank(self, query: Query) -> Ranking:
        """The first documents for a query; the time is that of the search which found enough of them."""
        result, ms, _ = await self.search(query)
        return ranking_of(query, result, ms)

    async def search(
        self, query: Query, language: str | None = None, tries: Sequence[int] = ()
    ) -> tuple[SearchResult, float, int]:
        """The first search that finds enough documents, or all there are; its milliseconds; its ``top_k``.

        ``tries`` are numbers of chunks to rank instead of ``depths``.
        """
        for top_k in tries or self._depths:
            deadline = Deadline.after(self._deadline_s)
            request = SearchRequest(query.text, deadline, top_k, self._mode, language=language)
            start = time.perf_counter()
            result = await self._retriever.search(request)
            ms = (time.perf_counter() - start) * 1000
            if len(result.hits) < top_k or len(document_scores(result.hits)) >= self._enough:
                break
        return result, ms, top_k


def ranking_of(query: Query, result: SearchResult, ms: float) -> Ranking:
    """The first ``DEPTH`` documents of a search."""
    documents = dict(islice(document_scores(result.hits).items(), DEPTH))
    passages = tuple(Span.of(hit.chunk) for hit in result.hits[:DEPTH])
    return Ranking(query, documents, ms, result.parts, result.degraded, passages)


def _config(recipe: Recipe, parts: Mapping[str, str]) -> dict[str, Any]:
    dataset = recipe.dataset
    return {
        "split": dataset.split,
        "corpus_sha256": dataset.digest,
        "queries_sha256": dataset.judged_digest,
        "documents": dataset.size,
        "blank_documents": dataset.blank,
        "mode": recipe.mode,
        "depth": DEPTH,
        "chunker": recipe.chunker.name,
        **parts,
    }
