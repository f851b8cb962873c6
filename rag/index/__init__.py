"""The index: points with a dense and a sparse vector, on disk or on a server."""

from __future__ import annotations

from pathlib import Path

from rag.errors import ConfigurationError, UnknownChoice
from rag.index.base import IndexStore
from rag.index.tuning import DEFAULT, Tuning


def build_index_store(
    kind: str = "edge",
    *,
    root: Path | None = None,
    location: str | None = None,
    api_key: str | None = None,
    command: str = "ardoise",
    url: str | None = None,
    timeout_s: int = 10,
    tuning: Tuning = DEFAULT,
) -> IndexStore:
    """Where collections live.

    Args:
        kind: ``edge`` (on this disk, the engine in this process) or ``qdrant`` (a server).
        root: ``edge``: the folder of the collections.
        location: ``qdrant``: the server's URL (or a folder or ``:memory:``, for the client's local mode).
        api_key: ``qdrant``: sent to the server.
        command: ``edge``: what this process is, told to another that finds a collection in use.
        url: ``edge``: this process's own address if it is a server, told to the same.
        timeout_s: ``qdrant``: seconds that any one request may take.
        tuning: how the dense leg is built and searched.

    Raises:
        UnknownChoice: there is no such kind.
        ConfigurationError: what the kind needs is not given.
    """
    match kind:
        case "edge":
            if root is None:
                raise ConfigurationError("the index 'edge' needs a folder for its collections")
            from rag.index.edge import EdgeStore

            return EdgeStore(root, command=command, url=url, tuning=tuning)
        case "qdrant":
            if location is None:
                raise ConfigurationError("the index 'qdrant' needs the URL of a server: set QDRANT_URL")
            from rag.index.qdrant import QdrantStore

            return QdrantStore(location, api_key, timeout_s, tuning)
        case _:
            raise UnknownChoice("index", kind, ["edge", "qdrant"])
