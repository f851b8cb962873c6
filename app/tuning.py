"""Tuning with the settings' parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.evaluation import evaluation_home
from app.parts import build_parts, build_retriever, build_settings_chunker
from app.settings import Settings
from eval.beir import Dataset
from eval.index import Progress
from eval.run import Parts
from eval.tuning.run import Plan, tune
from rag.embedding.weights import DEFAULT_MODEL, find_weights
from rag.index import build_index_store
from rag.reranking.none import NoReranker


async def tune_reranker(
    settings: Settings, dataset: Dataset, plan: Plan, out: Path, encoder: str | None, progress: Progress
) -> dict[str, Any]:
    """The card of a reranker trained from ``encoder``, a model or its folder, with the settings' parts.

    Raises:
        BadInput, ConfigurationError: as ``tune``, or the encoder is nowhere to be found.
        IndexInUse: an evaluation is running in the same home.
    """
    home = evaluation_home(settings)
    weights = find_weights(
        encoder or DEFAULT_MODEL,
        None if encoder else settings.embedding.weights,
        models=settings.home / "models",
    )
    weights.verify()
    store = build_index_store("edge", root=home / "collections", command="ardoise tune reranker")
    parts = build_parts(settings, store)
    try:
        with weights.loadable() as folder:
            return await tune(
                dataset,
                Parts(
                    chunker=build_settings_chunker(settings, parts.embedder),
                    embedder=parts.embedder,
                    sparse=parts.sparse,
                    store=store,
                    retriever=lambda index: build_retriever(parts, settings, index, NoReranker()),
                ),
                folder,
                plan,
                out,
                home,
                progress,
            )
    finally:
        await store.close()
