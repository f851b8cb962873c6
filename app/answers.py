"""Answers given before, in front of the graph that would make them again, and behind a model that is down."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from agents.events import Cited, Done, Event, NodeDone, Token, ToolUse
from app.collections import Opened
from app.requests import AskRequest
from app.settings import Settings
from rag.answer.answerer import Recall
from rag.answer.cache.answers import AnswerCache, Found
from rag.answer.cache.base import Scope
from rag.answer.cache.flights import Flight
from rag.llm.base import ChatModel
from rag.resilience.deadline import Deadline
from rag.types import Answer, TraceStep

REPEATABLE = frozenset(
    {
        "calculator",
        "compare",
        "gpu_memory",
        "kv_cache_size",
        "list_documents",
        "model_flops",
        "read_document",
        "search_corpus",
    }
)
"""Tools that say the same again while the collection is the same; others may be a user's own, or act."""

Make = Callable[[], AsyncGenerator[Event]]


class KeptAnswers:
    """The cache of one system; where there is none, every question is answered anew."""

    def __init__(self, settings: Settings, cache: AnswerCache | None) -> None:
        self._cache = cache
        self._settings = settings

    async def asked(
        self,
        request: AskRequest,
        opened: Opened,
        chat: ChatModel,
        deadline: Deadline,
        alone: bool,
    ) -> Asked:
        """The question, and what its answer will hold for as the collection is now.

        ``alone`` tells that nothing said before shapes the answer.
        """
        scope = Scope(
            collection=opened.name,
            version=await _version(opened),
            model=chat.name,
            prompts=prompts_digest(),
            settings=settings_digest(self._settings, request.agent),
            tenant=request.user or "",
        )
        return Asked(request.question, scope, deadline, opened, self._cache, alone and request.cached)

    async def forget(self, collection: str) -> None:
        """Erases what is kept about a collection that has changed."""
        if self._cache is not None:
            await self._cache.forget(collection)

    async def close(self) -> None:
        """Closes the store."""
        if self._cache is not None:
            await self._cache.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the cache sees it; ``alone``: its answer may be that of another time it was asked."""

    question: str
    scope: Scope
    deadline: Deadline
    opened: Opened
    cache: AnswerCache | None
    alone: bool

    @property
    def recall(self) -> Recall | None:
        """What the answerer asks when no model can answer: an older answer will do then."""
        return None if self.cache is None else self._recalled

    async def events(self, make: Make) -> AsyncGenerator[Event]:
        """Events of an answer kept, or of one that another caller has made now, else those of ``make``."""
        if self.cache is None or not self.alone:
            async with aclosing(make()) as events:
                async for event in events:
                    yield event
            return
        started = time.perf_counter()
        found = await self.cache.find(self.scope, self.question, self.deadline)
        if found is None:
            key = self.cache.key(self.scope, self.question)
            async with self.cache.flights.join(key, self.deadline) as flight:
                if flight.made is None:
                    async with aclosing(self._made(self.cache, make, flight)) as events:
                        async for event in events:
                            yield event
                    return
                found = self.cache.shared(flight.made, self.question)
        for event in _told(found, (time.perf_counter() - started) * 1000):
            yield event

    async def _made(self, cache: AnswerCache, make: Make, flight: Flight[Answer]) -> AsyncGenerator[Event]:
        """Events of a new answer, which is kept, and shared with those who wait for it."""
        used = set[str]()
        async with aclosing(make()) as events:
            async for event in events:
                if isinstance(event, ToolUse):
                    used.add(event.name)
                if isinstance(event, Done) and not event.waiting and used <= REPEATABLE:
                    if not event.answer.degraded:
                        flight.made = event.answer
                    # A collection that changed meanwhile was erased from the cache: nothing goes back in.
                    if await _version(self.opened) == self.scope.version:
                        await cache.keep(self.scope, self.question, event.answer, self.deadline)
                yield event

    async def _recalled(self, question: str, deadline: Deadline) -> Answer | None:
        found = self.cache and await self.cache.find(self.scope, question, deadline, stale=True)
        return found.answer if found else None


async def _version(opened: Opened) -> str:
    return await asyncio.to_thread(opened.collection.manifest.version)


def _told(found: Found, ms: float) -> list[Event]:
    """An answer given before, as events; its trace says where it comes from."""
    detail = {
        "match": found.match,
        "asked": found.question,
        "similarity": round(found.similarity, 4),
        "age_s": round(found.age_s, 1),
    }
    step = TraceStep("cache_hit", round(ms, 3), detail)
    answer = replace(found.answer, timings={"total": ms}, trace=(step,))
    cited = [Cited(citation) for citation in answer.citations]
    return [NodeDone(step), Token(answer.text), *cited, Done(answer)]


@lru_cache(maxsize=1)
def prompts_digest() -> str:
    """A name for all prompts as they are: editing one leaves the answers made with it behind."""
    digest = hashlib.sha256()
    for package in ("agents.prompts", "rag.prompts"):
        for file in sorted(files(package).iterdir(), key=lambda one: one.name):
            if file.name.endswith(".md"):
                digest.update(f"{package} {file.name}\n{file.read_text(encoding='utf-8')}".encode())
    return digest.hexdigest()[:16]


def settings_digest(settings: Settings, agent: bool) -> str:
    """A name for the settings that shape an answer."""
    shaping = {
        "agent": settings.agent.model_dump(mode="json") if agent else None,
        "retrieval": settings.retrieval.model_dump(mode="json"),
        "generation": settings.generation.model_dump(include={"prompt_tokens", "max_tokens", "judge"}),
    }
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:16]
