"""What a question asks for, clause by clause, where it asks for several things."""

from __future__ import annotations

import re

from rag.language import detect_language
from rag.lexical import content_stems

LONG = 12
"""Words of content from which a question asks for more than one thing."""

_MOST = 3
_LEAST = 2  # words of content that a clause has, or it belongs to the one before it
_JOINT = re.compile(
    r"(?:(?<=[\w)%])[.!?;:]\s+|,\s+|\s[–—-]\s|\s+(?=(?:{0})\s))(?:(?:{0})\s+)?".format(
        "and|but|while|if|because|once|then|et|mais|si|puis|alors|car"
    ),
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:(?:[àa]|from|by|at|in|on|for|de|dans|pour|sur) )?(?:about )?"
    r"(?:what|how|why|which|who|when|where|does|do|is|are|can|should|will|did|could|would|que?|quel\w*"
    r"|comment|pourquoi|combien|où|quand|est-ce|peut-on|faut-il)\b",
    re.IGNORECASE,
)


def parts_of(question: str) -> tuple[str, ...]:
    """The clauses that ask, at most three, the last one where none does; empty for a short question.

    Those before them tell what is asked about, and count with the whole question.
    """
    language = detect_language(question)
    if len(set(content_stems(question, language))) < LONG:
        return ()
    clauses: list[str] = []
    for piece in _JOINT.split(question):
        clause = piece.strip(" ,;:?.")
        if clauses and min(_length(clause, language), _length(clauses[-1], language)) < _LEAST:
            clauses[-1] = f"{clauses[-1]} {clause}".strip()
        elif clause:
            clauses.append(clause)
    asking = [clause for clause in clauses if _ASKS.match(clause)]
    return tuple(asking[-_MOST:] or clauses[-1:])


def _length(clause: str, language: str) -> int:
    return len(content_stems(clause, language))
