"""Engines: where the stages of a sweep are computed."""

from __future__ import annotations

from eval.sweep.engine.base import Engine
from rag.errors import UnknownChoice


def build_engine(kind: str, workers: int) -> Engine:
    """The engine called ``kind``: ``local`` or ``ray``; ``workers`` stages are computed at a time.

    Raises:
        UnknownChoice: there is none of that name.
        MissingExtra: its package is not installed.
    """
    match kind:
        case "local" if workers == 1:
            from eval.sweep.engine.local import Inline

            return Inline()
        case "local":
            from eval.sweep.engine.local import Processes

            return Processes(workers)
        case "ray":
            from eval.sweep.engine.ray import RayEngine

            return RayEngine(workers)
        case _:
            raise UnknownChoice("engine", kind, ("local", "ray"))
