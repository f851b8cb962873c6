"""Numbers and dates as ranges compare them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from rag.errors import BadInput

Kind = Literal["numbers", "dates"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?P<time>[T ].*)?")
_DAY_SECONDS = 86_400.0
_NEXT = {"lte": "lt", "gt": "gte"}


def numbers_of(values: Iterable[object]) -> list[float]:
    """Those of ``values`` that are finite numbers, as floats; truth values are none."""
    found = []
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = _finite(value)
            if number is not None:
                found.append(number)
    return found


def dates_of(values: Iterable[object]) -> list[float]:
    """Those of ``values`` that are dates written ``2024-01-31``, with or without a time of day.

    In seconds since 1970; a date without a time is its first second, one without a zone is in UTC.
    """
    found = (_seconds(value) for value in values if isinstance(value, str))
    return [seconds for seconds in found if seconds is not None]


def read_bounds(key: str, given: Mapping[Any, object]) -> tuple[Kind, dict[str, float]]:
    """The bounds of a range, and whether they are numbers or dates.

    A date without a time is that whole day: ``<=2024-01-31`` takes in its last second.

    Raises:
        BadInput: no bound, an unknown one, numbers beside dates, or values that are neither.
    """
    unknown = sorted(set(given) - {"gte", "gt", "lte", "lt"})
    if not key or '"' in key or "\\" in key or not given or unknown:
        raise BadInput(
            f"a range is a key without quotes and some of gte, gt, lte and lt, not {key!r}: {dict(given)!r}"
        )
    kinds: set[Kind] = set()
    bounds: dict[str, float] = {}
    for name, value in given.items():
        number = _number(value)
        if number is not None:
            kinds.add("numbers")
            bounds[name] = number
        else:
            kinds.add("dates")
            _add_date(bounds, key, name, value)
    if len(kinds) > 1:
        raise BadInput(f"the bounds of {key!r} are a number and a date: {dict(given)!r} cannot hold")
    return kinds.pop(), bounds


def _add_date(bounds: dict[str, float], key: str, name: str, value: object) -> None:
    seconds = _seconds(value) if isinstance(value, str) else None
    if seconds is None:
        raise BadInput(
            f"{key!r} is compared with a number or a date (2024-01-31 or 2024-01-31T08:00Z), not {value!r}"
        )
    whole_day = len(str(value)) == len("2024-01-31")
    if whole_day and name in _NEXT:
        name, seconds = _NEXT[name], seconds + _DAY_SECONDS
    # Of two bounds on one side both must hold.
    tightest = max if name.startswith("g") else min
    bounds[name] = tightest(seconds, bounds.get(name, seconds))


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            return _finite(float(value))
        except ValueError:
            return None
    return next(iter(numbers_of([value])), None)


def _finite(value: int | float) -> float | None:
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer beyond the largest float
        return None


def _seconds(text: str) -> float | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
