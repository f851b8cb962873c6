"""What kind of number a question wants, in which unit."""

from __future__ import annotations

import re
from typing import Literal

Gives = Literal["number", "share", "time", "bytes", "money"]
"""What a formula gives, in base units: one, seconds, bytes, euros."""

# Before a unit that is asked for: "how many whole GB", "in ms", or a new clause: "24 heads in fp16: GiB?".
_WANTED = (
    r"(?:\b(?:how many|combien d(?:e |'))(?: (?!(?:per|each|every|an?|par)\b)[a-z]+(?=[ -]))?[ -]?"
    r"|\b(?:in|en|which|what|best|most|attainable|achievable) |(?:^|[.:;,?!(] ))"
)
# "Reviewer hours a day?"
_HEADED = r"^(?!(?:an?|the|one|per|each|every|in|of|for|or|and|to|le|la|par|chaque|de|ou|et)\b)[a-z-]+ "
# "Go" is a word elsewhere: "how many operations go into it?"
_FRENCH = r"(?:(?<=\b(?:en|de) )|(?<=[.:;,?!(] )|(?<!.))"
# Unit, the words for it, and how it is reached from the base unit.
_TIME = (
    ("ms", "ms|milliseconds?|millisecondes?", " * 1000"),
    ("minutes", "minutes?|min", " / 60"),
    ("hours", "hours?|heures?|gpu-hours|heures?[- ]gpu|h", " / 3600"),
    ("days", "days?|jours?|gpu-days|jours?[- ]gpu", " / 86400"),
    ("s", "s|seconds?|secondes?", ""),
)
_BYTES = (
    ("GiB", "gib|gio|gibibytes?|gibioctets?", " / 2**30"),
    ("MiB", "mib|mio|mebibytes?|mébioctets?", " / 2**20"),
    ("KiB", "kib|kio|kibibytes?|kibioctets?", " / 2**10"),
    ("GB", f"gb|{_FRENCH}go|gigabytes?|gigaoctets?", " / 10**9"),
    ("MB", f"mb|{_FRENCH}mo|megabytes?|mégaoctets?", " / 10**6"),
    ("TB", "tb|terabytes?|téraoctets?", " / 10**12"),
    ("kB", f"kb|{_FRENCH}ko|kilobytes?|kilooctets?", " / 10**3"),
    ("bytes", "bytes?|octets?", ""),
)
_COUNTS = (
    ("TFLOP", "tflops?|teraflops?", " / 10**12"),
    ("GFLOP", "gflops?|gigaflops?", " / 10**9"),
    ("million", "millions?(?: of| de| d')?", " / 10**6"),
    ("billion", "billions?(?: of| de| d')?|milliards?", " / 10**9"),
)
_MEMORY = re.compile(
    r"\bhow (?:much|big) (?:\w+ ){0,2}(?:memory|ram|vram|space|cache)"
    r"|\bcombien de (?:mémoire|cache|place)\b|\bram needed"
)
_TIME_ASKED = re.compile(
    r"\bhow long (?:do(?:es)?|did|will|would|until|before|to)\b"
    r"|\b(?:combien|quel(?:le)?) (?:de )?(?:temps|durée)\b"
)
_PERCENT = re.compile(
    r"percent|per cent|pour cent|pourcentage|in %|en %|% \?|\b(?:in|how many) (?:percentage )?points\b"
    r"|\b(?:what|which) (?:share|fraction|proportion|probability|chance)|\bhow (?:often|likely|probable)\b"
    r"|\bquelle (?:part|proportion|probabilité)"
)
_FRACTION = re.compile(r"\b(?:fraction|decimal|décimale)\b(?!.*(?:%|percent|pour cent))")
_RATE = re.compile(
    r"(?:\b(?:in|en|how many|combien d(?:e |')|best|most) ?|^)[\w-]+"
    r" ?(?:per|a|par|/) ?(?:s|second|seconde|minute)\b"
)
_IN_TOKENS = re.compile(r"\b(?:in|en) (?:tokens|jetons|characters|caractères|words|mots)(?= ?[?.,;]|$)")
_IN_MILLIONS = re.compile(r"\b(?:in|en|how many|combien de) millions?\b")
_LAST = re.compile(r"(?<=[.:;,?!]) (?=.)")
_HOW_MANY = re.compile(
    r"\bhow many\b|\bcombien d(?:e |')|\b(?:what|which) (?:factor|ratio|multiple|recursion_limit|limit)\b"
    r"|\bby how much\b|\bquel facteur\b"
)


def asks_for(text: str) -> Gives | None:
    """The kind of number that a ``plain`` question names; ``None`` where it names none.

    What its last words name goes before what stands earlier: "300 MB a day: how many days?".
    """
    return _asks_for(_LAST.split(text)[-1]) or _asks_for(text)


def _asks_for(text: str) -> Gives | None:
    if _PERCENT.search(text):
        return "share"
    if _RATE.search(text) or _IN_TOKENS.search(text):
        return "number"
    if _named(text, _TIME) or _TIME_ASKED.search(text):
        return "time"
    if _MEMORY.search(text) or _named(text, _BYTES):
        return "bytes"
    if re.search(rf"{_WANTED}(?:euros?|dollars?)\b", text):
        return "money"
    return "number" if _HOW_MANY.search(text) or _named(text, _COUNTS) else None


def in_unit(expression: str, gives: Gives, text: str, unit: str) -> tuple[str, str]:
    """``expression``, of base units, in the unit that ``text`` asks for, and that unit's name.

    A share is shown as a percentage, which the unit alone does, but for a fraction that is asked for;
    ``unit`` is the formula's own.
    """
    match gives:
        case "share":
            return expression, "" if _FRACTION.search(text) else "%"
        case "time":
            name, factor = _named(text, _TIME) or (("hours", " / 3600") if unit else ("s", ""))
            name = f"{unit}-{name}" if unit else name  # GPU-hours
        case "bytes":
            name, factor = _named(text, _BYTES) or ("bytes", "")
        case "money":
            currency = "dollars" if "$" in text or "dollar" in text else "euros"
            if _IN_MILLIONS.search(text):
                return f"({expression}) / 10**6", f"million {currency} {unit}".rstrip()
            return expression, f"{currency} {unit}".rstrip()
        case _:
            scale, factor = _named(text, _COUNTS) or ("", "")
            name = scale if scale.endswith("FLOP") else f"{scale} {unit}".strip()
    return (f"({expression}){factor}" if factor else expression), name


def _named(text: str, units: tuple[tuple[str, str, str], ...]) -> tuple[str, str] | None:
    last = _LAST.split(text)[-1]
    for part, wanted in ((last, _WANTED), (last, _HEADED), (text, _WANTED)):
        for name, words, factor in units:
            if re.search(rf"{wanted}(?:{words})\b", part):
                return name, factor
    return None
