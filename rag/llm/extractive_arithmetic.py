"""Arithmetic in a question, in symbols or in words: ``12 * (3 + 4)``, ``15% of 240 GB``, ``12 fois 8``.

A wrong number is worse than none: what is not read to its last digit, letter and unit is not computed.
"""

from __future__ import annotations

import re

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm.numerals import NUMBER, SCALES, TWO_VALUED, read_number

# As the calculator names them; a bare B may be bytes or billions.
_UNITS = {
    **{f"{prefix}B": f"{prefix}B" for prefix in ("k", "K", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti")},
    **{f"{prefix}o": f"{prefix}B" for prefix in ("k", "K", "M", "G", "T", "Ki", "Mi", "Gi", "Ti")},
    **dict.fromkeys(("byte", "bytes", "octet", "octets"), "bytes"),
    **dict.fromkeys(("ms", "milliseconds", "millisecond", "millisecondes", "milliseconde"), "ms"),
    **dict.fromkeys(("s", "sec", "second", "seconds", "seconde", "secondes"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "minutes"),
    **dict.fromkeys(("h", "hour", "hours", "heure", "heures"), "hours"),
    **dict.fromkeys(("day", "days", "jour", "jours"), "days"),
    **dict.fromkeys(("µs", "us"), "us"),
    **dict.fromkeys(("€", "EUR", "euro", "euros"), "EUR"),
    **dict.fromkeys(("$", "USD", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), "km"),
    **dict.fromkeys(("kilomètre", "kilomètres"), "km"),
    **dict.fromkeys(("metre", "metres", "meter", "meters", "mètre", "mètres"), "meters"),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), "cm"),
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), "mm"),
    **dict.fromkeys(("mile", "miles"), "miles"),
    **dict.fromkeys(("ft", "foot", "feet", "pied", "pieds"), "feet"),
    **dict.fromkeys(("inch", "inches", "pouce", "pouces"), "inches"),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "kilogramme", "kilogrammes"), "kg"),
    **dict.fromkeys(("gram", "grams", "gramme", "grammes"), "grams"),
    **dict.fromkeys(("lb", "lbs"), "lb"),
}
_UNIT = rf"(?:{'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})(?:/s)?(?!\w|/[^\W\d])"
_SCALE = rf"(?:{'|'.join(sorted(SCALES, key=len, reverse=True))})\b"
# Atomic groups: no match gives up a digit or a unit that it has read.
_AMOUNT = rf"(?>{NUMBER})(?> ?{_SCALE})?(?> ?{_UNIT})?"
_VALUE = rf"[-( ]*{_AMOUNT}(?: *\))*"
_STARTS = r"(?<![\w.,$€£(^*/+=-])(?<![-+*/^] )"
_ENDS = r"(?![\w!°]| ?[%€$£]|[.,']\d| *[-+*/^])"
_EXPRESSION = re.compile(rf"{_STARTS}{_VALUE}(?: *(?:\*\*|[-+*/^]){_VALUE})+{_ENDS}")
_PERCENT_OF = re.compile(
    rf"{_STARTS}(?P<share>(?>{NUMBER})) *(?:%|(?i:percent|per cent|pour cent))"
    rf" *(?i:of|des?|du|d') ?(?P<whole>{_AMOUNT}){_ENDS}"
)
# What is counted goes with the amount where the question ends or is put after it: "15% of 200 questions?"
_COUNTED = re.compile(r" (?:d'|de )?[^\W\d]+(?= *[?.!]*$)")
_QUANTITY = re.compile(rf"{_STARTS}(?>{NUMBER}) ?{_UNIT}{_ENDS}")
_PART = re.compile(rf"(?P<number>(?>{NUMBER}))(?: ?(?P<scale>{_SCALE}))?(?P<space> ?)(?P<unit>{_UNIT})?")
_HOW_MANY = re.compile(rf"\b(?i:how many|combien d(?:e |'))\s*({_UNIT})")
_INTO = re.compile(r"\b(?:in|into|to|en)\s+(?!total|all|tout)([^\W\d]+(?:/s)?)\W*$")
_SPOKEN = [
    (re.compile(r"(?<=\d)\s*(?:times|multiplied by|multiplié par|fois)\s*(?=[\d(])", re.IGNORECASE), " * "),
    (re.compile(r"(?<=\d)\s*(?:divided by|divisé par)\s*(?=[\d(])", re.IGNORECASE), " / "),
    (re.compile(r"(?<=\d)\s+plus\s+(?=[\d(])", re.IGNORECASE), " + "),
    (re.compile(r"(?<=\d)\s+(?:minus|moins)\s+(?=[\d(])", re.IGNORECASE), " - "),
]
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "\u00a0": " ", "\u202f": " ", "’": "'"})
# 2024-11-22, 22/11/2024, 2024/05, 192.168.0.1; also 10-5-3, which spaces tell from them.
_DATE = re.compile(r"\d([-/.])\d+\1\d|\b(?:19[5-9]|20[0-3])\d[-/]\d{1,2}\b")
_OTHER_NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*(?!\w)")
_OTHER_OPERATION = re.compile(
    r"\b(?:squared?|cubed?|carrée?|roots?|racine|sqrt|log\w*|ln|exp\w*|factorial|factorielle|power|puissance"
    r"|mod|modulo|times|plus|minus|fois|moins|divided|divisée?|average|mean|moyenne|double|twice|half|moitié"
    r"|percent|pour cent)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"(?<![\d,.])[1-9]\d{0,2},\d{3}(?![\d,.])")
# What surrounds a bare sum; a question with other words is about something that a corpus may know.
_CALCULATING = {
    "en": "calculate compute convert evaluate result equal equals sum product value number exactly"
    " times multiplied divided minus percent",
    "fr": "calcule calculer calculez convertis convertir égal égale résultat somme produit valeur nombre font"
    " vaut multiplié divisé fois moins cent",
}


def find_expression(question: str) -> str | None:
    """The arithmetic in a question as ``12 * (3 + 4)``, or ``None``; see ``find_sum``."""
    found = find_sum(question)
    return found[0] if found else None


def find_sum(question: str) -> tuple[str, str] | None:
    """The arithmetic in a question and the unit that its result is wanted in, or ``None``.

    The unit is empty where neither the question nor its quantities name one. ``7-8`` and ``2024/05`` among
    other words are ranges and dates: without spaces around them, ``-`` and ``/`` count only where nothing
    else is asked, and so does a percentage: "80% of 200 answers are right: standard error?" does not ask for
    160. There is no sum beside another number, or where anything but a sum is done with it.
    """
    text = question.translate(_SIGNS)
    for spoken, sign in _SPOKEN:
        text = spoken.sub(sign, text)
    percent = _PERCENT_OF.search(text)
    single = _QUANTITY.search(text)
    match = percent or max(_EXPRESSION.finditer(text), key=lambda one: len(one[0]), default=single)
    if match is None or _DATE.search(text) or _two_valued(text):
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if _OTHER_NUMBER.search(rest) or _OTHER_OPERATION.search(rest):
        return None
    if percent:
        expression = f"{read_number(percent['share'])} / 100 * {_written(percent['whole'])}"
    else:
        expression = _balanced(_written(match[0].strip()).replace("^", "**"))
    sure = not percent and match is not single and re.search(r"[*+]|\s[-/]\s", expression)
    asked = f"{text[: match.start()]} {_COUNTED.sub('', text[match.end() :], 1)}" if percent else rest
    if not expression or not (sure or not other_words(asked)):
        return None
    unit = _result_unit(expression, rest)
    # One quantity is a sum only where it is to be converted.
    converted = match is not single or _HOW_MANY.search(rest) or _INTO.search(rest)
    return (expression, unit) if unit is not None and converted else None


def _two_valued(text: str) -> bool:
    """Whether a French text holds what is another number in English: ``1,234``, ``2 billions``."""
    words = set(re.findall(r"\w+", text.lower()))
    return bool(_EITHER.search(text) or words & TWO_VALUED) and detect_language(text) == "fr"


def _written(text: str) -> str:
    """``text`` with its numbers and units as the calculator reads them."""

    def part(match: re.Match[str]) -> str:
        value = read_number(match["number"]) * SCALES.get(match["scale"] or "", 1)
        named, speed, _ = (match["unit"] or "").partition("/s")
        unit = f" {_UNITS[named]}{speed}" if named else match["space"]
        return f"{value:f}{unit}"

    return _PART.sub(part, text)


def _result_unit(expression: str, rest: str) -> str | None:
    """The unit to give the result in, empty for none; ``None`` where the one asked for cannot be reached."""
    wanted = _INTO.search(rest) or _HOW_MANY.search(rest)
    held = re.findall(_UNIT, expression)
    if wanted:
        named, speed, _ = wanted[1].partition("/s")
        unit = _UNITS.get(named)
        if unit is None or not held:
            return "" if unit == "bytes" else None
        return unit + speed
    # Of a sum of like quantities, or of one that is multiplied: 12 GB * 3 are GB.
    alike = len(set(held)) == 1 and (len(held) == 1 or not re.search(r"[*/]", expression))
    inverse = re.search(rf"(?:/|\*\*) *[-(]* *[\d.]+ {_UNIT}", expression)
    return held[0] if alike and not inverse else ""


def _balanced(expression: str) -> str:
    """``expression`` without brackets that belong to the sentence around it; empty if they do not pair."""
    while expression.count("(") > expression.count(")") and expression.startswith("("):
        expression = expression[1:]
    while expression.count(")") > expression.count("(") and expression.endswith(")"):
        expression = expression[:-1]
    return expression if expression.count("(") == expression.count(")") else ""


def other_words(question: str) -> int:
    """How many words a question holds beside numbers, units and talk of calculating, in either language."""
    return min(
        len(
            {w for w in content_stems(question, language) if not w[0].isdigit()}
            - set(content_stems(f"{known} {' '.join(_UNITS)}", language))
        )
        for language, known in _CALCULATING.items()
    )
