"""How people write numbers, English or French: ``1,024``, ``1 234,5``, ``2.5``, ``2 million``."""

from __future__ import annotations

import re
from decimal import Decimal

NUMBER = (
    r"(?:[1-9]\d{0,2}(?: \d{3})+(?!\d)(?:[.,]\d+)?|[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?)"
)
"""Digits, with spaces or commas between thousands; a comma before another count of digits is decimal."""

SCALES = {
    "thousand": 10**3, "thousands": 10**3, "mille": 10**3, "milliers": 10**3, "million": 10**6,
    "millions": 10**6, "billion": 10**9, "billions": 10**9, "milliard": 10**9, "milliards": 10**9,
    "trillion": 10**12, "trillions": 10**12, "hundred": 100, "centaines": 100, "dozen": 12, "douzaine": 12,
    "douzaines": 12,
}  # fmt: skip
"""What a word after a number multiplies it by."""

LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "t": 10**12, "tn": 10**12}
"""The same in letters, as tokens and parameters are counted."""

TWO_VALUED = frozenset({"billion", "billions", "trillion", "trillions"})
"""A thousand times as much, or a million times, in French."""

_COMMAS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


def read_number(digits: str) -> Decimal:
    """The value of what ``NUMBER`` matches; also of ``.5`` and ``1e9``."""
    if _COMMAS.fullmatch(digits):
        return Decimal(digits.replace(",", ""))
    return Decimal(digits.replace(" ", "").replace(",", "."))
