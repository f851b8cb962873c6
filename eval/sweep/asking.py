"""The questions of a sweep of answers: labelled ones, which take the place of the judged queries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import cast

from eval.beir import Dataset, Query
from eval.questions import Question, Split, read_questions
from eval.quotes import QUESTIONS, gold_quotes
from rag.errors import BadInput


def check_labelled(folder: Path) -> None:
    """Makes sure that a data set has labelled questions.

    Raises:
        BadInput: it has none.
    """
    if not (folder / QUESTIONS).is_file():
        raise BadInput(f"answers are measured on labelled questions, and {folder} has no {QUESTIONS}")


@lru_cache(maxsize=2)
def read_asked(folder: Path, split: str | None, most: int | None) -> tuple[Question, ...]:
    """The labelled questions of a data set's split; with ``most``, so many of them, spread over the file.

    Unlike the judged queries they include those that nothing answers.

    Raises:
        BadInput: the file is missing, or not as ``read_questions`` wants it.
    """
    check_labelled(folder)
    every = read_questions(folder / QUESTIONS, cast("Split | None", split))
    if most is None or most >= len(every):
        return every
    return tuple(every[number * len(every) // most] for number in range(most))


def asked_dataset(dataset: Dataset, most: int | None) -> Dataset:
    """The data set with its labelled questions as queries; relevant are the documents of gold passages.

    Raises:
        BadInput: as ``read_asked``.
    """
    questions = read_asked(dataset.folder, dataset.split, most)
    return replace(
        dataset,
        queries=tuple(Query(question.id, question.question) for question in questions),
        qrels={one.id: {gold.document_id: 1 for gold in one.gold} for one in questions},
    )


def check_gold(dataset: Dataset, most: int | None) -> None:
    """Makes sure that the gold quotes stand in their documents; raises as ``gold_quotes`` does."""
    gold_quotes(read_asked(dataset.folder, dataset.split, most), dataset.documents())


def digest_of(questions: Sequence[Question]) -> str:
    """SHA-256 of questions with all their labels."""
    said = "\n".join(question.model_dump_json() for question in questions)
    return hashlib.sha256(said.encode()).hexdigest()
