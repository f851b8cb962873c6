"""From drafts to a file of questions: what cannot be used is dropped, and counted by reason."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.drafting.base import Draft, Drafter
from eval.questions import Gold, Question
from eval.text import words
from rag.embedding.base import Embedder, Vectors
from rag.errors import BadInput, DeadlineExceeded, ModelCut, ModelUnavailable
from rag.types import Document

Finds = Callable[[Draft], Awaitable[bool]]
"""Whether a search for the draft's question brings its quote."""

SAME_MEANING = 0.95
"""Cosine similarity of two questions from which they count as one."""
SAME_WORDS = 0.8
"""Jaccard similarity of the word sets of two questions from which they count as one."""


@dataclass(frozen=True, slots=True)
class Made:
    """The questions that are kept, and how many drafts were dropped why."""

    drafter: str
    documents: int
    drafts: int
    questions: tuple[Question, ...]
    dropped: Counter[str]

    def view(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "drafter": self.drafter,
            "documents": self.documents,
            "drafts": self.drafts,
            "kept": len(self.questions),
            "dropped": dict(sorted(self.dropped.items())),
        }


async def make_questions(
    documents: Sequence[Document],
    drafter: Drafter,
    embedder: Embedder,
    finds: Finds,
    *,
    wanted: int,
    seed: int = 0,
) -> Made:
    """Drafts until ``wanted`` questions are kept, document by document in an order that ``seed`` shuffles.

    In each round every document gives one question, so that a long page does not fill the file.

    Raises:
        BadInput: there are no documents, or no draft could be used; the message says why.
        ModelRefused: the drafter's model says that key, name or request is wrong.
    """
    if not documents:
        raise BadInput("there are no documents to draft questions from")
    order = sorted(documents, key=lambda document: document.id)
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, no secret
    making = _Making(embedder, finds)
    waiting: list[list[Draft]] = []
    for document in order:
        if len(making.kept) >= wanted:
            break
        waiting.append(await making.drafts_of(document, drafter))
        await making.take(waiting[-1])
    while len(making.kept) < wanted and any(waiting):
        for drafts in waiting:
            if drafts and len(making.kept) < wanted:
                await making.take(drafts)
    if not making.kept:
        reasons = ", ".join(f"{count} {why}" for why, count in making.dropped.most_common())
        raise BadInput(f"no question could be made of {len(documents)} documents: {reasons or 'no drafts'}")
    return Made(drafter.name, len(waiting), making.drafts, tuple(making.kept[:wanted]), making.dropped)


class _Making:
    """What was kept and dropped so far."""

    def __init__(self, embedder: Embedder, finds: Finds) -> None:
        self.kept: list[Question] = []
        self.dropped: Counter[str] = Counter()
        self.drafts = 0
        self._embedder = embedder
        self._finds = finds
        self._vectors: list[Vectors] = []
        self._texts: dict[str, str] = {}

    async def drafts_of(self, document: Document, drafter: Drafter) -> list[Draft]:
        """The document's drafts; a model that gives none costs this document and not the run."""
        self._texts[document.id] = document.text
        try:
            return list(await drafter.draft(document))
        except (ModelCut, ModelUnavailable, DeadlineExceeded):
            self.dropped["documents_that_the_model_failed_on"] += 1
            return []

    async def take(self, drafts: list[Draft]) -> None:
        """Takes drafts from the front until one is kept."""
        while drafts:
            draft = drafts.pop(0)
            self.drafts += 1
            why = await self._wrong(draft)
            if not why:
                self.kept.append(_question(draft, len(self.kept) + 1))
                return
            self.dropped[why] += 1

    async def _wrong(self, draft: Draft) -> str:
        if not (draft.question.strip() and draft.answer.strip() and draft.quote.strip()):
            return "incomplete"
        if draft.quote not in self._texts[draft.document_id]:
            return "quote_not_in_document"
        vector = await self._embedder.embed_query(draft.question)
        if self._is_there(draft.question, vector):
            return "near_duplicate"
        if not await self._finds(draft):
            return "not_found_by_search"
        self._vectors.append(vector)
        return ""

    def _is_there(self, question: str, vector: Vectors) -> bool:
        mine = set(words(question))
        theirs = [set(words(one.question)) for one in self.kept]
        if any(len(mine & other) >= SAME_WORDS * len(mine | other) for other in theirs):
            return True
        return bool(self._vectors) and float(np.max(np.stack(self._vectors) @ vector)) >= SAME_MEANING


def _question(draft: Draft, number: int) -> Question:
    return Question(
        id=f"syn-{number:04}",
        question=draft.question.strip(),
        lang=draft.language,
        type="synthetic",
        answer=draft.answer.strip(),
        gold=(Gold(document_id=draft.document_id, quote=draft.quote),),
        answerable=True,
        synthetic=True,
    )
