"""How much of one text stands in another: words, normalised, and the runs of them that two texts share."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_ARTICLES = frozenset(["a", "an", "the", "le", "la", "les", "l", "un", "une", "des"])
_RUN = 3
"""Words in a row that two texts must share before it counts as quoting: single words coincide."""


def words(text: str) -> list[str]:
    """Words in lower case, in compatibility form (NFKC), without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of word precision and recall against a reference, articles left out (SQuAD, 2016)."""
    said, wanted = Counter(_told(answer)), Counter(_told(reference))
    shared = (said & wanted).total()
    if not shared:
        return float(said == wanted)
    return 2 * shared / (said.total() + wanted.total())


def exact_match(answer: str, reference: str) -> float:
    """1 if the words are the same in the same order, articles left out, else 0 (SQuAD, 2016)."""
    return float(_told(answer) == _told(reference))


def covered(quote: str, texts: Iterable[str]) -> float:
    """The share of a quote's words that stand in some of ``texts`` within runs of three words or more.

    A quote shorter than that must stand there as a whole. 0 when the quote has no words.
    """
    wanted = words(quote)
    if not wanted:
        return 0.0
    run = min(_RUN, len(wanted))
    found: set[int] = set()
    for text in texts:
        found |= _runs(wanted, words(text), run)
    return len(found) / len(wanted)


def _told(text: str) -> list[str]:
    return [word for word in words(text) if word not in _ARTICLES]


def _runs(wanted: Sequence[str], text: Sequence[str], run: int) -> set[int]:
    """Places in ``wanted`` that lie within ``run`` words in a row which ``text`` has too."""
    there = set(_rows(text, run))
    starts = (start for start, row in enumerate(_rows(wanted, run)) if row in there)
    return {place for start in starts for place in range(start, start + run)}


def _rows(text: Sequence[str], run: int) -> list[tuple[str, ...]]:
    return [tuple(text[start : start + run]) for start in range(len(text) - run + 1)]
