"""Notices a model that says the same thing without end, while it still streams."""

from __future__ import annotations

import re

_CHECK_EVERY = 100  # characters between two looks: a look costs some 20 µs
_KEPT = 6000  # characters that a look sees
_TIMES = 4
_SHORTEST_RUN = 400  # characters: a wide table's rule or a line of dots is shorter
# Of sentences that differ in their numbers alone: a worked example or a short list has fewer.
_NUMBERED_TIMES = 12
_SHORTEST_NUMBERED_RUN = 1000
_PROBE = 100  # characters at the end that are looked for before it; shorter than any run by its unit

_NUMBER = re.compile(r"\d+")
_PROSE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){2}")  # three words in a row: no row of a table, no line of code


class RepetitionGuard:
    """Watches a text as it grows; keeps no more of it than it needs."""

    def __init__(self) -> None:
        self._tail = ""
        self._uncounted = ""  # the same with 0 for each number
        self._unseen = ""

    def endless(self, piece: str) -> str | None:
        """Takes in ``piece``; the unit that the text's end repeats, once it is a run, else nothing.

        A run is the same unit of up to 1,500 characters at least four times, and 400 characters long. Where
        only numbers differ, as in a list that counts on, it is at least twelve times the same prose, of up to
        500 characters, and 1,000 characters long; the unit then has ``0`` for each number.
        """
        self._unseen += piece
        if len(self._unseen) < _CHECK_EVERY:
            return None
        new, self._unseen = self._unseen, ""
        self._tail = (self._tail + new)[-_KEPT:]
        # With the character before it, as a number may have come in two parts.
        uncounted = _NUMBER.sub("0", self._uncounted[-1:] + new)
        self._uncounted = (self._uncounted[:-1] + uncounted)[-_KEPT:]
        unit = _repeated(self._tail, _TIMES, _SHORTEST_RUN)
        if unit is None:
            unit = _repeated(self._uncounted, _NUMBERED_TIMES, _SHORTEST_NUMBERED_RUN)
            if unit is not None and not _PROSE.search(unit * 2):  # a unit may begin in the middle of a word
                return None
        return unit


def _repeated(text: str, times: int, shortest: int) -> str | None:
    """The unit that the end of ``text`` repeats so many times, over so many characters."""
    end = text[-_PROBE:]
    start = len(text) - len(end)
    at = start
    while (at := text.rfind(end, 0, at + len(end) - 1)) >= 0:
        period = start - at
        if times * period > len(text):
            return None
        run = text[-max(shortest, times * period) :]
        if len(run) >= shortest and run[period:] == run[:-period]:
            return run[:period]
    return None
