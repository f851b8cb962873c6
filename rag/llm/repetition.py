"""Notices a model that says the same thing without end, while it still streams."""

from __future__ import annotations

_CHECK_EVERY = 100  # characters between two looks: a look costs some 20 µs
_LONGEST_UNIT = 300  # characters: a long sentence, or a short paragraph
_TIMES = 4
_SHORTEST_RUN = 400  # characters: a wide table's rule or a line of dots is shorter


class RepetitionGuard:
    """Watches a text as it grows; keeps no more of it than it needs."""

    def __init__(self) -> None:
        self._tail = ""
        self._unseen = 0

    def endless(self, piece: str) -> str | None:
        """Takes in ``piece``; the unit that the text's end repeats, once it is a run, else nothing.

        A run is at least four times the same unit of up to 300 characters, and 400 characters long.
        """
        self._tail += piece
        self._unseen += len(piece)
        if self._unseen < _CHECK_EVERY:
            return None
        self._unseen = 0
        self._tail = self._tail[-_LONGEST_UNIT * _TIMES :]
        return _repeated(self._tail)


def _repeated(text: str) -> str | None:
    for period in range(1, len(text) // _TIMES + 1):
        if text[-1] != text[-1 - period]:
            continue
        run = text[-max(_SHORTEST_RUN, _TIMES * period) :]
        if len(run) >= _SHORTEST_RUN and run[period:] == run[:-period]:
            return run[:period]
    return None
