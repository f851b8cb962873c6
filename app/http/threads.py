"""Conversations and memories over HTTP: listed, shown, resumed, taken back, deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response

from app.http.dependencies import Accept, TheSystem
from app.http.leaving import unless_left
from app.http.streaming import EVENT_STREAM, EventStream
from app.requests import NAME, ResumeRequest, RewindRequest
from app.views import Json

Name = Annotated[str, Path(pattern=NAME)]
Collection = Annotated[str | None, Query(pattern=NAME)]
User = Annotated[str, Query(pattern=NAME)]
Whose = Annotated[str | None, Query(pattern=NAME)]


def add_threads(app: FastAPI) -> None:
    """The routes below ``/v1/threads``."""

    @app.get("/v1/threads")
    async def threads(system: TheSystem, collection: Collection = None, user: Whose = None) -> Json:
        """The conversations of a user, or those of nobody in particular."""
        return {"threads": await system.conversations.overview(system.thread_name(collection, user, ""))}

    @app.get("/v1/threads/{thread}")
    async def thread(
        thread: Name, system: TheSystem, collection: Collection = None, user: Whose = None
    ) -> Json:
        """The turns of a conversation, and what it waits for."""
        return await system.conversations.show(system.thread_name(collection, user, thread))

    @app.delete("/v1/threads/{thread}")
    async def delete(
        thread: Name, system: TheSystem, collection: Collection = None, user: Whose = None
    ) -> Json:
        """Forgets a conversation; 409 while it is answering."""
        await system.conversations.delete(system.thread_name(collection, user, thread))
        return {"deleted": thread}

    @app.post("/v1/threads/{thread}/rewind")
    async def rewind(thread: Name, request: RewindRequest, system: TheSystem) -> Json:
        """Back to the end of a turn: what came after is forgotten."""
        name = system.thread_name(request.collection, request.user, thread)
        return await system.conversations.rewind(name, request.checkpoint)

    @app.post("/v1/threads/{thread}/resume", response_model=None)
    async def resume(
        thread: Name, request: ResumeRequest, system: TheSystem, caller: Request, accept: Accept = ""
    ) -> Json | Response:
        """Goes on with a run that waits for approval or was cut short; answers as ``/v1/ask`` does."""
        if EVENT_STREAM in accept:
            return EventStream(system.resume_events(thread, request))
        return await unless_left(caller, system.resume(thread, request))


def add_memories(app: FastAPI) -> None:
    """The routes below ``/v1/memory``."""

    @app.get("/v1/memory")
    async def memories(user: User, system: TheSystem) -> Json:
        """What is remembered for a user."""
        return {"user": user, "memories": await system.conversations.memories(user)}

    @app.delete("/v1/memory")
    async def forget_all(user: User, system: TheSystem) -> Json:
        """Forgets everything about a user."""
        return {"user": user, "deleted": await system.conversations.forget(user, None)}

    @app.delete("/v1/memory/{key}")
    async def forget(key: str, user: User, system: TheSystem) -> Json:
        """Forgets one thing about a user."""
        return {"user": user, "deleted": await system.conversations.forget(user, key)}
