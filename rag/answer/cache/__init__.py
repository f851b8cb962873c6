"""Answers that are given again: kept in the process or in Redis, found by the same words or by meaning."""

from __future__ import annotations

from rag.answer.cache.answers import AnswerCache
from rag.answer.cache.base import AnswerStore
from rag.embedding.base import Embedder
from rag.errors import UnknownChoice
from rag.telemetry.metrics import Metrics

STORES = ("memory", "redis")


def build_answer_cache(
    kind: str,
    *,
    url: str = "",
    entries: int = 1000,
    fresh_s: float = 3600.0,
    kept_s: float = 86_400.0,
    embedder: Embedder | None = None,
    similarity: float | None = None,
    metrics: Metrics | None = None,
) -> AnswerCache:
    """The answer cache over the store called ``kind``.

    Args:
        kind: ``memory`` or ``redis``.
        url: of the Redis server.
        entries: answers kept at most; the one that was used longest ago goes first.
        fresh_s: age in seconds up to which an answer is given in place of a new one.
        kept_s: age up to which it is given when no model can answer.
        embedder: compares questions by meaning; without it or ``similarity`` only the same words find.
        similarity: cosine from which two questions are taken for one.
        metrics: where finds and misses are counted, as ``answer_cache`` by ``outcome``.

    Raises:
        UnknownChoice: there is no such store.
        ConfigurationError: the URL is none of a Redis server.
        MissingExtra: the package for Redis is not installed.
    """
    return AnswerCache(
        _build_store(kind, url, entries, kept_s),
        fresh_s=min(fresh_s, kept_s),
        embedder=embedder,
        similarity=similarity,
        metrics=metrics,
    )


def _build_store(kind: str, url: str, entries: int, kept_s: float) -> AnswerStore:
    match kind:
        case "memory":
            from rag.answer.cache.memory import MemoryStore

            return MemoryStore(entries, kept_s)
        case "redis":
            from rag.answer.cache.redis import RedisStore

            return RedisStore(url, entries, kept_s)
    raise UnknownChoice("answer store", kind, STORES)
