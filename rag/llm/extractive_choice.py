"""Which sentences are quoted: the best ones, and of a question that asks for several things some for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.links import linked
from rag.llm.base import Passage
from rag.llm.extractive_scoring import Scored, Tuning
from rag.llm.extractive_sentences import Candidate

_NEAR = 8
"""Passages, the best first, in which a part's sentence is looked for: a part says little of its subject."""

_DOCUMENTS = 2  # that the links of quoted sentences are followed to …
_EACH = 2  # … and sentences that are quoted of each


def pick(scored: Scored, passages: Sequence[Passage], tuning: Tuning) -> list[Candidate]:
    """The sentences to quote, in reading order; passages come in the order of their best sentence.

    What follows the best one goes with it, since it often says why or how. Where the question has parts,
    more are quoted, and some for each part.
    """
    if scored.parts:
        chosen = _best(scored, tuning, tuning.most_of_parts, goes_on=False)
        after = [place for best in chosen[:1] for place in _next(scored.candidates, best)]
        chosen += [place for place in after if place not in chosen]
        chosen += _for_parts(scored, chosen, tuning)
        chosen += _followed(scored, passages, chosen, tuning)
    else:
        chosen = _best(scored, tuning, tuning.most, goes_on=True)
    order = list(dict.fromkeys(scored.candidates[place].passage for place in chosen))
    sentences = (scored.candidates[place] for place in chosen)
    return sorted(sentences, key=lambda one: (order.index(one.passage), one.start))


def _best(scored: Scored, tuning: Tuning, most: int, goes_on: bool) -> list[int]:
    """The places of the best sentences by maximal marginal relevance (Carbonell & Goldstein, 1998)."""
    chosen = list[int]()
    open_ = [place for place in range(len(scored.candidates)) if scored.score[place] >= scored.floor]
    while open_ and len(chosen) < most:
        said = {place: _said(scored, place, chosen) for place in open_}
        best = max(open_, key=lambda place: scored.score[place] - tuning.repetition * said[place])
        if said[best] < tuning.duplicate:
            chosen.append(best)
            if goes_on and len(chosen) == 1 < most:
                chosen += _next(scored.candidates, best)
        open_ = [place for place in open_ if place != best and place not in chosen]
    return chosen


def _for_parts(scored: Scored, chosen: Sequence[int], tuning: Tuning) -> list[int]:
    """For each part of the question the sentence that is nearest to it, if it is not ``chosen``."""
    near = [
        place
        for place, one in enumerate(scored.candidates)
        if one.passage < _NEAR and scored.score[place] >= scored.floor
    ]
    best = [max(near, key=lambda place: part[place]) for part in scored.parts if near]
    return [place for place in dict.fromkeys(best) if _said(scored, place, chosen) < tuning.duplicate]


def _followed(
    scored: Scored, passages: Sequence[Passage], chosen: Sequence[int], tuning: Tuning
) -> list[int]:
    """The best sentences of what those ``chosen`` link to: "[significance](…) gives the correction"."""
    score = scored.score + np.max(scored.parts, axis=0)
    found = list[int]()
    for document in _linked(scored, passages, chosen):
        there = [
            place
            for place, one in enumerate(scored.candidates)
            if passages[one.passage].document_id == document
            and _said(scored, place, [*chosen, *found]) < tuning.duplicate
        ]
        found += sorted(there, key=lambda place: -score[place])[:_EACH]
    return found


def _linked(scored: Scored, passages: Sequence[Passage], chosen: Sequence[int]) -> list[str]:
    """The documents with passages here that the sentences at ``chosen`` link to, in their order."""
    there = {passage.document_id for passage in passages}
    quoted = (scored.candidates[place] for place in chosen)
    named = (name for one in quoted for name in linked(one.text, passages[one.passage].document_id))
    return [name for name in dict.fromkeys(named) if name in there][:_DOCUMENTS]


def _said(scored: Scored, place: int, chosen: Sequence[int]) -> float:
    """How like a sentence is to one that is chosen already; 1 for one that is."""
    return float(scored.likeness[place, list(chosen)].max()) if chosen else 0.0


def _next(found: Sequence[Candidate], place: int) -> list[int]:
    """The place of the sentence after the one at ``place``, if it is of the same passage."""
    after = place + 1
    return [after] if after < len(found) and found[after].passage == found[place].passage else []
