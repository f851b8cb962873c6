"""A whole system on small deterministic parts: everything real but the weights."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from agents.tools.connections import ToolSource
from app.parts import Parts
from app.settings import Settings, load_settings
from app.system import System, open_system
from rag.answer.cache.answers import AnswerCache
from rag.fusion import build_fusion
from rag.index import build_index_store
from rag.llm.base import ChatModel
from rag.llm.extractive import ExtractiveChat
from rag.reranking.none import NoReranker
from rag.resilience.workers import Workers
from rag.sparse import build_sparse_encoder
from tests.fakes import HASHED, HashingEmbedder

PAGES = {
    "inference/kv-cache.md": (
        "---\ntitle: KV cache\nlang: en\ntags: [inference]\n---\n# KV cache\n\n"
        "The KV cache of Mistral 7B takes 131,072 bytes per token.\n\n"
        "Paging removes the fragmentation of the KV cache.\n"
    ),
    "retrieval/rrf.md": (
        "---\ntitle: RRF\nlang: en\ntags: [retrieval]\n---\n# RRF\n\n"
        "Reciprocal rank fusion adds up the reciprocal ranks of each leg, so it needs no calibrated scores.\n"
    ),
    "retrieval/fusion.md": (
        "---\ntitle: Fusion\nlang: fr\ntags: [retrieval]\n---\n# Fusion\n\n"
        "La fusion par rang réciproque additionne l'inverse des rangs de chaque liste.\n"
    ),
}


def write_pages(folder: Path) -> Path:
    """A small handbook in ``folder``/book."""
    for name, text in PAGES.items():
        path = folder / "book" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "book"


def small_settings(home: Path) -> Settings:
    """Settings that keep everything under ``home``."""
    return load_settings({"ARDOISE_HOME": str(home)}, {"chunking.size": 64, "chunking.overlap": 8})


def small_system(
    settings: Settings,
    chat: ChatModel | None = None,
    owner: str = "test",
    url: str | None = None,
    cache: AnswerCache | None = None,
    foreign: ToolSource | None = None,
) -> AbstractAsyncContextManager[System]:
    """A system whose embedder hashes words; ``chat`` answers, or the extractive model."""
    parts = small_parts(settings, owner, url)
    parts = replace(parts, chat=chat or parts.chat, cache=cache, foreign=foreign)
    return open_system(settings, owner, url, parts)


def small_parts(settings: Settings, owner: str = "test", url: str | None = None) -> Parts:
    """Parts of a system as ``small_system`` makes it."""
    embedder = HashingEmbedder()
    offline = ExtractiveChat(embedder, HASHED)
    return Parts(
        embedder=embedder,
        sparse=build_sparse_encoder(),
        store=build_index_store("edge", root=settings.home / "collections", command=owner, url=url),
        reranker=NoReranker(),
        reranker_why="as configured",
        fusion=build_fusion(),
        workers=Workers(threads=1),
        chat=offline,
        offline=offline,
    )
