"""A configuration of a sweep as somebody who answers: the whole system over an index of the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.answers import prompts_digest
from app.collections import Collections, Opened, searcher_over
from app.evaluation import ask_labelled, build_judge_chat, build_settings_judge, look_back
from app.parts import (
    Parts,
    build_resilient_chat,
    build_settings_reranker,
    with_sparse_leg,
)
from app.settings import Settings
from app.system import System
from eval.answers import Asked
from eval.diagnosis import Seen
from eval.judges.base import Judge
from eval.prices import model_of
from eval.questions import Question
from eval.sweep.answer_kit import AnswerKit, Found, Ground, Respondent, Spending
from ingest.collection import Collection
from ingest.manifest import Entry, Manifest
from rag.embedding.base import Embedder
from rag.errors import ModelUnavailable
from rag.llm.extractive import EXTRACTIVE
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policies
from rag.retriever import SearchRequest, SearchResult, legs_of
from rag.telemetry.stages import Stages
from rag.types import Chunk, Document

CODE = (
    "app.asking",
    "app.collections",
    "app.evaluation",
    "app.parts",
    "app.respondent",
    "app.system",
    "agents.graph",
    "agents.run",
    "rag.answer.answerer",
    "rag.llm.resilient",
    "rag.llm.structured",
)
"""Code that answers, whatever the settings say; what it imports of the boxes before ``app`` is followed."""
ASKED_AT_ONCE = 4
"""Questions that a model is asked at a time; by rule it is one, so that nothing disturbs the times."""
_FRAME = 400
"""Tokens of a prompt beside its passages: what to do, the question, what stands between passages."""
_WRITTEN = 150
"""Tokens that an answer is expected to have."""
_PLANNED = Spending(1, 2000, 60)
"""What choosing tools takes: their descriptions are long, and the reply is short."""
_REWRITTEN = Spending(1, 300, 150)
"""What making several queries, or a hypothetical passage, of a question takes."""


def build_answer_kit(settings: Settings, parts: Parts, agent: bool) -> AnswerKit:
    """How the settings answer, as the agent or as the chain; raises as the building of a chat model does."""
    generation, retrieval = settings.generation, settings.retrieval
    by_rule = generation.backend == EXTRACTIVE
    return AnswerKit(
        agent=agent,
        model=parts.chat.name,
        by_rule=by_rule,
        respondent=partial(_respondent, settings, parts, agent),
        judge=partial(_judge, settings, parts.embedder),
        judge_model=_judge_model(settings),
        finding=_finding(settings, parts),
        saying=_saying(settings, parts, agent),
        judging={"embedder": parts.embedder.name},
        modules=(*CODE, f"rag.llm.{generation.backend}"),
        concurrency=1 if by_rule else min(ASKED_AT_ONCE, settings.request.concurrency),
        passages=(retrieval.top_k, settings.chunking.size),
        to_find=_to_find(settings),
        to_say=Spending() if by_rule else _to_say(settings, agent),
    )


def answer_settings(settings: Settings, agent: bool) -> dict[str, Any]:
    """The settings that shape an answer and no ranking, by ``section.name``."""
    generation = settings.generation
    shown: dict[str, Any] = {
        "generation.llm": generation.backend,
        "generation.model": generation.model,
        "generation.prompt_tokens": generation.prompt_tokens,
        "generation.max_tokens": generation.max_tokens,
        "graph": "agent" if agent else "chain",
    }
    if agent:
        shown |= {f"agent.{name}": value for name, value in settings.agent.model_dump().items()}
    return shown


def _finding(settings: Settings, parts: Parts) -> Mapping[str, Any]:
    """What shapes which passages are found, beside the index; what means nothing here is left out."""
    retrieval = settings.retrieval
    told = {"k1", "b", "mode", "reranker", "reranker_model", "fusion", "rrf_k"}  # by the names of parts
    shape = retrieval.model_dump(exclude=told)
    if len(legs_of(retrieval.mode)) > 1:
        shape["fusion"] = parts.fusion.name
    else:
        del shape["dense_weight"], shape["dense_weight_unknown"]
    if retrieval.expansion == "none":
        del shape["expansion_queries"]
    else:
        # Several queries are fused by RRF, whatever fuses the legs.
        shape |= {"rrf_k": retrieval.rrf_k, "model": parts.chat.name}
    if retrieval.reranker == "llm":
        shape["model"] = parts.chat.name
    return shape


def _saying(settings: Settings, parts: Parts, agent: bool) -> Mapping[str, Any]:
    """What shapes an answer, beside its passages and its model."""
    generation = settings.generation
    shape: dict[str, Any] = {
        "prompt_tokens": generation.prompt_tokens,
        "max_tokens": generation.max_tokens,
        "prompts": prompts_digest(),
        "history_tokens": settings.memory.history_tokens,
        "deadline_s": settings.request.deadline_s,
    }
    if agent or generation.backend == EXTRACTIVE:
        # Sentences are chosen by it, and passages weighed.
        shape["embedder"] = parts.embedder.name
    if agent:
        price = settings.prices.get(model_of(parts.chat.name))
        shape |= {"agent": settings.agent.model_dump(), "price": price.model_dump() if price else None}
    return shape


def _to_find(settings: Settings) -> Spending:
    """What a model does before the passages are there: another question, another order."""
    retrieval, spending = settings.retrieval, Spending()
    if settings.generation.backend == EXTRACTIVE:
        return spending
    if retrieval.expansion != "none":
        spending += _REWRITTEN
    if retrieval.reranker == "llm":
        spending += Spending(1, _FRAME + retrieval.rerank_depth * settings.chunking.size, _WRITTEN)
    return spending


def _to_say(settings: Settings, agent: bool) -> Spending:
    generation = settings.generation
    prompt = _FRAME + settings.retrieval.top_k * settings.chunking.size
    answer = Spending(1, min(generation.prompt_tokens, prompt), min(generation.max_tokens, _WRITTEN))
    return answer + _PLANNED if agent else answer


def _judge_model(settings: Settings) -> str:
    """Backend and model of ``build_judge_chat``, by the settings alone."""
    generation, judge = settings.generation, settings.judge
    backend = judge.llm or generation.backend
    model = judge.model or (generation.model if backend == generation.backend else None)
    model = generation.model_copy(update={"model": model}).model_at(backend)
    return f"{backend}:{model}" if model else backend


@asynccontextmanager
async def _judge(
    settings: Settings, embedder: Embedder, name: str, metrics: tuple[str, ...]
) -> AsyncIterator[Judge | None]:
    """The judge of this name; raises as ``build_settings_judge``."""
    chat = build_judge_chat(settings, embedder)
    try:
        yield build_settings_judge(name, settings, chat, embedder, metrics)
    finally:
        await chat.close()


@asynccontextmanager
async def _respondent(
    settings: Settings, shared: Parts, agent: bool, ground: Ground
) -> AsyncIterator[Respondent]:
    # Connections belong to one event loop, so each stage has a chat model of its own, and its policy.
    chat = build_resilient_chat(
        settings, settings.generation.backend, shared.embedder, shared.metrics, Policies()
    )
    reranker = shared.reranker
    if settings.retrieval.reranker == "llm":
        reranker, _ = build_settings_reranker(settings, "llm", shared.embedder, chat)
    # No model stands in for another: it is this one that is measured, and the sweep's own judge judges.
    parts = replace(shared, chat=chat, reranker=reranker, others=(), judge=None, cache=None)
    with TemporaryDirectory(prefix="ardoise-sweep-") as folder:
        manifest = await asyncio.to_thread(_manifest, Path(folder), ground)
        collection = Collection(manifest, with_sparse_leg(parts, settings, ground.index))
        searcher = (
            searcher_over(collection, parts, settings, parts.reranker)
            if ground.found is None
            else _FoundBefore(ground.found)
        )
        opened = Opened(settings.collection, collection, searcher)
        system = System(settings, parts, _OneCollection(parts, settings, opened))
        try:
            # The first question would wait for what is loaded here.
            await system.conversations.graph(agent=agent, remembers=False)
            if ground.found is None or chat.name == EXTRACTIVE:
                await parts.embedder.embed_query("warm up")
            yield _Respondent(settings, system, opened, agent)
        finally:
            await system.close()
            manifest.close()


class _Respondent:
    def __init__(self, settings: Settings, system: System, opened: Opened, agent: bool) -> None:
        self._settings = settings
        self._system = system
        self._opened = opened
        self._agent = agent

    async def passages(self, question: Question) -> SearchResult:
        """What the chain's one search finds: the question as it is, for as many passages as a prompt gets."""
        retrieval = self._settings.retrieval
        deadline = Deadline.after(self._settings.request.deadline_s)
        request = SearchRequest(question.question.strip(), deadline, retrieval.top_k, retrieval.mode)
        return await self._opened.retriever.search(request)

    async def ask(self, question: Question) -> Asked:
        """The answer of the configured model.

        Raises:
            ModelUnavailable: the model failed, and the system helped itself without it.
        """
        asked = await ask_labelled(self._system, question, self._agent)
        answer, backend = asked.answer, self._settings.generation.backend
        if backend != EXTRACTIVE and answer.grade not in ("full", "cut"):
            why = "; ".join(f"{one.part}: {one.why}" for one in answer.degraded) or "no reason was given"
            raise ModelUnavailable(f"answered without the model ({answer.grade}): {why}")
        return asked

    async def look_back(self, question: Question, asked: Asked) -> Seen:
        """What each stage had of the passages that the question needed."""
        return await look_back(self._system, question, asked)


class _OneCollection(Collections):
    """One collection, which somebody else opened and closes, whatever name is asked for."""

    def __init__(self, parts: Parts, settings: Settings, opened: Opened) -> None:
        super().__init__(parts, settings)
        self._only = opened

    async def get(self, name: str) -> Opened:  # noqa: ARG002 - there is one
        """The collection."""
        return self._only


class _FoundBefore:
    """A search whose hits are known."""

    def __init__(self, found: Found) -> None:
        self._found = found

    async def search(self, request: SearchRequest, stages: Stages | None = None) -> SearchResult:  # noqa: ARG002
        """The hits of a question that was searched for before."""
        return SearchResult(self._found[request.query], {}, {})


def _manifest(folder: Path, ground: Ground) -> Manifest:
    """The documents of the data set as a collection lists them, each with its chunks."""
    manifest = Manifest(folder / "manifest.sqlite")
    if ground.found is None:
        chunks: dict[str, list[Chunk]] = {}
        for chunk in ground.cut[0]:
            chunks.setdefault(chunk.document_id, []).append(chunk)
        manifest.put([(one, _entry(one, chunks.get(one.id, ()))) for one in ground.dataset.documents()])
    return manifest


def _entry(document: Document, chunks: Sequence[Chunk]) -> Entry:
    return Entry(
        id=document.id,
        uri=document.uri,
        mime=document.mime,
        language=document.language,
        metadata=document.metadata,
        origin="",
        place="",
        sha256="",
        fingerprint="",
        chunk_ids=tuple(chunk.id for chunk in chunks),
        terms=0,
        ingested_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
