"""A YAML file by its nodes, which know where they stand, so that every mistake can be told with its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import yaml

from rag.errors import BadInput

Parts = dict[str, tuple[yaml.Node, yaml.Node]]
"""The nodes of a mapping's keys and values, by key."""


class Nodes:
    """Reads nodes as what is wanted; collects mistakes, each with its place, instead of stopping at one."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[str, str]] = []

    def wrong(self, node: yaml.Node, what: str) -> None:
        """Notes a mistake where a node begins."""
        self.mistakes.append((place(node.start_mark), what))

    def mapping(self, node: yaml.Node, what: str) -> Parts:
        """Keys with the nodes of key and value."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} is a mapping of names to values")
            return {}
        found: Parts = {}
        for key, value in node.value:
            name = str(plain(key))
            if name in found:
                self.wrong(key, f"{name!r} stands twice: on line {found[name][0].start_mark.line + 1} too")
            found.setdefault(name, (key, value))
        return found

    def scalars(self, node: yaml.Node, what: str) -> list[tuple[yaml.Node, Any]]:
        """A list of plain values; a plain value alone is a list of one."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: list[tuple[yaml.Node, Any]] = []
        for item in nodes:
            if isinstance(item, yaml.ScalarNode):
                values.append((item, plain(item)))
            else:
                self.wrong(item, f"{what}: a text, a number, true, false or null is wanted")
        return values

    def tried(self, node: yaml.Node | None, check: Callable[[], object]) -> bool:
        """Whether a check passes; what it says is a mistake of ``node``."""
        try:
            check()
        except BadInput as error:
            if node is not None:
                self.wrong(node, str(error))
            return False
        return True

    def inside(self, parts: Parts, key: str) -> Parts:
        """The mapping under a key; an empty one where the key is not there."""
        return self.mapping(parts[key][1], key) if key in parts else {}

    def one(self, node: yaml.Node, what: str) -> Any:
        """A plain value."""
        values = self.scalars(node, what)
        if len(values) != 1:
            self.wrong(node, f"{what}: one value is wanted")
        return values[0][1] if values else None

    def text(self, parts: Parts, key: str, otherwise: str) -> str:
        """The text under a key."""
        return str(self.one(parts[key][1], key)) if key in parts else otherwise

    def whole(self, parts: Parts, key: str, otherwise: int, least: int) -> int:
        """The whole number under a key."""
        if key not in parts:
            return otherwise
        value = self.one(parts[key][1], key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.wrong(parts[key][1], f"{key} is a whole number from {least} on, not {value!r}")
            return otherwise
        return value


def plain(node: yaml.Node) -> Any:
    """The value of a scalar as YAML means it; anything else, which is a mistake here, as it is written."""
    if not isinstance(node, yaml.ScalarNode):
        return node.tag
    loader = yaml.SafeLoader("")
    try:
        value: Hashable = loader.construct_object(node)
    finally:
        loader.dispose()
    return value


def same(value: Any, among: Iterable[Any]) -> bool:
    """Whether ``value`` is among others; true is not 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in among)


def place(mark: Any) -> str:
    """Line and column of a mark, as a message has them."""
    return "" if mark is None else f" line {mark.line + 1}, column {mark.column + 1}"
