"""Retrieval measured on gold quotes: a hit is right when its chunk holds the passage asked for.

Measures on documents favour small chunks, which reach more documents with as many hits and need not hold what
was asked. These ask whether the passage itself was found, so that sizes of chunks can be compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.metrics import Scores
from eval.questions import Question, read_questions
from rag.errors import BadInput, UnknownChoice
from rag.types import Chunk, Document

QUESTIONS = "questions.jsonl"
"""The file of a BEIR folder that holds gold quotes; its ids are those of the queries."""
QUOTE_MEASURES = ("QuoteR@5", "QuoteNDCG@10", "QuoteR@4000c")
QUOTE_CHOICES = ("QuoteR@k", "QuoteR@Nc", "QuoteNDCG@k")
ENOUGH = 0.8
"""The share of a quote's characters that a chunk must hold to cover it: a border through the last words of a
quote leaves what the answer needs; one through its middle does not."""
_NAME = re.compile(r"Quote(R|NDCG)@([1-9]\d{0,6})(c?)")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a document: a chunk, or a place where a quote stands."""

    document_id: str
    start: int
    end: int

    @classmethod
    def of(cls, chunk: Chunk) -> Span:
        """Where a chunk stands."""
        return cls(chunk.document_id, chunk.start, chunk.end)

    def covers(self, other: Span) -> bool:
        """Whether ``ENOUGH`` of the other span's characters lie within this one."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return self.document_id == other.document_id and shared >= ENOUGH * (other.end - other.start)


Quote = tuple[Span, ...]
"""The places where one gold quote stands; a repeated sentence has several, and each of them is right."""
GoldQuotes = Mapping[str, Sequence[Quote]]
"""The gold quotes of each query."""


def covers(chunk: Span, quote: Quote) -> bool:
    """Whether a chunk covers a gold quote in one of the places where it stands."""
    return any(chunk.covers(place) for place in quote)


def quote_places(document_id: str, quote: str, text: str) -> Quote:
    """Where a quote stands in the text of a document; nowhere is an empty tuple."""
    starts = (match.start() for match in re.finditer(re.escape(quote), text))
    return tuple(Span(document_id, start, start + len(quote)) for start in starts)


def gold_quotes(questions: Iterable[Question], documents: Iterable[Document]) -> dict[str, list[Quote]]:
    """Where the gold quotes of the questions stand, by question; those without a quote are left out.

    Raises:
        BadInput: quotes that are not in their documents: how many, and question, document and words of the
            first ones.
    """
    wanted = [question for question in questions if question.gold]
    named = {gold.document_id for question in wanted for gold in question.gold}
    texts = {document.id: document.text for document in documents if document.id in named}
    found: dict[str, list[Quote]] = {}
    wrong: list[str] = []
    for question in wanted:
        for gold in question.gold:
            places = quote_places(gold.document_id, gold.quote, texts.get(gold.document_id, ""))
            found.setdefault(question.id, []).append(places)
            if not places:
                what = "which lacks it" if gold.document_id in texts else "which is not in the corpus"
                wrong.append(f"question {question.id!r}: {gold.quote[:60]!r} of {gold.document_id!r}, {what}")
    if wrong:
        more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise BadInput(f"{len(wrong)} gold quotes are not in their documents: {'; '.join(wrong[:3])}{more}")
    return found


def read_gold_quotes(
    folder: Path, queries: Sequence[str], documents: Iterable[Document]
) -> dict[str, list[Quote]] | None:
    """The gold quotes of a BEIR folder's queries; ``None`` when it has no ``questions.jsonl``.

    Raises:
        BadInput: a row is no question, a quote is not in its document, or a query has no gold quote, of
            which nothing could be said.
    """
    path = folder / QUESTIONS
    if not path.is_file():
        return None
    judged = set(queries)
    gold = gold_quotes((one for one in read_questions(path) if one.id in judged), documents)
    if without := [query for query in queries if query not in gold]:
        raise BadInput(
            f"{path}: {len(without)} judged queries have no gold quote, the first is {without[0]!r}: "
            "add them, or keep the file elsewhere"
        )
    return gold


def is_quote_measure(name: str) -> bool:
    """Whether a measure is one of gold quotes, not of documents."""
    return name.startswith("Quote")


def evaluate_quotes(
    hits: Mapping[str, Sequence[Span]], gold: GoldQuotes, measures: Sequence[str] = QUOTE_MEASURES
) -> Scores:
    """Scores ranked chunks, best first, on the queries that have gold quotes; no hits count as zero.

    - ``QuoteR@k``: share of gold quotes that one of the first ``k`` chunks covers;
    - ``QuoteR@Nc``: the same of the chunks that lie whole within the first ``N`` characters of hits, and the
      first one in any case: the fair comparison of chunk sizes, since ``k`` large chunks hold more;
    - ``QuoteNDCG@k``: the discount ``1 / log2(rank + 1)`` of the first chunk that covers a quote, summed over
      the quotes and divided by what one quote a rank would make; at most 1, though one chunk may hold
      several.

    Raises:
        UnknownChoice: a measure that is not one of ``QUOTE_CHOICES``.
        BadInput: there are no gold quotes.
    """
    if not gold:
        raise BadInput("no query has a gold quote: there is nothing to average over")
    wanted = {name: _parsed(name) for name in measures}
    per_query = {
        query: {name: _score(hits.get(query, ()), quotes, *kind) for name, kind in wanted.items()}
        for query, quotes in gold.items()
    }
    mean = {name: float(np.mean([scores[name] for scores in per_query.values()])) for name in wanted}
    return Scores(mean, per_query)


def _parsed(name: str) -> tuple[str, int, bool]:
    match = _NAME.fullmatch(name)
    if match is None or (match[1] == "NDCG" and match[3]):
        raise UnknownChoice("measure", name, QUOTE_CHOICES)
    return match[1], int(match[2]), bool(match[3])


def _score(hits: Sequence[Span], quotes: Sequence[Quote], kind: str, limit: int, characters: bool) -> float:
    shown = _within(hits, limit) if characters else hits[:limit]
    ranks = [_rank(shown, quote) for quote in quotes]
    found = [rank for rank in ranks if rank is not None]
    if kind == "R":
        return len(found) / len(quotes)
    ideal = sum(_discount(rank) for rank in range(1, min(len(quotes), limit) + 1))
    return min(1.0, sum(map(_discount, found)) / ideal)


def _rank(hits: Sequence[Span], quote: Quote) -> int | None:
    return next((rank for rank, hit in enumerate(hits, 1) if covers(hit, quote)), None)


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def _within(hits: Sequence[Span], characters: int) -> Sequence[Span]:
    length = 0
    for place, hit in enumerate(hits):
        length += hit.end - hit.start
        if length > characters:
            return hits[: max(place, 1)]
    return hits
