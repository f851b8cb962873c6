"""Whether what was found answers a question: a few signs, weighed together.

A logistic regression: the odds that a question can be answered are ``exp(sum of weight · sign)`` to one. One
sign alone is fooled: a near page on another product is as similar as the page that answers.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields

from rag.lexical import content_stems
from rag.llm.base import Evidence
from rag.llm.extractive_names import missing_names

MOST_MISSING = 2  # names that count: a third one says no more
USUAL = 8  # words of content that a question for one thing has at most

# One number, which one sentence gives: the others on its subject do not answer.
_EXACT = re.compile(
    r"\b(?:how (?:many|much|long|big|large|far|old|often)|when|which year|combien|quand"
    r"|what (?:\w+ ){0,2}(?:score|size|value|rate|slope|temperature|price|cost|accuracy)"
    r"|quel(?:le)? (?:\w+ )?(?:score|taille|valeur|température|prix|coût|taux))\b",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"\b(?:why|how (?:do|does|did|can|should|would|is|are)|what (?:happens|goes)|explain|pourquoi|comment)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the decision rests on.

    ``similarity`` is that of the best sentence, ``around`` that of its passage, as ``Similarities`` measures
    them; ``missing`` names of the question stand in no passage; it asks for an ``exact`` value, or to have
    something ``explained``; ``other`` languages than English were compared, by another encoder; ``much`` is
    asked at once, in logarithms of its words beyond ``USUAL``: each sentence answers a part.
    """

    similarity: float
    around: float
    missing: int
    exact: bool
    explained: bool
    other: bool
    much: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Of each sign, and ``constant`` for none, fitted by ``infra/scripts/calibrate_abstention.py``.

    The constant is not that of even odds, but of the share of answerable questions that may be refused.
    """

    similarity: float = 5.19
    around: float = 3.86
    missing: float = -2.15
    exact: float = -0.80
    explained: float = 0.82
    other: float = -0.77
    much: float = 0.41
    constant: float = -3.24

    def score(self, signs: Signs) -> float:
        """The logarithm of the odds: above 0 the question is answered."""
        return self.constant + sum(
            float(getattr(self, field.name)) * float(getattr(signs, field.name)) for field in fields(signs)
        )


def signs_of(evidence: Evidence, similarity: float, around: float, *, other: bool) -> Signs:
    """The signs of a question, or of a follow-up's own words."""
    question = evidence.question
    words = len(set(content_stems(question, evidence.language)))
    return Signs(
        similarity=similarity,
        around=around,
        missing=min(MOST_MISSING, len(missing_names(question, evidence.passages))),
        exact=_EXACT.search(question) is not None,
        explained=_EXPLAINED.search(question) is not None,
        other=other,
        much=math.log(max(1.0, words / USUAL)),
    )
