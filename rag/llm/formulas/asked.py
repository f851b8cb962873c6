"""What kind of number a question wants, in which unit."""

from __future__ import annotations

import re
from typing import Literal

Gives = Literal["number", "share", "time", "bytes", "money"]
"""What a formula gives, in base units: one, seconds, bytes, euros."""

_HOW_MANY = r"(?:how many|in|combien de|combien d'|en|which|what)"
# Unit, the words for it, and how it is reached from the base unit.
_TIME = (
    ("ms", "ms|milliseconds?|millisecondes?", " * 1000"),
    ("minutes", "minutes?|min", " / 60"),
    ("hours", "hours?|heures?|gpu-hours|h", " / 3600"),
    ("days", "days?|jours?", " / 86400"),
    ("s", "s|seconds?|secondes?", ""),
)
_BYTES = (
    ("GiB", "gib|gibibytes?", " / 2**30"),
    ("MiB", "mib|mebibytes?", " / 2**20"),
    ("KiB", "kib|kibibytes?", " / 2**10"),
    ("GB", "gb|go|gigabytes?|gigaoctets?", " / 10**9"),
    ("MB", "mb|mo|megabytes?|mégaoctets?", " / 10**6"),
    ("TB", "tb|to|terabytes?|téraoctets?", " / 10**12"),
    ("kB", "kb|ko|kilobytes?|kilooctets?", " / 10**3"),
    ("bytes", "bytes?|octets?", ""),
)
_MEMORY = re.compile(
    r"\bhow (?:much|big) (?:\w+ ){0,2}(?:memory|ram|vram|space)|\bcombien de mémoire|\bram needed"
)
_PERCENT = re.compile(
    r"percent|per cent|pour cent|pourcentage|in %|en %|% \?|what share|quelle (?:part|proportion)"
)


def asks_for(text: str) -> Gives | None:
    """The kind of number that a ``plain`` question names; ``None`` where it names none."""
    if _PERCENT.search(text):
        return "share"
    if _named(text, _TIME):
        return "time"
    if _MEMORY.search(text) or _named(text, _BYTES):
        return "bytes"
    return None


def in_unit(expression: str, gives: Gives, text: str, unit: str) -> tuple[str, str]:
    """``expression``, of base units, in the unit that ``text`` asks for, and that unit's name.

    A share is shown as a percentage, which the unit alone does; ``unit`` is the formula's own.
    """
    match gives:
        case "share":
            return expression, "%"
        case "time":
            name, factor = _named(text, _TIME) or ("s", "")
        case "bytes":
            name, factor = _named(text, _BYTES) or ("bytes", "")
        case "money":
            currency = "dollars" if "$" in text or "dollar" in text else "euros"
            return expression, f"{currency} {unit}".rstrip()
        case _:
            return expression, unit
    return (f"({expression}){factor}" if factor else expression), name


def _named(text: str, units: tuple[tuple[str, str, str], ...]) -> tuple[str, str] | None:
    for name, words, factor in units:
        if re.search(rf"\b{_HOW_MANY} (?:{words})\b", text):
            return name, factor
    return None
