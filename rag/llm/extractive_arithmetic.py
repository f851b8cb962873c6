"""Arithmetic in a question, in symbols or in words: ``12 * (3 + 4)``, ``15% of 240``, ``12 fois 8``."""

from __future__ import annotations

import re

from rag.lexical import content_stems

_VALUE = r"\(*\s*\d+(?:[, \u00a0\u202f]\d{3})*(?:\.\d+)?\s*\)*"
_EXPRESSION = re.compile(rf"(?<![\w.,])[-(]*{_VALUE}(?:\s*(?:\*\*|[-+*/^×·÷−])\s*[-(]*{_VALUE})+(?!\w)")
_PERCENT_OF = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:%|percent|pour cent)\s*(?:of|de)\s*(\d[\d,.]*)", re.IGNORECASE
)
_SPOKEN = [
    (re.compile(r"(?<=\d)\s*(?:times|multiplied by|multiplié par|fois)\s*(?=[\d(])", re.IGNORECASE), " * "),
    (re.compile(r"(?<=\d)\s*(?:divided by|divisé par)\s*(?=[\d(])", re.IGNORECASE), " / "),
    (re.compile(r"(?<=\d)\s+plus\s+(?=[\d(])", re.IGNORECASE), " + "),
    (re.compile(r"(?<=\d)\s+(?:minus|moins)\s+(?=[\d(])", re.IGNORECASE), " - "),
]
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-"})
_THOUSANDS = re.compile(r"(?<=\d)[, \u00a0\u202f](?=\d{3}(?!\d))")
# What surrounds a bare sum; a question with other words is about something that a corpus may know.
_CALCULATING = {
    "en": "calculate compute evaluate result equal equals sum product value number exactly"
    " times multiplied divided minus percent",
    "fr": "calcule calculer calculez égal égale résultat somme produit valeur nombre font vaut"
    " multiplié divisé fois moins cent",
}


def find_expression(question: str) -> str | None:
    """The arithmetic in a question as ``12 * (3 + 4)``, or ``None``.

    ``7-8`` and ``2024/05`` among other words are ranges and dates: without spaces around them, ``-`` and
    ``/`` count only where nothing else is asked.
    """
    percent = _PERCENT_OF.search(question)
    if percent:
        share, whole = (_ungrouped(number).rstrip(".,") for number in percent.groups())
        return f"{share.replace(',', '.')} / 100 * {whole}"
    for spoken, sign in _SPOKEN:
        question = spoken.sub(sign, question)
    found = max((match.group().strip() for match in _EXPRESSION.finditer(question)), key=len, default="")
    expression = _balanced(_ungrouped(found).translate(_SIGNS).replace("^", "**"))
    sure = re.search(r"[*+]|\s[-/]\s", expression)
    return expression if expression and (sure or not other_words(question)) else None


def _ungrouped(number: str) -> str:
    return _THOUSANDS.sub("", number)


def _balanced(expression: str) -> str:
    """``expression`` without brackets that belong to the sentence around it; empty if they do not pair."""
    while expression.count("(") > expression.count(")") and expression.startswith("("):
        expression = expression[1:]
    while expression.count(")") > expression.count("(") and expression.endswith(")"):
        expression = expression[:-1]
    return expression if expression.count("(") == expression.count(")") else ""


def other_words(question: str) -> int:
    """How many words a question holds beside numbers and talk of calculating, in either language."""
    return min(
        len(
            {w for w in content_stems(question, language) if not w[0].isdigit()}
            - set(content_stems(known, language))
        )
        for language, known in _CALCULATING.items()
    )
