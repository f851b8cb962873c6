"""Threads and memories as commands and the API use them: listed, shown, taken back, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from agents.memory import Threads, build_threads
from agents.tools.memory import NAMESPACE
from app.settings import Settings
from app.views import Json, call_view, turn_view
from rag.embedding.base import Embedder
from rag.errors import NotFound
from rag.llm.base import ToolCall

if TYPE_CHECKING:
    from agents.graph import CompiledGraph
    from agents.memory.store import SqliteStore

_LISTED = 1000


class Conversations:
    """The graphs with the threads that they remember, and the users' memories; opened when first needed."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self._settings = settings
        self._embedder = embedder
        self._threads_file = settings.home / "threads.sqlite"
        self._memories_file = settings.home / "memories.sqlite"
        self._graphs: dict[tuple[bool, bool], CompiledGraph] = {}
        self._opening = asyncio.Lock()
        self._open = AsyncExitStack()
        self._threads: Threads | None = None
        self._store: SqliteStore | None = None

    @property
    def has_threads(self) -> bool:
        """Whether there may be any: else nothing needs to be opened."""
        return self._settings.memory.database_url is not None or self._threads_file.exists()

    @property
    def has_memories(self) -> bool:
        """Whether there may be any."""
        return self._memories_file.exists()

    async def graph(self, agent: bool, remembers: bool) -> CompiledGraph:
        """The agent or the chain; those that remember share a database of threads."""
        if (agent, remembers) not in self._graphs:
            # Only questions need LangGraph, and importing it takes longer than a search.
            from agents.graph import build_agent, build_chain

            saver = (await self.threads()).saver if remembers else None
            self._graphs[True, remembers] = build_agent(saver)
            self._graphs[False, remembers] = build_chain(saver)
        return self._graphs[agent, remembers]

    async def threads(self) -> Threads:
        """The database of threads: PostgreSQL where the settings name one, else a file below ``home``.

        Raises:
            StorageError: it cannot be opened.
        """
        async with self._opening:
            if self._threads is None:
                url = self._settings.memory.database_url
                opening = build_threads(
                    "postgres" if url else "sqlite",
                    path=self._threads_file,
                    url=url.get_secret_value() if url else "",
                )
                self._threads = await self._open.enter_async_context(opening)
            return self._threads

    async def store(self) -> SqliteStore:
        """The users' memories, in a file below ``home``."""
        async with self._opening:
            if self._store is None:
                from agents.memory.store import SqliteStore

                self._store = SqliteStore(self._memories_file, self._embedder)
                self._open.push_async_callback(self._store.close)
            return self._store

    @asynccontextmanager
    async def claimed(self, name: str | None, agent: bool) -> AsyncIterator[CompiledGraph]:
        """The graph to work on the thread ``name`` with, alone; afterwards the thread is pruned.

        Raises:
            Conflict: somebody else works on the thread.
        """
        if name is None:
            yield await self.graph(agent, remembers=False)
            return
        threads = await self.threads()
        async with threads.claim(name):
            graph = await self.graph(agent, remembers=True)
            yield graph
            # Not reached by a run that failed or was left: what it has done is kept for its resumption.
            state = await graph.aget_state(config_of(name))
            await threads.keep(name, state.values.get("turns", []))

    async def question(self, name: str) -> str:
        """The question that a thread was asked last.

        Raises:
            NotFound: there is no such thread.
        """
        state = await (await self.graph(agent=True, remembers=True)).aget_state(config_of(name))
        if not state.values:
            raise NotFound(f"there is no thread {name!r}")
        return str(state.values["question"])

    async def overview(self, prefix: str) -> list[Json]:
        """The threads right below ``prefix``: asked what last, and whether one waits or was cut short.

        ``last`` is the turn answered last: of another question, where the thread waits or was cut.
        """
        listed = []
        for name in await (await self.threads()).names():
            if name.startswith(prefix) and "/" not in name.removeprefix(prefix):
                shown = await self.show(name)
                last = shown["turns"][-1] if shown["turns"] else None
                listed.append(
                    {"thread": name.removeprefix(prefix)}
                    | {key: shown[key] for key in ("state", "question")}
                    | {"last": last}
                )
        return listed

    async def show(self, name: str) -> Json:
        """A thread's turns that can be gone back to, oldest first, and what it waits for.

        Raises:
            NotFound: there is no such thread.
        """
        graph = await self.graph(agent=True, remembers=True)
        state = await graph.aget_state(config_of(name))
        if not state.values:
            raise NotFound(f"there is no thread {name!r}")
        turns = []
        for checkpoint in state.values.get("turns", []):
            before = await graph.aget_state(config_of(name, checkpoint))
            if before.values:
                turns.append(turn_view(checkpoint, before.created_at, before.values))
        if not state.tasks:
            newest = state.config["configurable"]["checkpoint_id"]
            turns.append(turn_view(newest, state.created_at, state.values))
        waiting: list[ToolCall] = state.values.get("waiting", []) if state.interrupts else []
        return {
            "thread": name.rpartition("/")[2],
            "state": "waiting" if state.interrupts else "cut" if state.tasks else "answered",
            "question": state.values["question"],
            "waiting": [call_view(call) for call in waiting],
            "summary": state.values.get("summary", ""),
            "turns": turns,
        }

    async def rewind(self, name: str, checkpoint: str) -> Json:
        """Takes a thread back to the end of one of its turns; what came after is forgotten.

        Raises:
            NotFound: the thread has no such turn.
            Conflict: somebody else works on the thread.
        """
        threads = await self.threads()
        async with threads.claim(name):
            known = [turn["checkpoint"] for turn in (await self.show(name))["turns"]]
            if checkpoint not in known:
                raise NotFound(
                    f"thread {name!r} has no turn {checkpoint!r}: `ardoise threads show` lists them"
                )
            await threads.rewind(name, checkpoint)
        return await self.show(name)

    async def delete(self, name: str) -> None:
        """Forgets a thread; raises as ``rewind`` does."""
        threads = await self.threads()
        if name not in await threads.names():
            raise NotFound(f"there is no thread {name!r}")
        async with threads.claim(name):
            await threads.delete(name)

    async def memories(self, user: str) -> list[Json]:
        """What is remembered for a user, newest first."""
        items = await (await self.store()).asearch((NAMESPACE, user), limit=_LISTED)
        return [
            {"key": item.key, "text": item.value.get("text", ""), "at": item.updated_at.isoformat()}
            for item in items
        ]

    async def forget(self, user: str, key: str | None) -> int:
        """Deletes one memory of a user, or all of them; how many there were.

        Raises:
            NotFound: the user has no such memory.
        """
        store, namespace = await self.store(), (NAMESPACE, user)
        keys = [item["key"] for item in await self.memories(user)]
        if key is not None and key not in keys:
            raise NotFound(f"nothing is remembered for {user!r} under {key!r}")
        doomed = keys if key is None else [key]
        for one in doomed:
            await store.adelete(namespace, one)
        return len(doomed)

    async def close(self) -> None:
        """Closes both databases."""
        await self._open.aclose()


def config_of(name: str, checkpoint: str | None = None) -> Any:
    """What LangGraph calls a thread, at one of its checkpoints or the newest."""
    return {"configurable": {"thread_id": name, **({"checkpoint_id": checkpoint} if checkpoint else {})}}
