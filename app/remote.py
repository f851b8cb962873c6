"""When a running service owns the collection, a command asks that service instead."""

from __future__ import annotations

from typing import Any

from app.requests import AskRequest, Request, ResumeRequest, SearchRequest
from app.settings import Settings
from app.views import Json
from rag.errors import ArdoiseError, BadInput, IndexInUse

SLACK_S = 5.0
"""Seconds that the connection may outlive the request's own deadline."""


async def search_remotely(request: SearchRequest, settings: Settings, owner: IndexInUse) -> Json:
    """Sends a search to the service that owns the collection; without one, the error stands.

    What the request leaves open is sent as this process's settings have it, not as the service's have.
    """
    retrieval = settings.retrieval
    defaults = {
        "collection": settings.collection,
        "top_k": retrieval.top_k,
        "mode": retrieval.mode,
        "reranker": retrieval.reranker,
    }
    return await _post("/v1/search", _filled(request, defaults), owner, settings.request.deadline_s)


async def ask_remotely(request: AskRequest, settings: Settings, owner: IndexInUse) -> Json:
    """Sends a question to the service that owns the collection; without one, the error stands.

    The collection, the model's backend and the deadline are this process's; retrieval is the service's.
    """
    filled = _filled(request, _asking(settings))
    return await _post("/v1/ask", filled, owner, filled["deadline_s"])


async def resume_remotely(thread: str, request: ResumeRequest, settings: Settings, owner: IndexInUse) -> Json:
    """Sends the yes or no that a thread waits for to the service that owns the collection.

    What is left open is filled as for a question, so that the thread is found where that put it.
    """
    filled = _filled(request, _asking(settings))
    return await _post(f"/v1/threads/{thread}/resume", filled, owner, filled["deadline_s"])


def _asking(settings: Settings) -> Json:
    return {
        "collection": settings.collection,
        "llm": settings.generation.backend,
        "deadline_s": settings.request.deadline_s,
    }


def _filled(request: Request, defaults: Json) -> Json:
    given = request.model_dump(exclude_none=True)
    return {**defaults, **given}


async def _post(path: str, body: Json, owner: IndexInUse, deadline_s: float) -> Json:
    if owner.url is None:
        raise owner
    import httpx

    try:
        # A proxy from the environment has no business between two processes of one machine.
        async with httpx.AsyncClient(timeout=deadline_s + SLACK_S, trust_env=False) as client:
            response = await client.post(owner.url + path, json=body)
            answered: Any = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise IndexInUse(
            f"{owner}; it was asked and did not answer: {error or type(error).__name__}"
        ) from error
    if response.is_success and isinstance(answered, dict):
        return answered
    detail = answered.get("detail") if isinstance(answered, dict) else None
    told = f"{owner.url} answered {response.status_code}: {detail}"
    raise BadInput(told) if response.status_code in (404, 422) else ArdoiseError(told)
