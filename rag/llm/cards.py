"""What the cards that the handbook names can do: a question that names one need not tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

# Not the lesser versions of the same name: an A100 of 40 GB, an H100 for PCIe.
_CARD = re.compile(
    r"\b(?:(?P<a100>a100s?)(?! ?-?(?:40|pcie))|(?P<h100>h100s?)(?! ?-?pcie)|(?:rtx )?(?P<rtx>4090s?))\b"
)
_PEAKS = {
    "a100": ("312000000000000", "2039000000000"),
    "h100": ("989000000000000", "3350000000000"),
    "rtx": ("165200000000000", "1008000000000"),
}
"""Dense 16-bit FLOP/s and bytes a second; ``_FP8`` has those of FP8."""
_FP8 = {"rtx": "330300000000000"}
_OTHER_ARITHMETIC = re.compile(r"\b(?:e4m3|int8|8[- ]bits?|sparse|sparsity|tops)\b")


def peaks(text: str) -> Iterator[tuple[int, int, Literal["flops", "bandwidth"], str]]:
    """What the one card that a ``plain`` text names does in a second: where it is named, the kind, how much.

    Two cards are compared, and an arithmetic of fewer bits is another: neither is what a formula takes.
    """
    named = [*_CARD.finditer(text)]
    if len({match.lastgroup for match in named}) != 1:
        return
    flops, bandwidth = _PEAKS[named[0].lastgroup or ""]
    if "fp8" in text:
        flops = _FP8.get(named[0].lastgroup or "", "")
    if flops and not _OTHER_ARITHMETIC.search(text):
        yield *named[0].span(), "flops", flops
    yield *named[0].span(), "bandwidth", bandwidth
