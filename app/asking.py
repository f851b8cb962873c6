"""What a run of the graph works with on one request: parts, tools over the collection, and bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from agents.bounds import Bounds
from agents.state import Context
from agents.tools import Listed, default_tools
from agents.tools.mcp import Offered
from app.collections import Opened
from app.parts import Parts
from app.settings import Settings
from app.views import Json
from eval.prices import model_of
from rag import retriever
from rag.answer.answerer import Answerer, AnswerLimits, Recall
from rag.answer.review import Review
from rag.context import HISTORY_SHARE
from rag.embedding import thin_cosine
from rag.index.filters import Filter
from rag.llm.base import ChatModel
from rag.resilience.deadline import Deadline
from rag.telemetry.stages import Stages
from rag.types import Document, Hit, Usage

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore

RESERVE_SHARE = 0.1
"""Share of a request's time that is kept for the answer, where the settings' reserve would be more."""


class OpenLibrary:
    """The documents of an open collection, as tools read them."""

    def __init__(self, opened: Opened) -> None:
        self._manifest = opened.collection.manifest

    async def documents(self) -> Sequence[Listed]:
        """All of them, in the order of their ids."""
        entries = await asyncio.to_thread(self._manifest.documents)
        return [Listed(one.id, str(one.metadata.get("title") or one.id), one.language) for one in entries]

    async def document(self, document_id: str, /) -> Document:
        """One with its text; ``NotFound`` if there is none of that id."""
        return await asyncio.to_thread(self._manifest.document, document_id)

    async def known(self, ids: Collection[str]) -> Collection[str]:
        """Those of ``ids`` that are documents of the collection."""
        return await asyncio.to_thread(self._manifest.entries, ids)


def request_context(
    settings: Settings,
    parts: Parts,
    opened: Opened,
    chat: ChatModel,
    deadline: Deadline,
    store: BaseStore | None,
    user: str,
    recall: Recall | None = None,
    foreign: Offered | None = None,
) -> tuple[Context, Json]:
    """The context of one request, and the names of the parts, which fill in as they are used.

    Of two tools of one name, ours is called and not the ``foreign`` one.
    """
    retrieval, generation, stages = settings.retrieval, settings.generation, Stages()
    names: Json = {"llm": chat.name, "reranker_why": parts.reranker_why}
    foreign = foreign or Offered()
    names.update({f"mcp.{server}_left_out": why for server, why in foreign.left_out.items()})

    async def search(query: str, until: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        request = retriever.SearchRequest(query, until, retrieval.top_k, retrieval.mode, filter)
        result = await opened.retriever.search(request, stages)
        names.update(result.parts)
        names.update({f"{item.part}_left_out": item.why for item in result.degraded})
        return list(result.hits)

    library = OpenLibrary(opened)
    limits = AnswerLimits(generation.prompt_tokens, generation.max_tokens)
    review = Review(parts.embedder, parts.judge)
    context = Context(
        chat,
        parts.offline,
        {tool.name: tool for tool in foreign.tools} | default_tools(search, library, store, user),
        Answerer(parts.offline, limits, parts.others, recall, parts.metrics, review),
        deadline,
        stages,
        build_bounds(settings, chat, deadline),
        # What no prompt has room for word for word is better summarised, while there is time, than cut.
        history_tokens=min(settings.memory.history_tokens, int(HISTORY_SHARE * generation.prompt_tokens)),
        keep_turns=settings.memory.keep_turns,
        thin_cosine=thin_cosine(parts.embedder),
        known=library.known,
    )
    return context, names


def build_bounds(settings: Settings, chat: ChatModel, deadline: Deadline) -> Bounds:
    """What one request may use, priced as the settings price its model."""
    agent, generation = settings.agent, settings.generation
    price = settings.prices.get(model_of(chat.name))
    return Bounds(
        steps=agent.steps,
        tool_calls=agent.tool_calls,
        parallel=agent.parallel,
        rewrites=agent.rewrites,
        tokens=agent.tokens,
        money=agent.money if price else None,
        prompt_price=price.prompt if price else 0.0,
        completion_price=price.completion if price else 0.0,
        answer=Usage(generation.prompt_tokens, generation.max_tokens),
        reserve_s=min(agent.reserve_s, RESERVE_SHARE * deadline.remaining),
    )
