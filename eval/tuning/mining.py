"""From a search to a lesson: the passage that answers, and passages that only look as if they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.tuning.questions import TrainingQuery
from rag.headed import passage_text
from rag.ranking.overlap import resemblance, shingles
from rag.types import Chunk, Hit


@dataclass(frozen=True, slots=True)
class Group:
    """A query with one passage that is right and some that are wrong, as texts."""

    query: str
    positive: str
    negatives: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Mining:
    """How wrong passages are chosen.

    Attributes:
        negatives: of a group.
        deep: the rank in either leg down to which they are taken: what stands there is hard to tell apart.
        near: a passage that every leg scores at ``near`` times the right passage's score or above is likely
            right too, and nobody has judged it (positive-aware mining: Moreira et al. 2024, "NV-Retriever",
            arXiv:2407.15831). One that beats it in a single leg is the very mistake to learn from, and stays.
        alike: the share of three-word runs from which a passage is a near duplicate of the right one.
    """

    negatives: int = 3
    deep: int = 20
    near: float = 0.95
    alike: float = 0.3


def mine(
    query: TrainingQuery,
    hits: Sequence[Hit],
    mining: Mining,
    titles: Mapping[str, str],
    random: np.random.Generator,
) -> Group | None:
    """A group from what both legs found for a query, or nothing; ``titles`` are those of documents.

    Nothing, where the search did not find a right passage, which no reranker can mend, or not enough wrong
    ones. The right passage is the best found of a right document.
    """
    positive = next((hit for hit in hits if hit.chunk.document_id in query.positives), None)
    if positive is None:
        return None
    wrong = [
        hit
        for hit in hits
        if hit.chunk.document_id not in query.positives
        and min(leg.rank for leg in hit.legs.values()) <= mining.deep
        and not is_rival(hit, positive, mining.near)
        and not is_copy(hit, positive, mining.alike)
    ]
    if len(wrong) < mining.negatives:
        return None
    chosen = random.choice(len(wrong), size=mining.negatives, replace=False)
    passages = [positive.chunk, *(wrong[place].chunk for place in chosen)]
    if query.origin == "given":
        first, *others = (passage_text(chunk) for chunk in passages)
    else:
        first, *others = (unnamed(chunk, titles.get(chunk.document_id, "")) for chunk in passages)
    return Group(query.text, first, tuple(others), query.origin)


def is_rival(hit: Hit, positive: Hit, near: float) -> bool:
    """Whether every leg that found the right passage puts ``hit`` near it or above."""
    return all(
        leg in hit.legs and hit.legs[leg].score >= near * found.score for leg, found in positive.legs.items()
    )


def is_copy(hit: Hit, positive: Hit, alike: float) -> bool:
    """Whether ``hit`` says the same in nearly the same words."""
    sets = [shingles(one.chunk.text, 3) for one in (hit, positive)]
    return resemblance(*sets) >= alike


def unnamed(chunk: Chunk, title: str) -> str:
    """The text of a chunk without its title and headings: a query made of them must not be found by them."""
    text = chunk.text
    for name in filter(None, dict.fromkeys((title, *chunk.headings))):
        text = text.replace(name, "", 1)
    return text.strip()
