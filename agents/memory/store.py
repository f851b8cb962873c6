"""Long-term memory: LangGraph's ``BaseStore`` in one SQLite file, searched by meaning through our embedder.

A memory is small and a user has few, so a search compares with each of them: exact, and no index to keep.
(LangGraph's own SQLite store needs an extension that many builds of Python cannot load.)
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
)

from rag.embedding.base import Embedder, Vectors
from rag.errors import BadInput, StorageError
from rag.llm.extractive_similarity import UNRELATED, Floats

MAX_ITEMS = 1000
"""Memories in one namespace; one more is refused: a search stays quick, and no prompt fills a disk."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS memories (
    namespace TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, created TEXT NOT NULL,
    updated TEXT NOT NULL, embedder TEXT, vector BLOB, PRIMARY KEY (namespace, key))
"""
_COLUMNS = "namespace, key, value, created, updated"
_SEPARATOR = "\x1f"


class SqliteStore(BaseStore):
    """A store in the file ``path``; ``value["text"]`` is what a search by meaning looks at.

    A vector names its embedder: after a change of embedder it is made anew when it is first needed.

    Raises:
        StorageError: the file cannot be used.
    """

    def __init__(self, path: Path, embedder: Embedder) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._embedder = embedder
        # Used by one thread at a time: every access holds the lock.
        self._lock = asyncio.Lock()
        with self._told():
            self._database = sqlite3.connect(path, check_same_thread=False)
            self._database.execute(_SCHEMA)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Not offered: embedding is asynchronous here."""
        raise NotImplementedError("this store is asynchronous: use aget, aput, asearch and adelete")

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Carries out the operations in their order.

        Raises:
            BadInput: a namespace is full, or the operation is not known.
            StorageError: the file cannot be read or written.
        """
        async with self._lock:
            with self._told():
                return [await self._do(op) for op in ops]

    async def scrub(self) -> None:
        """Writes the file anew, without what was deleted."""
        async with self._lock:
            with self._told():
                await asyncio.to_thread(self._database.execute, "VACUUM")

    async def close(self) -> None:
        """Closes the file."""
        async with self._lock:
            self._database.close()

    async def _do(self, op: Op) -> Result:
        match op:
            case GetOp(namespace=namespace, key=key):
                where = "namespace = ? AND key = ?"
                rows = await asyncio.to_thread(self._rows, where, (_joined(namespace), key))
                return Item(**_fields(rows[0])) if rows else None
            case PutOp():
                await self._put(op)
                return None
            case SearchOp():
                return await self._search(op)
            case ListNamespacesOp():
                return await self._namespaces(op)
        raise BadInput(f"the store cannot do {type(op).__name__}")

    async def _put(self, op: PutOp) -> None:
        place = (_joined(op.namespace), op.key)
        if op.value is None:
            await asyncio.to_thread(
                self._write, "DELETE FROM memories WHERE namespace = ? AND key = ?", place
            )
            return
        known = await asyncio.to_thread(self._rows, "namespace = ?", place[:1])
        if len(known) >= MAX_ITEMS and op.key not in {row[1] for row in known}:
            raise BadInput(
                f"{MAX_ITEMS:,} memories are kept for one user: delete some (`ardoise memory delete`)"
            )
        vector = await self._vectors([str(op.value.get("text", ""))]) if op.index is not False else None
        now = datetime.now(UTC).isoformat()
        created = next((row[3] for row in known if row[1] == op.key), now)
        blob = vector[0].tobytes() if vector is not None else None
        value = json.dumps(op.value, ensure_ascii=False)
        row = (*place, value, created, now, self._embedder.name, blob)
        await asyncio.to_thread(
            self._write, "INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )

    async def _search(self, op: SearchOp) -> list[SearchItem]:
        """The memories below a prefix, nearest first, or newest first where nothing is asked."""
        prefix = _joined(op.namespace_prefix)
        # "user" must not find "user2": a prefix ends where a label ends.
        where = "(? = '' OR namespace = ? OR substr(namespace, 1, ?) = ?) ORDER BY updated DESC, key"
        ended = prefix + _SEPARATOR
        rows = await asyncio.to_thread(self._rows, where, (prefix, prefix, len(ended), ended))
        rows = [row for row in rows if _matches(json.loads(row[2]), op.filter or {})]
        scores: list[float | None] = [None] * len(rows)
        if op.query and rows:
            near = await self._near(op.query, await self._vectors_of(rows))
            order = np.argsort(-near, kind="stable")
            rows, scores = [rows[i] for i in order], [float(near[i]) for i in order]
        chosen = slice(op.offset, op.offset + op.limit)
        return [
            SearchItem(**_fields(row), score=score)
            for row, score in zip(rows[chosen], scores[chosen], strict=True)
        ]

    async def _near(self, query: str, vectors: Vectors) -> Floats:
        """How near each memory is: 0 as what has nothing to do with the query, 1 as its own words."""
        asked = await self._embedder.embed_query(query)
        known = await self._vectors([query, *UNRELATED])
        same, unrelated = float(known[0] @ asked), float((known[1:] @ asked).mean())
        return (vectors @ asked - unrelated).astype(np.float64) / max(same - unrelated, 1e-6)

    async def _vectors_of(self, rows: list[Any]) -> Vectors:
        """A vector for each row, in order; those of another embedder are made anew and kept."""
        current = {
            (row[0], row[1]): row[2]
            for row in await asyncio.to_thread(
                self._rows, "embedder = ?", (self._embedder.name,), "namespace, key, vector"
            )
            if row[2] is not None
        }
        missing = [row for row in rows if (row[0], row[1]) not in current]
        made = await self._vectors([str(json.loads(row[2]).get("text", "")) for row in missing])
        for row, vector in zip(missing, made, strict=True):
            current[row[0], row[1]] = vector.tobytes()
            await asyncio.to_thread(
                self._write,
                "UPDATE memories SET embedder = ?, vector = ? WHERE namespace = ? AND key = ?",
                (self._embedder.name, vector.tobytes(), row[0], row[1]),
            )
        return np.stack([np.frombuffer(current[row[0], row[1]], dtype=np.float32) for row in rows])

    async def _vectors(self, texts: list[str]) -> Vectors:
        return np.asarray(await self._embedder.embed_documents(texts), dtype=np.float32)

    async def _namespaces(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        rows = await asyncio.to_thread(self._rows, "1 ORDER BY namespace", (), "DISTINCT namespace")
        found = [tuple(str(row[0]).split(_SEPARATOR)) for row in rows]
        found = [
            one for one in found if all(_fits(one, condition) for condition in op.match_conditions or ())
        ]
        if op.max_depth is not None:
            found = list(dict.fromkeys(one[: op.max_depth] for one in found))
        return found[op.offset : op.offset + op.limit]

    def _rows(self, where: str, values: tuple[Any, ...], columns: str = _COLUMNS) -> list[Any]:
        sql = f"SELECT {columns} FROM memories WHERE {where}"  # noqa: S608 - our own words; values are bound
        return self._database.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[Any, ...]) -> None:
        with self._database:
            self._database.execute(sql, values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(
                f"the memories in {self._path} cannot be used ({error}): move the file away to start anew"
            ) from error


def _joined(namespace: tuple[str, ...]) -> str:
    return _SEPARATOR.join(namespace)


def _fields(row: Any) -> dict[str, Any]:
    namespace, key, value, created, updated = row
    return {
        "namespace": tuple(namespace.split(_SEPARATOR)),
        "key": key,
        "value": json.loads(value),
        "created_at": datetime.fromisoformat(created),
        "updated_at": datetime.fromisoformat(updated),
    }


def _matches(value: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether every wanted field has its value; LangGraph's operators (``$gt``) are not offered."""
    return all(value.get(name) == want for name, want in wanted.items())


def _fits(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    """Whether a namespace begins or ends with a path, in which ``*`` is any label."""
    path = condition.path
    if len(path) > len(namespace):
        return False
    part = (
        namespace[: len(path)]
        if condition.match_type == "prefix"
        else namespace[len(namespace) - len(path) :]
    )
    return all(want in ("*", label) for want, label in zip(path, part, strict=True))
