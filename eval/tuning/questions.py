"""What a reranker is trained to rank for: judged questions, and titles and headings as if they were some."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eval.beir import Dataset, Query
from ingest.beir import corpus_rows
from rag.types import Chunk

Origin = Literal["given", "title", "heading"]
FEWEST_WORDS = 3
"""Of a title or heading that can stand for a question: ``Notes`` asks for nothing."""


@dataclass(frozen=True, slots=True)
class TrainingQuery:
    """A text to search for, and the documents that are right."""

    text: str
    positives: Set[str]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Parted:
    """The judged questions of a data set: to train with, to choose the weight with, and to test with once."""

    train: tuple[Query, ...]
    choose: tuple[Query, ...]
    test: tuple[Query, ...]


def relevant(grades: Mapping[str, int]) -> frozenset[str]:
    """The documents judged right."""
    return frozenset(document for document, grade in grades.items() if grade > 0)


def part(dataset: Dataset, choose: float, test: float, seed: int) -> Parted:
    """Parts the questions by shares; questions about the same document stay together.

    Collections often ask twice of one document, in other words or denied: trained on one of the two, a model
    would be tested on what it has seen.
    """
    together = _components(dataset)
    order = np.random.default_rng(seed).permutation(len(together))
    wanted = {"test": test * len(dataset.queries), "choose": choose * len(dataset.queries)}
    parts: dict[str, list[Query]] = {"test": [], "choose": [], "train": []}
    for place in order:
        to = next((name for name, most in wanted.items() if len(parts[name]) < most), "train")
        parts[to] += together[place]
    return Parted(*(tuple(parts[name]) for name in ("train", "choose", "test")))


def _components(dataset: Dataset) -> list[list[Query]]:
    """Questions in groups, such that no document is right for questions of two groups."""
    groups: dict[int, list[Query]] = {}
    group_of: dict[str, int] = {}
    for number, query in enumerate(dataset.queries):
        documents = relevant(dataset.qrels[query.id])
        met = sorted({group_of[document] for document in documents if document in group_of})
        groups[number] = [one for old in met for one in groups.pop(old)] + [query]
        moved = {document for one in groups[number] for document in relevant(dataset.qrels[one.id])}
        group_of |= dict.fromkeys(moved, number)
    return list(groups.values())


def given_queries(queries: Iterable[Query], qrels: Mapping[str, Mapping[str, int]]) -> list[TrainingQuery]:
    """The judged questions that have a right document."""
    pairs = ((query.text, relevant(qrels[query.id])) for query in queries)
    return [TrainingQuery(text, documents, "given") for text, documents in pairs if documents]


def titles(dataset: Dataset) -> dict[str, str]:
    """The title of each document that has one."""
    rows = ((row.uri, json.loads(row.line).get("title")) for row in corpus_rows(dataset.folder, dataset.name))
    return {document: title.strip() for document, title in rows if title and title.strip()}


def pseudo_queries(named: Mapping[str, str], chunks: Iterable[Chunk]) -> list[TrainingQuery]:
    """A query for each title, by document, and for each heading below it; each text once.

    A text that several documents have is right for all of them.
    """
    found: dict[tuple[str, Origin], set[str]] = {}
    for document, title in named.items():
        found.setdefault((title, "title"), set()).add(document)
    for chunk in chunks:
        if len(chunk.headings) > 1:
            text = f"{chunk.headings[0]}: {chunk.headings[-1]}"
            found.setdefault((text, "heading"), set()).add(chunk.document_id)
    return [
        TrainingQuery(text, right, origin)
        for (text, origin), right in found.items()
        if len(text.split()) >= FEWEST_WORDS
    ]
