"""Reads JSON that others wrote: a model, or a server that may be hostile."""

from __future__ import annotations

import json
from typing import Any

_DEEPEST = 64  # levels of nesting; what is deeper could not be walked, written or checked by those who get it


def read_json(text: str) -> Any:
    """The value that ``text`` writes.

    Raises:
        ValueError: no JSON, a number too long to read, or nested more than 64 levels deep.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = [value]
    for _ in range(_DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise ValueError("nested too deeply")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
