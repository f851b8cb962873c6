"""Documents and labelled questions as a BEIR folder, with the questions beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.folder import write_lines, write_rows
from eval.questions import Question
from eval.quotes import QUESTIONS, gold_quotes
from rag.errors import BadInput
from rag.types import Document


def write_beir(folder: Path, documents: Sequence[Document], questions: Sequence[Question]) -> None:
    """Writes ``corpus.jsonl``, ``queries.jsonl``, ``qrels.tsv``, each split's files, and ``questions.jsonl``.

    Queries are the questions with gold quotes, follow-ups in their standalone form; a document is judged
    relevant where a gold quote is from it. ``questions.jsonl`` keeps them all.

    Raises:
        BadInput: a gold quote is not in its document (all are counted), no question has one, or the folder
            holds a corpus already.
        StorageFull, StorageError: the folder cannot be written.
    """
    if (folder / "corpus.jsonl").exists():
        raise BadInput(f"{folder} holds a corpus already: choose another folder, or delete it")
    if not gold_quotes(questions, documents):
        raise BadInput("no question has a gold quote, so nothing can be judged relevant")
    write_rows(
        folder,
        "corpus.jsonl",
        ({"_id": one.id, "title": one.metadata.get("title") or "", "text": one.text} for one in documents),
    )
    splits = sorted({one.split for one in questions if one.split})
    for split in (None, *splits):
        name = f"_{split}" if split else ""
        asked = [one for one in questions if one.gold and split in (None, one.split)]
        write_rows(
            folder,
            f"queries{name}.jsonl",
            ({"_id": one.id, "text": one.standalone or one.question} for one in asked),
        )
        write_lines(folder, f"qrels{name}.tsv", _qrels(asked))
    write_questions(folder / QUESTIONS, questions)


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """Writes questions as JSON lines, whole or not at all; fields at their defaults are left out."""
    rows = (one.model_dump(mode="json", exclude_defaults=True) for one in questions)
    write_rows(path.parent, path.name, rows)


def _qrels(questions: Iterable[Question]) -> list[str]:
    pairs = [
        f"{one.id}\t{document}\t1"
        for one in questions
        for document in dict.fromkeys(gold.document_id for gold in one.gold)
    ]
    return ["query-id\tcorpus-id\tscore", *pairs]
