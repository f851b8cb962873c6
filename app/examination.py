"""Tries each part by itself, so that one that fails hides no other: what ``ardoise doctor`` prints."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Literal

from agents.memory import build_threads
from agents.tools.mcp import McpServer, mcp_tools
from app.parts import build_chat, build_mcp_servers, build_settings_embedder, build_store
from app.settings import Settings
from rag.embedding import local_models, why_torch
from rag.embedding.weights import find_weights
from rag.errors import ArdoiseError
from rag.llm.base import ChatRequest, Message
from rag.reranking import build_reranker
from rag.resilience.deadline import Deadline

Status = Literal["ok", "fallback", "failed"]

ENOUGH_BYTES = 1_000_000_000
"""Free space below which ingestion may fail."""

PATIENCE_S = 20.0
"""Seconds that a model's backend has to answer one word."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part: what runs, and why it is not what one would hope for, or what to do."""

    part: str
    status: Status
    what: str
    why: str = ""


async def examine(settings: Settings) -> list[Check]:
    """All parts, tried one after the other."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[Check]]]] = [
        ("home", _home),
        ("embedder", _embedder),
        ("index", _index),
        ("reranker", _reranker),
        ("llm", _llm),
        ("threads", _threads),
        ("ragas", _ragas),
        *((f"mcp.{server.name}", partial(examine_server, server)) for server in build_mcp_servers(settings)),
    ]
    return [await _tried(part, check, settings) for part, check in checks]


async def _tried(part: str, check: Callable[[Settings], Awaitable[Check]], settings: Settings) -> Check:
    try:
        return await check(settings)
    except (ArdoiseError, OSError) as error:
        return Check(part, "failed", "does not work", str(error))


async def _home(settings: Settings) -> Check:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    what = f"{settings.home}, {free / 1e9:.1f} GB free"
    return Check(
        "home", "ok" if free > ENOUGH_BYTES else "failed", what, "" if free > ENOUGH_BYTES else "make room"
    )


async def _embedder(settings: Settings) -> Check:
    embedder = build_settings_embedder(settings)
    await embedder.embed_query("does it work?")
    await embedder.embed_query("est-ce que cela fonctionne ?")
    what = f"{embedder.name}, {embedder.dimension} dimensions, {embedder.max_tokens} tokens"
    chosen, models = settings.embedding, settings.home / "models"
    whys = {
        model: why_torch(find_weights(model, chosen.weights, models), chosen.runtime, models)
        for model in local_models(chosen.model, chosen.url)
    }
    slow = [f"{model} on PyTorch: {why}" for model, why in whys.items() if why]
    return Check("embedder", "ok", what, "; ".join(slow))


async def _index(settings: Settings) -> Check:
    store = build_store(settings, "ardoise doctor", None)
    names = await store.names()
    for name in names:
        await (await store.open(name)).close()
    await store.close()
    where = f"Qdrant at {settings.index.qdrant_url}" if settings.index.qdrant_url else "Qdrant Edge, embedded"
    return Check("index", "ok", f"{where}; collections: {', '.join(names) or 'none yet'}")


async def _reranker(settings: Settings) -> Check:
    wanted = settings.retrieval.reranker
    reranker, why = build_reranker(wanted, model=settings.retrieval.reranker_model)
    stands_in = wanted == "auto" and reranker.name == "none"
    return Check("reranker", "fallback" if stands_in else "ok", reranker.name, why)


async def _llm(settings: Settings) -> Check:
    backend = settings.generation.backend
    chat = build_chat(settings, backend, build_settings_embedder(settings))
    if backend == "extractive":
        return Check(
            "llm",
            "ok",
            "extractive: quotes sentences, writes none; set MISTRAL_API_KEY or ARDOISE_VLLM_URL for a model",
        )
    try:
        request = ChatRequest((Message("user", "Say yes."),), Deadline.after(PATIENCE_S), max_tokens=16)
        reply = await chat.complete(request)
    finally:
        await chat.close()
    return Check("llm", "ok", f"{chat.name} answers as {reply.model}")


async def _threads(settings: Settings) -> Check:
    path, url = settings.home / "threads.sqlite", settings.memory.database_url
    kind = "postgres" if url else "sqlite"
    async with build_threads(kind, path=path, url=url.get_secret_value() if url else ""):
        return Check("threads", "ok", "PostgreSQL, as DATABASE_URL says" if url else f"SQLite, {path}")


async def examine_server(server: McpServer, _settings: Settings) -> Check:
    """One server of tools; one that is down is no failure of ours: questions are answered without it."""
    part = f"mcp.{server.name}"
    try:
        async with mcp_tools(server) as offered:
            names = ", ".join(tool.name for tool in offered.tools) or "none"
            what = f"{len(offered.tools)} tools, approval {server.approval}: {names}"
            why = "; ".join(offered.left_out.values())
            return Check(part, "fallback" if why else "ok", what, why)
    except ArdoiseError as error:
        return Check(part, "fallback", "left out", str(error))


async def _ragas(_settings: Settings) -> Check:
    found = await asyncio.to_thread(find_spec, "ragas")
    if found:
        return Check("ragas", "ok", "installed; judges answers with a configured model")
    return Check(
        "ragas", "fallback", "not installed; the judges none and support work", "pip install 'ardoise[ragas]'"
    )
