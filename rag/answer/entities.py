"""Names, identifiers and dates of a sentence, and which of them a text does not hold.

By form alone, in English and French: a capital where no sentence begins, letters with digits, capitals inside
a word, an option's dashes. It knows no list of names, so a name that begins a sentence by itself is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTH_NAMES = (
    "january jan janvier janv",
    "february feb février févr",
    "march mar mars",
    "april apr avril avr",
    "May mai",  # in small letters it is no month
    "june jun juin",
    "july jul juillet juil",
    "august aug août",
    "september sept sep septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec décembre déc",
)
_MONTHS = {name.lower(): number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_MONTH = rf"(?P<month>(?-i:May)|{'|'.join(sorted(_MONTHS.keys() - {'may'}, key=len, reverse=True))})\b\.?"
_YEAR = r"(?P<year>[12]\d{3})\b"
_DATES = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b",
        rf"\b(?P<day>\d\d?)(?:st|nd|rd|th|er)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+{_YEAR}",
    )
]
Date = tuple[int | None, int, int | None]
"""Year, month and day; what is not said is ``None``."""

_WORD = re.compile(r"--[a-z][\w-]*\w|[^\W_]+(?:(?:[_.]|-(?=\d))[^\W_]+)*|[^\w\s]|\n")
_HYPHEN = re.compile(r"(?<=\w)-(?=[^\W\d])")
_ELISION = re.compile(r"\b[A-Za-z]{1,2}['’](?=\w)|['’]s\b")
_BEGINS = frozenset('.!?:;([{"“«‹|*#-–—•>\n')  # behind these a capital says nothing
_IDENTIFIER = re.compile(  # an option, letters with digits, a word with "_" or capitals in it
    r"--.+|(?=.*\d)[^\W\d].*|.*[^\W\d_].*_.*|.*[a-z\d][A-Z].*|.*[A-Z].*[A-Z].*"
)
_SIZE = re.compile(r"(?=.*[^\W\d_])\d\w*")  # as in "Mistral 7B"
_ALPHANUMERIC = re.compile(r"[^\W\d_]+|\d+")
_CAPITALISED_NOUNS = frozenset({"de", "lb"})  # there a capital makes no name


def missing(claim: str, text: str, language: str) -> tuple[str, ...]:
    """The names, identifiers and dates of ``claim`` that ``text`` does not hold, as they are written.

    Case, spaces, hyphens and a plural's s are no difference; letters stand for the words that begin with them
    and those for the letters, so that "GQA" and "grouped-query attention" agree.
    """
    there = dates(text)
    unlike = [said for said, date in _dated(claim) if not any(_holds(found, date) for found in there)]
    text = _ELISION.sub(" ", text)
    names = dict.fromkeys(_names(_without_dates(claim), language))
    return (*unlike, *(name for name in names if not (_form(name).search(text) or _short(name, text))))


def dates(text: str) -> set[Date]:
    """The dates in a text that name a month."""
    return {date for _, date in _dated(text)}


def without_entities(text: str, language: str) -> str:
    """The text less its names, identifiers and dates, whose digits are no numbers of their own."""
    text = _without_dates(text)
    for name in _names(text, language):
        text = _form(name).sub(" ", text)
    return text


def _without_dates(text: str) -> str:
    for form in _DATES:
        text = form.sub(" ", text)
    return text


def _dated(text: str) -> Iterator[tuple[str, Date]]:
    for form in _DATES:
        for match in form.finditer(text):
            part = match.groupdict()
            month = part["month"].lower()
            number = int(month) if month.isdigit() else _MONTHS[month]
            year, day = part.get("year"), part.get("day")
            yield match[0], (int(year) if year else None, number, int(day) if day else None)
        text = form.sub(" ", text)


def _holds(found: Date, date: Date) -> bool:
    return all(part is None or part == other for part, other in zip(date, found, strict=True))


def _names(text: str, language: str) -> Iterator[str]:
    """Runs of capitalised words, as "Llama 2 7B" with a size behind them, and words that are identifiers."""
    run: list[str] = []
    first = starts = True
    words = [*_WORD.findall(_HYPHEN.sub(" ", _ELISION.sub(" ", text))), "."]
    for word, after in zip(words, [*words[1:], ""], strict=True):
        capital = word[0].isupper() and len(word) > 1 and language not in _CAPITALISED_NOUNS
        size = _SIZE.fullmatch(word) or (word.isdecimal() and _SIZE.fullmatch(after))
        if capital or (run and size):
            first = starts if not run else first
            run.append(word)
        else:
            yield from _of_run(run, first)
            run = []
            if _IDENTIFIER.fullmatch(word):
                yield word
        starts = word in _BEGINS


def _of_run(run: list[str], first: bool) -> Iterator[str]:
    """A run as one name. Where a sentence begins with it, the first word is one only if its form says so."""
    sized = "".join(run[1:2])[:1].isdigit()
    if first and run and not sized and not _IDENTIFIER.fullmatch(run[0]):
        run = run[1:]
    if run:
        yield " ".join(run)


def _form(name: str) -> re.Pattern[str]:
    """The name however it is spaced, hyphenated and capitalised."""
    one = name.removesuffix("s") if len(name) > 3 else name
    body = r"[\W_]*".join(_ALPHANUMERIC.findall(one))
    return re.compile(rf"(?<![^\W_]){body}s?(?![^\W_])", re.IGNORECASE)


def _short(name: str, text: str) -> bool:
    """Whether ``text`` has the words that these letters begin, or the letters that begin these words.

    One letter more may stand before them: the first word of a sentence is left out of a name.
    """
    letters = name.removesuffix("s")
    if letters.isupper() and letters.isalpha() and len(letters) > 2:
        return letters.casefold() in "".join(word[0] for word in re.findall(r"[^\W_]+", text.casefold()))
    short = "".join(word[0] for word in name.split())
    return len(short) > 1 and re.search(rf"\b\w?{re.escape(short)}s?\b", text) is not None
