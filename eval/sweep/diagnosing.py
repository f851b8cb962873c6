"""What became of the gold passages in each configuration of a sweep, from what its stages kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from eval.beir import Dataset
from eval.diagnosis import Diagnosis, Seen, diagnose
from eval.quotes import Span, covers, read_gold_quotes
from eval.sweep.kit import Kits
from eval.sweep.plan import Configuration
from eval.sweep.ragged import unpacked
from eval.sweep.space import Values
from eval.sweep.stages import read_cut
from eval.sweep.store import Artefact, Store
from rag.retriever import legs_of
from rag.types import Chunk

PASSED_ON = 10
"""Passages of a ranking that are passed on, as to a prompt."""
Holders = Sequence[frozenset[str]]
"""For each gold passage of a question the chunks that hold it."""


class Diagnoser:
    """Diagnoses configurations from a sweep's store.

    With gold quotes a question is right when each is covered by a chunk passed on. With judged documents
    alone one chunk of any relevant document does: which passage answers is not known.
    """

    def __init__(self, dataset: Dataset, store: Store, kits: Kits, fixed: Values) -> None:
        self._dataset = dataset
        self._store = store
        self._kits = kits
        self._fixed = fixed
        queries = [query.id for query in dataset.queries]
        self._quotes = read_gold_quotes(dataset.folder, queries, dataset.documents())
        # Configurations that share a stage come one after the other: a few of each are enough.
        self._gold = lru_cache(maxsize=4)(self._find_gold)
        self._found = lru_cache(maxsize=4)(self._read_found)

    def diagnoses(self, configuration: Configuration, failed: bool) -> Iterator[Diagnosis]:
        """The verdict on each query; ``failed`` if the configuration has no ranking."""
        seen = iter(()) if failed else self._seen(configuration)
        for query in self._dataset.queries:
            yield Diagnosis(configuration.id, query.id, diagnose(next(seen, None)))

    def _seen(self, configuration: Configuration) -> Iterator[Seen]:
        """What each stage had of each question."""
        kit = self._kits({**self._fixed, **configuration.values})
        keys = configuration.stages
        chunks, _ = read_cut(self._store, keys["chunk"])
        legs = {leg: self._found(keys[f"retrieve.{leg}"]) for leg in legs_of(kit.mode)}
        fused = _passages(self._store.load("fuse", keys["fuse"]))
        reranked = _passages(self._store.load("rerank", keys["rerank"])) if kit.reranks else None
        for place, gold in enumerate(self._gold(keys["chunk"])):
            yield Seen(
                gold=gold,
                legs={leg: _ids(chunks, found[place][: kit.candidates]) for leg, found in legs.items()},
                fused=_ids(chunks, fused[place][: max(PASSED_ON, kit.rerank_depth if reranked else 0)]),
                reranked=_ids(chunks, reranked[place][:PASSED_ON]) if reranked else None,
            )

    def _find_gold(self, key: str) -> list[Holders]:
        by_document: dict[str, list[Chunk]] = {}
        for chunk in read_cut(self._store, key)[0]:
            by_document.setdefault(chunk.document_id, []).append(chunk)
        return [self._holders(query.id, by_document) for query in self._dataset.queries]

    def _holders(self, query: str, by_document: dict[str, list[Chunk]]) -> Holders:
        if self._quotes is None:
            relevant = [document for document, grade in self._dataset.qrels[query].items() if grade > 0]
            # Nothing is wanted of a question without a relevant document.
            every = frozenset(chunk.id for document in relevant for chunk in by_document.get(document, ()))
            return [every] if relevant else []
        return [
            frozenset(
                chunk.id
                for document in {place.document_id for place in quote}
                for chunk in by_document.get(document, ())
                if covers(Span.of(chunk), quote)
            )
            for quote in self._quotes[query]
        ]

    def _read_found(self, key: str) -> list[list[int]]:
        """The rows of chunks that a leg found for each question, with the limit of the first search."""
        artefact = self._store.load("retrieve", key)
        rankings = unpacked("found", artefact.arrays)[: len(self._dataset.queries)]
        return [[row for row, _ in ranking] for ranking in rankings]


def _passages(artefact: Artefact) -> list[list[int]]:
    return [[row for row, _ in ranking] for ranking in unpacked("passages", artefact.arrays)]


def _ids(chunks: Sequence[Chunk], rows: Sequence[int]) -> list[str]:
    return [chunks[row].id for row in rows]
