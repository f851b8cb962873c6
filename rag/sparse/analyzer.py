"""Cuts text into the terms that BM25 counts."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from rag.sparse.stopwords import STOP_WORDS

_SNOWBALL = {"en": "english", "fr": "french"}
_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_POSSESSIVE = re.compile(r"['’]s\b|['’]")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’]")


class Stemmer(Protocol):
    """What snowballstemmer makes: it keeps state while it works, so one thread at a time."""

    def stemWord(self, word: str) -> str:  # noqa: N802 (the library's name)
        """The stem of a lower-case word."""


class Analyzer:
    """Folds case and width, drops elision and stop words, stems, and folds accents, in this order.

    English and French have stop words and a stemmer (Porter 2 and its French sibling, https://snowballstem.org);
    a text in any other language is only folded. Accents fold after stemming, because French suffixes
    need theirs; so ``résumé`` and ``resume`` still meet.
    """

    name = "snowball-en-fr"

    def __init__(self) -> None:
        self._stemmers: dict[str, Stemmer] = {}
        self._lock = threading.Lock()
        self._term = lru_cache(maxsize=200_000)(self._make_term)

    def terms(self, text: str, language: str) -> list[str]:
        """The terms of ``text`` in order, repeated as they occur; ``language`` is ISO 639-1 or ``und``."""
        return [term for _, term in self.words(text, language)]

    def words(self, text: str, language: str) -> list[tuple[str, str]]:
        """As ``terms``, each behind the word (folded, not stemmed) that it was made from."""
        stop_words = STOP_WORDS.get(language, frozenset())
        return [
            (word, self._term(word, language)) for word in _words(text, language) if word not in stop_words
        ]

    def _make_term(self, word: str, language: str) -> str:
        if language in _SNOWBALL:
            with self._lock:
                word = self._stemmer(language).stemWord(word)
        return _without_accents(word)

    def _stemmer(self, language: str) -> Stemmer:
        if language not in self._stemmers:
            import snowballstemmer

            self._stemmers[language] = snowballstemmer.stemmer(_SNOWBALL[language])
        return self._stemmers[language]


def _words(text: str, language: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    if language == "en":
        folded = _POSSESSIVE.sub("", folded)
    elif language == "fr":
        folded = _ELISION.sub(" ", folded)
    return (match.group() for match in _WORD.finditer(folded))


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")
