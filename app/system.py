"""The system as commands and the API use it: the parts joined, one method a request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from agents.events import Done, Event
from agents.run import check_question, resume, run
from agents.state import Context
from agents.tools.mcp import Offered
from agents.tools.selection import ToolChoice
from app.answers import KeptAnswers
from app.asking import request_context
from app.collections import Collections, Opened, searcher_over
from app.conversations import Conversations
from app.explained import with_explanation
from app.library import Library
from app.measuring import measured
from app.parts import (
    Parts,
    build_parts,
    build_resilient_chat,
    build_retriever,
    build_settings_reranker,
    build_store,
)
from app.requests import AskRequest, ResumeRequest, SearchRequest
from app.settings import Settings
from app.views import Json, answer_view, queries_view, search_view
from ingest.collection import other_sparse
from rag import retriever
from rag.errors import ArdoiseError, NotFound, Overloaded
from rag.explain import explain
from rag.index.filters import Filter
from rag.language import detect_language
from rag.llm.base import ChatModel, Message
from rag.llm.extractive import ExtractiveChat
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.resilience.deadline import Deadline
from rag.telemetry.stages import Stages
from rag.types import Degradation

if TYPE_CHECKING:
    from agents.graph import CompiledGraph

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunk ids, best first: what each leg found, and what fusion passes on to the reranker or the prompt."""

    legs: Mapping[str, Sequence[str]]
    fused: Sequence[str]
    reranks: bool


class System:
    """Everything joined; made by ``open_system``."""

    def __init__(self, settings: Settings, parts: Parts, collections: Collections | None = None) -> None:
        """``collections`` are others than those below the settings' ``home``."""
        self._settings = settings
        self._parts = parts
        self.conversations = Conversations(settings, parts.embedder)
        self._collections = collections or Collections(parts, settings)
        self._answers = KeptAnswers(settings, parts.cache)
        self.library = Library(settings, parts, self._collections, self._answers, self.conversations)
        self._places = settings.request.concurrency
        self.metrics = parts.metrics
        self._choice = ToolChoice(settings.agent.tools_offered, parts.embedder)
        self._chats: dict[str, ChatModel] = {settings.generation.backend: parts.chat}
        self._rerankers = {settings.retrieval.reranker: (parts.reranker, parts.reranker_why)}

    async def search(self, request: SearchRequest) -> Json:
        """The object of ``search --json``.

        Raises:
            BadInput: a blank query, an unknown mode or reranker, or an unknown collection.
            Overloaded: too many requests are being answered.
        """
        retrieval, stages = self._settings.retrieval, Stages()
        wanted = retriever.SearchRequest(
            request.query,
            Deadline.after(self._settings.request.deadline_s),
            top_k=request.top_k or retrieval.top_k,
            mode=request.mode or retrieval.mode,
            filter=Filter.of(request.filter),
            history=tuple(Message(turn.role, turn.content) for turn in request.history),
        )
        with measured(self.metrics, "search") as outcome, self._place(), stages.time("total"):
            opened = await self._open(request.collection)
            searcher, why = opened.retriever, self._parts.reranker_why
            if request.reranker is not None:
                reranker, why = self._reranker(request.reranker)
                searcher = searcher_over(opened.collection, self._parts, self._settings, reranker)
            result = await searcher.search(wanted, stages)
            outcome.found(stages.ms, result.degraded)
        explanation = None
        if request.explain or request.expect:
            index, parts = opened.collection.index, self._parts
            explanation = await explain(wanted, result, index, parts.sparse, parts.embedder, request.expect)
        told = {**result.parts, "reranker_why": why}
        told |= {f"{item.part}_left_out": item.why for item in result.degraded}
        degraded = result.degraded
        if wanted.mode != "dense" and (made_with := await self._made_with(opened)):
            told["sparse"] = made_with
            degraded += (_not_yet(made_with, self._parts.sparse.name),)
        view = search_view(request.query, opened.name, result.hits, stages.ms, told, degraded)
        view |= queries_view(result.queries)
        return view if explanation is None else with_explanation(view, explanation)

    async def _made_with(self, opened: Opened) -> str | None:
        """The encoder of the sparse vectors that are searched, where the settings name another one."""
        if self._settings.retrieval.sparse != "bm25":
            return None  # that leg counts anew, with the settings' k1 and b
        return await asyncio.to_thread(other_sparse, opened.collection.manifest, self._parts.sparse)

    async def candidates(self, query: str) -> Candidates:
        """What the stages of retrieval have for a query, as chunk ids: for a diagnosis after the fact.

        Raises:
            BadInput: as ``search`` does.
        """
        retrieval, opened = self._settings.retrieval, await self._open(None)
        searcher = build_retriever(self._parts, self._settings, opened.collection.index, NoReranker())

        async def ids(mode: retriever.Mode, depth: int) -> tuple[str, ...]:
            deadline = Deadline.after(self._settings.request.deadline_s)
            result = await searcher.search(retriever.SearchRequest(query, deadline, depth, mode))
            return tuple(hit.chunk.id for hit in result.hits)

        reranks = not isinstance(self._parts.reranker, NoReranker)
        passed_on = max(retrieval.top_k, retrieval.rerank_depth if reranks else 0)
        legs: dict[str, Sequence[str]] = {
            leg: await ids(leg, retrieval.candidates) for leg in retriever.legs_of(retrieval.mode)
        }
        return Candidates(legs, await ids(retrieval.mode, passed_on), reranks)

    async def ask(self, request: AskRequest) -> Json:
        """The object of ``ask --json``; raises as ``ask_events`` does."""
        return await _last(self.ask_events(request))

    async def ask_events(
        self, request: AskRequest, history: Sequence[Message] = ()
    ) -> AsyncGenerator[tuple[Event, Json | None]]:
        """What happens while a question is answered; the last event brings the whole object.

        ``history`` is a conversation that no thread of this system knows.

        Raises:
            BadInput: a blank or over-long question, an unknown collection or model.
            ModelRefused: the model's provider says that key, model name or request is wrong.
            DeadlineExceeded: no answer in time.
            Overloaded: too many requests are being answered.
        """
        question = check_question(request.question)

        def start(graph: CompiledGraph, context: Context, thread: str | None) -> AsyncGenerator[Event]:
            return run(graph, question, context, thread, history)

        alone = not (request.thread or history)
        async with aclosing(self._run(request, start, alone)) as events:
            async for event in events:
                yield event

    async def resume_events(
        self, thread: str, request: ResumeRequest
    ) -> AsyncGenerator[tuple[Event, Json | None]]:
        """What happens when a thread goes on that waits for approval or was cut short; as ``ask_events``.

        Raises:
            NotFound: there is no such thread.
            Conflict: nothing is left to do, a yes or no is missing, or somebody else works on the thread.
        """
        name = self.thread_name(request.collection, request.user, thread)
        question = await self.conversations.question(name)

        def start(graph: CompiledGraph, context: Context, name: str | None) -> AsyncGenerator[Event]:
            return resume(graph, context, name or "", request.approve)

        asked = AskRequest(
            question=question,
            thread=thread,
            collection=request.collection,
            llm=request.llm,
            agent=request.agent,
            user=request.user,
            deadline_s=request.deadline_s,
        )
        async with aclosing(self._run(asked, start)) as events:
            async for event in events:
                yield event

    async def resume(self, thread: str, request: ResumeRequest) -> Json:
        """The object of ``ask --json`` for a thread that goes on; raises as ``resume_events`` does."""
        return await _last(self.resume_events(thread, request))

    def collection_name(self, name: str | None) -> str:
        """The collection that a caller means."""
        return name or self._settings.collection

    def thread_name(self, collection: str | None, user: str | None, thread: str) -> str:
        """What a conversation is kept under: with a user it is theirs, and no other name leads to it."""
        return "/".join([self.collection_name(collection), *([user] if user else []), thread])

    async def ready(self) -> Json:
        """The sizes of the default collection, once it can answer.

        Raises:
            NotFound: there is no such collection, or it is empty.
        """
        size = await self.library.size((await self._open(None)).name)
        if not size["chunks"]:
            raise NotFound(f"collection {size['name']!r} is empty: `ardoise ingest PATH` fills it")
        return {**size, "llm": self._parts.chat.name}

    async def warm_up(self) -> None:
        """Loads what the first question would wait for."""
        await self._parts.embedder.embed_query("warm up")
        await self.conversations.graph(agent=True, remembers=False)
        await asyncio.to_thread(detect_language, "warm up")
        if self._parts.foreign is not None:
            await self._parts.foreign.offered()
        await self.prepare()

    async def warm_up_formulas(self) -> None:
        """Embeds what formulas are compared with, which takes a new home's first question with numbers long.

        Takes nothing from whoever asks meanwhile but some of the processor. A failure is logged: the question
        that needs them tries again.
        """
        offline = self._parts.chat
        if not isinstance(offline, ExtractiveChat):
            return  # a model plans; rules do where it fails
        try:
            await offline.warm_up()
        except ArdoiseError as error:
            _log.warning("the wordings of formulas could not be embedded yet: %s", error)

    async def prepare(self, collection: str | None = None, llm: str | None = None) -> None:
        """Opens the collection and loads the chat models' tokenizers, before a question's deadline runs.

        The first count of tokens loads a tokenizer, which takes seconds, in a thread of its own.

        Raises:
            IndexInUse: another process has the collection open; nothing was loaded in vain.
        """
        if self.collection_name(collection) in await self._collections.names():
            await self._open(collection)
        for model in (self._chat(llm), *self._parts.others):
            await model.count_tokens([Message("user", "warm up")])

    async def close(self) -> None:
        """Closes collections, connections and worker threads."""
        await self._collections.close()
        await self.conversations.close()
        await self._answers.close()
        await self._parts.store.close()
        if self._parts.foreign is not None:
            await self._parts.foreign.close()
        judge = (self._parts.judge,) if self._parts.judge else ()
        for model in (*self._chats.values(), *self._parts.others, *judge):
            await model.close()

    def _reranker(self, kind: str) -> tuple[Reranker, str]:
        """A reranker by name, kept with what it has loaded and remembers, and why it is the one."""
        if kind not in self._rerankers:
            parts = self._parts
            self._rerankers[kind] = build_settings_reranker(self._settings, kind, parts.embedder, parts.chat)
        return self._rerankers[kind]

    async def _open(self, name: str | None) -> Opened:
        return await self._collections.get(self.collection_name(name))

    async def _run(
        self,
        request: AskRequest,
        start: Callable[[CompiledGraph, Context, str | None], AsyncGenerator[Event]],
        alone: bool = False,
    ) -> AsyncGenerator[tuple[Event, Json | None]]:
        """Events of a run within its place, its deadline and its thread, of which it is the only one."""
        deadline = Deadline.after(request.deadline_s or self._settings.request.deadline_s)
        with measured(self.metrics, "ask") as outcome, self._place():
            chat = self._chat(request.llm)
            opened = await self._open(request.collection)
            asked = await self._answers.asked(request, opened, chat, deadline, alone)
            thread = request.thread and self.thread_name(opened.name, request.user, request.thread)
            async with self.conversations.claimed(thread, request.agent) as graph:
                user = request.user or ""
                store = await self.conversations.store() if user else None
                context, parts = request_context(
                    self._settings,
                    self._parts,
                    opened,
                    chat,
                    deadline,
                    store,
                    user,
                    asked.recall,
                    await self._foreign(request, deadline),
                )
                context = replace(context, offer=self._choice)
                async with aclosing(asked.events(partial(start, graph, context, thread))) as events:
                    async for event in events:
                        outcome.saw(event)
                        done = None
                        if isinstance(event, Done):
                            done = answer_view(
                                request.question, event.answer, request.thread, parts, event.waiting
                            )
                        yield event, done

    async def _foreign(self, request: AskRequest, deadline: Deadline) -> Offered:
        """Tools of other programs, which only the agent calls."""
        if self._parts.foreign is None or not request.agent:
            return Offered()
        async with deadline.limit("connecting to servers of tools"):
            return await self._parts.foreign.offered()

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the places for requests under way; there is no queue behind them."""
        if self._places <= 0:
            raise Overloaded("as many questions as this service takes at once are being answered", 2.0)
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    def _chat(self, backend: str | None) -> ChatModel:
        """The configured chat model or another backend, kept: its policy holds for all who ask it."""
        name = backend or self._settings.generation.backend
        if name not in self._chats:
            parts = self._parts
            self._chats[name] = build_resilient_chat(
                self._settings, name, parts.embedder, parts.metrics, parts.policies
            )
        return self._chats[name]


@asynccontextmanager
async def open_system(
    settings: Settings, owner: str, url: str | None = None, parts: Parts | None = None
) -> AsyncIterator[System]:
    """The system for ``settings``; ``owner`` and ``url`` tell other processes who has a collection open.

    ``parts`` take the place of those that the settings choose; they are closed with the system.

    Raises:
        ConfigurationError: what a part needs is missing.
    """
    system = System(settings, parts or build_parts(settings, build_store(settings, owner, url)))
    try:
        yield system
    finally:
        await system.close()


async def _last(events: AsyncGenerator[tuple[Event, Json | None]]) -> Json:
    """The whole object, which the last event of a run brings."""
    whole: Json = {}
    async with aclosing(events):
        async for _, done in events:
            whole = done or whole
    return whole


def _not_yet(made_with: str, wanted: str) -> Degradation:
    return Degradation(
        "sparse",
        f"the collection was made with {made_with}: {wanted} takes hold with the next `ardoise ingest`",
    )
