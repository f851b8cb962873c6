"""Tools that a question calls by name: ``Use tickets__read_ticket with number 7``.

How other programs' tools are called by rule: no words but their names are known of them. Their arguments are
those that the question gives by name.
"""

# ruff: noqa: E501 - patterns are read as wholes
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.llm.base import ToolSpec

_ORDER = r"(?:^|[.!?;:,]|\b(?:please|can you|could you|then|and|peux-tu|pouvez-vous|puis|et))\s*(?:use|call|run|invoke|utilise[rz]?|appelle[rz]?|appeler|lance[rz]?|ex[ée]cute[rz]?)\s+(?:the\s+|l')?(?:tool\s+|outil\s+)?"
_QUOTE = "[`\"'“”«»]?"
_VALUES = {
    "integer": r"[+-]?\d+(?![.,]?\d)",
    "number": r"[+-]?\d+(?:\.\d+)?",
    "boolean": "true|false",
    "string": r"\"[^\"]*\"|'[^']*'|“[^”]*”|«[^»]*»|`[^`]*`|[^\s,;]*[^\s,;.!?]",
}


def named_calls(question: str, tools: Sequence[ToolSpec]) -> list[tuple[str, dict[str, Any]]]:
    """The calls that ``question`` orders, in its order; a name without ``_`` is taken for a word.

    An argument that the question does not give is left out: the tool says whether it needs it.
    """
    found = []
    for tool in tools:
        pattern = rf"{_ORDER}{_QUOTE}{re.escape(tool.name)}(?![\w-])"
        if "_" in tool.name and (match := re.search(pattern, question, re.IGNORECASE)):
            found.append((match.end(), tool.name, _arguments(question[match.end() :], tool.parameters)))
    return [(name, arguments) for _, name, arguments in sorted(found, key=lambda one: one[0])]


def _arguments(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """``number 7``, ``number=7``, ``"number": 7``: the values that follow the properties' names."""
    given: dict[str, Any] = {}
    for name, property_schema in schema.get("properties", {}).items():
        kind = _kind(property_schema)
        called = r"[\s_-]".join(re.escape(word) for word in name.split("_"))
        pattern = rf"(?<!\w){_QUOTE}{called}(?!\w){_QUOTE}\s*(?:[=:]|is\b|est\b)?\s*(?P<value>{_VALUES.get(kind, '(?!)')})"
        if match := re.search(pattern, text, re.IGNORECASE):
            given[name] = _read(match["value"], kind)
    return given


def _kind(schema: Any) -> str:
    """The type of a property; of several the first, and of one that may be left open the other."""
    if not isinstance(schema, Mapping):
        return "string"
    kinds = schema.get("type") or [_kind(one) for one in schema.get("anyOf", ())]
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return next((kind for kind in kinds if kind != "null"), "string")


def _read(value: str, kind: str) -> Any:
    match kind:
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case "boolean":
            return value.casefold() == "true"
        case _:
            return value[1:-1].strip() if value[0] in "\"'“«`" and len(value) > 1 else value
