"""Tells in which language a text is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lingua import LanguageDetector

_READ = 2000
"""Characters looked at: enough for any text, and a bound on the time."""
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?:;\n])\W*$")
_NOT_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")
_GAP = 8
"""Characters before a word in which a sentence may have ended: a mark, then spaces, quotes or a bullet."""

UNDETERMINED = "und"
"""ISO 639-2's code, as BCP 47 takes it over, for text in a language that is none of those told apart here."""

# Function words that the other languages do not have: where they are found, nothing more need be asked.
_ENGLISH = """
and are been between but can could does for from had has have how if it its not should than that the
their them then there these they this those what when where which while who whose why with would you
your
"""
_FRENCH = """
aux avec ces cet cette combien comment dans elle est et être ils leur leurs les mais notre nous où par
pas pour pourquoi quand quel quelle quelles quels quoi sans sont sur une vos votre vous
"""
_CODES = ("en", "fr", "de", "es", "it", "pt", "nl")
_Detector = Literal["rough", "wide", "whole"]
_TELLING = {"en": frozenset(_ENGLISH.split()), "fr": frozenset(_FRENCH.split())}
_TELLING_SHARE = 0.05
"""A text of which this share of words is telling, four to one, is in that language."""
_BORROWED = 0.2
"""From this share of letters that are not Latin on, Latin words are terms that another language borrows."""
_SURELY = 0.9
"""Share of likelihood at which the rough detector's English is believed. Of 233 questions without telling
words (115 English), it settled 93 and erred on none; its other answers are wrong too often."""
_UNLIKELY = 0.01
"""What the languages told apart have together, of 44 in Latin letters, where a text is in none of them."""
_FEW = 3
"""Words below which letters alone say little."""
_CLEARLY = 1.3
"""How much likelier than the default a language must be to be that of one or two words. Of 284 English
headings, 13 are read as another language instead of 17, of 85 French ones 2 as before; more costs French."""
_EXPECTED = 3.0
"""How much likelier English and French are than the other languages: settles texts of names and acronyms."""


def detect_language(text: str, default: str = "en") -> str:
    """The language of ``text``, of which the beginning is read: en, fr, de, es, it, pt or nl (ISO 639-1).

    ``und`` (ISO 639-2) stands for every other one, in any script. ``default`` is the answer where there are
    no words, or nothing speaks for any language. What function words do not settle, a rough detector tries
    (lingua on trigrams, 0.1 s to load), then one that knows all languages in Latin letters (50 MB, 1 s), then
    the detector proper (200 MB, 2 s), each loaded for the first text that needs it.
    """
    words = [word.casefold() for word in _WORD.findall(text[:_READ])]
    if not words:
        return default
    letters = "".join(words)
    foreign = len(_NOT_LATIN.findall(letters)) / len(letters)
    if foreign > 1 / 2:
        return UNDETERMINED
    if known := _by_function_words(_unnamed(text[:_READ])) or _by_function_words(words):
        return known
    return UNDETERMINED if foreign > _BORROWED else _by_letters(words, default)


def _unnamed(text: str) -> list[str]:
    """The words without names, which keep their own language: "Who wrote Les Misérables?" is English.

    A capital tells a name, except where a sentence begins.
    """
    return [
        word[0].casefold()
        for word in _WORD.finditer(text)
        if not word[0][0].isupper() or _BEGINS.search(text, max(0, word.start() - _GAP), word.start())
    ]


def _by_function_words(words: list[str]) -> str | None:
    counts = {language: sum(word in telling for word in words) for language, telling in _TELLING.items()}
    best, other = sorted(counts, key=lambda language: -counts[language])
    if counts[best] >= max(1, _TELLING_SHARE * len(words), 4 * counts[other]):
        return best
    return None


def _by_letters(words: list[str], default: str) -> str:
    text = " ".join(words)
    roughly = _likely(text, "rough")
    # Danish or Catalan may look English to a detector that does not know them; their letters do not.
    if text.isascii() and roughly["en"] > 0 and roughly["en"] >= _SURELY * sum(roughly.values()):
        return "en"
    if _is_foreign(words):
        return UNDETERMINED
    likely = _likely(text, "whole")
    best = max(likely, key=lambda code: likely[code])
    least = _CLEARLY * likely.get(default, 0.0) if len(words) < _FEW else 0.0
    return best if likely[best] > least else default


def _is_foreign(words: list[str]) -> bool:
    """Whether none of the languages told apart is likely; a name or acronym alone is of no language."""
    text = " ".join(words)
    if len(words) < _FEW and text.isascii():
        return False
    everywhere = _likely(text, "wide")
    return sum(everywhere[code] for code in _CODES) < _UNLIKELY * sum(everywhere.values())


def _likely(text: str, detector: _Detector) -> Mapping[str, float]:
    confidence = {
        value.language.iso_code_639_1.name.lower(): value.value
        for value in _built(detector).compute_language_confidence_values(text)
    }
    return {code: value * (_EXPECTED if code in _TELLING else 1) for code, value in confidence.items()}


@cache
def _built(detector: _Detector) -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    if detector == "wide":
        builder = LanguageDetectorBuilder.from_all_languages_with_latin_script()
    else:
        codes = (getattr(IsoCode639_1, code.upper()) for code in _CODES)
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return (builder if detector == "whole" else builder.with_low_accuracy_mode()).build()
