"""The version of code: what a stage was computed with decides whether its result still holds."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_OURS = ("rag", "ingest", "agents", "eval")
"""Packages whose imports are followed. Those of others are versions of the environment."""


def code_version(modules: Iterable[str]) -> str:
    """A hash of the modules and of everything of this project that they import, directly or not.

    Comments and layout do not count, nor does where the files lie.
    """
    reached: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(_imports(name)) - reached
    digest = hashlib.sha256()
    for name in sorted(reached):
        digest.update(f"{name} {_source_version(name)}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _file(module: str) -> Path | None:
    try:
        found = find_spec(module)
    except ModuleNotFoundError:  # an attribute of a module, not a module
        return None
    return Path(found.origin) if found and found.origin else None


@cache
def _tree(module: str) -> ast.Module:
    path = _file(module)
    return ast.parse(path.read_text(encoding="utf-8")) if path else ast.Module([], [])


@cache
def _source_version(module: str) -> str:
    return hashlib.sha256(ast.dump(_tree(module)).encode()).hexdigest()


@cache
def _imports(module: str) -> tuple[str, ...]:
    return tuple(sorted(name for name in _named(module) if _file(name)))


def _named(module: str) -> Iterator[str]:
    """What could be a module of ours in the import statements, with the packages above each."""
    for node in ast.walk(_tree(module)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.partition(".")[0] in _OURS:
                parts = name.split(".")
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
