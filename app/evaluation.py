"""Evaluation over the settings' parts: joins ``eval`` with what the composition root builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from agents.events import Done
from app.parts import build_chat, build_parts, build_searcher, build_settings_chunker, with_sparse_leg
from app.passages import dataset_sources
from app.requests import AskRequest
from app.settings import Settings
from app.system import System
from eval.answers import Asked
from eval.beir import Dataset
from eval.diagnosis import Seen
from eval.judges import build_judge
from eval.judges.base import Called, Judge
from eval.judges.patient import Limits
from eval.judges.replies import ReplyCache
from eval.prices import Price, Prices
from eval.questions import Gold, Question
from eval.quotes import Span, covers, quote_places
from eval.run import Parts as Recipe
from eval.run import RetrievalRun, evaluate_retrieval
from rag.embedding.base import Embedder
from rag.index import build_index_store
from rag.llm.base import ChatModel, Message
from rag.types import Answer

Progress = Callable[[str, int, int], None]


def evaluation_home(settings: Settings) -> Path:
    """Where indexes made for evaluation are kept, apart from the collections that people ask."""
    return settings.home / "eval"


async def evaluate_dataset(
    settings: Settings, dataset: Dataset, progress: Progress | None = None
) -> RetrievalRun:
    """One retrieval run with the settings' parts over an index of its own, which later runs use again.

    Raises:
        BadInput, ConfigurationError: the data set or the settings cannot be used.
        IndexInUse: another evaluation is running in the same home.
    """
    home = evaluation_home(settings)
    store = build_index_store("edge", root=home / "collections", command="ardoise eval run")
    parts = build_parts(settings, store)
    try:
        return await evaluate_retrieval(
            dataset,
            Recipe(
                chunker=build_settings_chunker(settings, parts.embedder),
                embedder=parts.embedder,
                sparse=parts.sparse,
                store=store,
                retriever=lambda index: build_searcher(
                    parts,
                    settings,
                    with_sparse_leg(parts, settings, index),
                    parts.reranker,
                    dataset_sources(dataset, index),
                ),
            ),
            settings.retrieval.mode,
            home,
            settings={"settings": shaping_settings(settings)},
            deadline_s=settings.request.deadline_s,
            progress=progress,
        )
    finally:
        await store.close()


def shaping_settings(settings: Settings) -> dict[str, Any]:
    """The settings that shape a ranking, by ``section.name``: no secrets, addresses or places."""
    shown = {
        "chunking": settings.chunking.model_dump(),
        "embedding": settings.embedding.model_dump(include={"model", "runtime", "precision"}),
        "retrieval": settings.retrieval.model_dump(exclude={"top_k"}),
    }
    shown["embedding"]["model"] = Path(settings.embedding.model).name
    shown["retrieval"]["reranker_model"] = Path(settings.retrieval.reranker_model).name
    return {f"{section}.{name}": value for section, of in shown.items() for name, value in of.items()}


async def ask_labelled(system: System, question: Question, agent: bool = True) -> Asked:
    """Asks a labelled question with the conversation that goes before it; without ``agent`` the chain."""
    history = [Message(turn.role, turn.content) for turn in question.turns]
    done = Done(Answer(""))
    request = AskRequest(question=question.question, cached=False, agent=agent)
    async with aclosing(system.ask_events(request, history)) as events:
        async for event, _ in events:
            if isinstance(event, Done):
                done = event
    acts = [step.detail for step in done.answer.trace if step.node == "act"]
    calls = [Called(act["tool"], act["arguments"], act["result"]) for act in acts]
    searches = [str(call.arguments.get("query", "")) for call in calls if call.name == "search_corpus"]
    contexts = tuple(hit.chunk.text for hit in done.hits)
    return Asked(done.answer, contexts, tuple(calls), done.hits, tuple(filter(str.strip, searches)))


async def look_back(system: System, question: Question, asked: Asked) -> Seen:
    """What each stage had of the passages that a question needed, by doing its searches again."""
    found = [await system.candidates(query) for query in asked.searches]
    legs: dict[str, list[str]] = {}
    for one in found:
        for leg, ranking in one.legs.items():
            legs.setdefault(leg, []).extend(ranking)
    answered = [step for step in asked.answer.trace if step.node == "answer"]
    return Seen(
        gold=[await _holders(system, gold) for gold in question.gold],
        legs=legs,
        fused=[chunk for one in found for chunk in one.fused],
        reranked=[hit.chunk.id for hit in asked.hits] if any(one.reranks for one in found) else None,
        context=[chunk for step in answered for chunk in step.detail["passages"]],
    )


async def _holders(system: System, gold: Gold) -> frozenset[str]:
    """The chunks that cover a gold quote."""
    there = await system.library.passages(gold.document_id)
    if there is None:
        return frozenset()
    document, chunks = there
    quote = quote_places(document.id, gold.quote, document.text)
    return frozenset(chunk.id for chunk in chunks if covers(Span.of(chunk), quote))


def build_judge_chat(settings: Settings, embedder: Embedder) -> ChatModel:
    """The model that judges: that of the section ``judge``, else the one that answers.

    Raises:
        ConfigurationError: its key or model name is missing.
    """
    generation, judge = settings.generation, settings.judge
    backend = judge.llm or generation.backend
    model = judge.model or (generation.model if backend == generation.backend else None)
    chosen = settings.model_copy(update={"generation": generation.model_copy(update={"model": model})})
    return build_chat(chosen, backend, embedder)


def build_settings_judge(
    name: str, settings: Settings, chat: ChatModel, embedder: Embedder, metrics: Sequence[str] = ()
) -> Judge | None:
    """The judge of this name, asked as the settings say, with its replies kept under ``home``.

    Raises:
        UnknownChoice, ConfigurationError, MissingExtra: as ``build_judge``.
    """
    asked = settings.judge
    limits = Limits(
        concurrency=asked.concurrency,
        per_minute=asked.per_minute,
        attempts=asked.attempts,
        call_s=asked.deadline_s,
    )
    path = settings.home / "cache" / "judge.sqlite"
    cache = ReplyCache(path, max_entries=asked.cache_entries) if asked.cache_entries else None
    return build_judge(name, chat, embedder, metrics=metrics, limits=limits, cache=cache)


def settings_prices(settings: Settings) -> Prices:
    """The prices that the settings hold, by model."""
    return {name: Price(**price.model_dump()) for name, price in settings.prices.items()}
