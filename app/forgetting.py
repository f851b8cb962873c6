"""What a deletion takes out of conversations and memories: a document's quotes, or a collection's threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from agents.memory import Threads
from agents.memory.redaction import Redaction
from agents.tools.memory import NAMESPACE
from app.conversations import Conversations, config_of
from app.views import Json
from rag.errors import Conflict
from rag.resilience.deadline import Deadline
from rag.resilience.limiter import Sleep

if TYPE_CHECKING:
    from agents.graph import CompiledGraph

_LOOK_AGAIN_S = 0.2
_ALL = 2**31


async def forget_documents(
    conversations: Conversations,
    collection: str,
    texts: Mapping[str, str],
    deadline: Deadline,
    sleep: Sleep = asyncio.sleep,
) -> Json:
    """Takes the documents (``texts`` by id) out of the collection's threads, and of all users' memories.

    A thread goes on, with ``[removed]`` where it quoted them; a question under way in it that had seen them
    is dropped. A memory that quotes them is deleted. A thread at work is waited for until the deadline, and
    then named under ``busy``: it may quote them still.

    Raises:
        StorageError: a database cannot do its part.
    """
    redaction = Redaction(texts)
    redacted, busy = [], []
    if conversations.has_threads:
        threads = await conversations.threads()
        graph = await conversations.graph(agent=True, remembers=True)
        for name in await _names(threads, collection):
            try:
                async with _claimed(threads, name, deadline, sleep):
                    if await _rewritten(threads, graph, name, redaction):
                        redacted.append(name.partition("/")[2])
            except Conflict:
                busy.append(name.partition("/")[2])
        if redacted:
            await threads.scrub()
    memories = await _forget_memories(conversations, redaction)
    return {"threads": redacted, "busy": busy, "memories": memories}


async def forget_threads(conversations: Conversations, collection: str) -> None:
    """Deletes the threads of a collection that is no more; raises as ``forget_documents`` does."""
    if not conversations.has_threads:
        return
    threads = await conversations.threads()
    for name in await _names(threads, collection):
        await threads.delete(name)
    await threads.scrub()


async def _names(threads: Threads, collection: str) -> list[str]:
    return [name for name in await threads.names() if name.startswith(f"{collection}/")]


@asynccontextmanager
async def _claimed(threads: Threads, name: str, deadline: Deadline, sleep: Sleep) -> AsyncIterator[None]:
    """As ``Threads.claim``, tried again until the deadline."""
    async with AsyncExitStack() as claim:
        while True:
            try:
                await claim.enter_async_context(threads.claim(name))
                break
            except Conflict:
                if deadline.remaining < _LOOK_AGAIN_S:
                    raise
                await sleep(_LOOK_AGAIN_S)
        yield


async def _rewritten(threads: Threads, graph: CompiledGraph, name: str, redaction: Redaction) -> bool:
    """Writes a thread anew without what is redacted, turn by turn; whether there was any of it."""
    found = [one async for one in threads.saver.alist(config_of(name))]
    held: list[Any] = [one.checkpoint["channel_values"] for one in found]
    waiting = [one.pending_writes for one in found]
    clean = redaction.without(held)
    if clean == held and redaction.without(waiting) == waiting:
        return False
    state = await graph.aget_state(config_of(name))
    finished = set(state.values.get("turns", ()))
    if not state.tasks:
        finished.add(state.config["configurable"]["checkpoint_id"])
    first: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
    await threads.delete(name)
    for one, values in reversed(list(zip(found, clean, strict=True))):
        if one.checkpoint["id"] in finished:
            checkpoint, versions = one.checkpoint.copy(), one.checkpoint["channel_versions"]
            checkpoint["channel_values"] = values
            parent = one.parent_config or first
            await threads.saver.aput(parent, checkpoint, one.metadata, versions)
    return True


async def _forget_memories(conversations: Conversations, redaction: Redaction) -> int:
    """Deletes the memories that quote, whoever's they are; how many there were."""
    if not conversations.has_memories:
        return 0
    store = await conversations.store()
    doomed = [
        item
        for item in await store.asearch((NAMESPACE,), limit=_ALL)
        if redaction.without(item.value) != item.value
    ]
    for item in doomed:
        await store.adelete(item.namespace, item.key)
    if doomed:
        await store.scrub()
    return len(doomed)
