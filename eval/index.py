"""The index of a run: built once for a corpus and the parts that shape it, then used again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.beir import Dataset
from eval.folder import write_json
from ingest.chunkers.base import Chunker
from ingest.collection import slices
from rag.embedding.base import Embedder, Vectors
from rag.errors import IndexCorrupt, IndexMismatch
from rag.headed import passage_text
from rag.index.base import Index, IndexStore, Point
from rag.retriever import Mode
from rag.sparse.base import SparseEncoder
from rag.types import Chunk, SparseVector

Progress = Callable[[str, int, int], None]
"""Told a stage, how much of it is done, and of how much."""
Cut = tuple[list[Chunk], list[str]]
"""All chunks of a corpus and the language of each."""

_FORMAT = 2
"""Of what ``build`` writes: a change of it makes earlier indexes go unused."""
_NO_DENSE = 1
"""Dimension of the constant that stands for a dense vector where the mode has no dense leg."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an index is made of. Only the legs that the mode searches are computed."""

    dataset: Dataset
    chunker: Chunker
    embedder: Embedder
    sparse: SparseEncoder
    mode: Mode

    @property
    def embedder_name(self) -> str | None:
        """The embedder's name; ``None`` when nothing is embedded."""
        return None if self.mode == "sparse" else self.embedder.name

    @property
    def sparse_name(self) -> str | None:
        """The sparse encoder's name; ``None`` without a sparse leg."""
        return None if self.mode == "dense" else self.sparse.name

    @property
    def collection(self) -> str:
        """A name that stands for the corpus' content and the parts' names."""
        # Chunkers count in the embedder's tokens, so they matter where nothing is embedded too.
        cut = [self.chunker.name, self.embedder.tokenizer]
        made_of = [_FORMAT, self.dataset.digest, *cut, self.embedder_name, self.sparse_name]
        return f"eval-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:24]}"


@dataclass(frozen=True, slots=True)
class Built:
    """What building an index came to: ``bytes`` on this disk, ``None`` if it lies elsewhere."""

    chunks: int
    seconds: float
    bytes: int | None


async def open_index(
    recipe: Recipe, store: IndexStore, folder: Path, progress: Progress | None = None, cut: Cut | None = None
) -> tuple[Index, Built, bool]:
    """The index of a recipe, what it cost, and whether it was there already.

    ``folder`` keeps a note on each index that was finished; one without a note, as a killed run leaves it,
    and one that cannot be read are built anew. ``bytes`` are those of the folder named like the collection
    below ``folder``, if the embedded engine keeps it there. ``cut`` is the cut corpus, where that is known.

    Raises:
        BadInput: a row of the corpus is no document.
        IndexInUse: another run is using this index.
        StorageError, IndexUnavailable, ModelError: as the parts raise them.
    """
    name = recipe.collection
    note = folder / f"{name}.json"
    there = await store.names()
    built = _read(note)
    if built and name in there:
        try:
            return await store.open(name), built, True
        except (IndexCorrupt, IndexMismatch):
            there = await store.names()
    if name in there:
        await store.drop(name)
    start = time.perf_counter()
    progress = progress or (lambda *_: None)
    chunks = await _build(
        recipe, store, progress, cut or cut_corpus(recipe.dataset, recipe.chunker, progress)
    )
    seconds = round(time.perf_counter() - start, 3)
    built = Built(chunks, seconds, _size(folder, name))
    write_json(folder, note.name, asdict(built))
    return await store.open(name), built, False


async def _build(recipe: Recipe, store: IndexStore, progress: Progress, cut: Cut) -> int:
    chunks, languages = cut
    dimension = _NO_DENSE if recipe.mode == "sparse" else recipe.embedder.dimension
    index = await store.create(recipe.collection, dimension)
    try:
        average = _average_length(recipe, chunks, languages)
        done = 0
        for part, spoken in zip(slices(chunks), slices(languages), strict=True):
            texts = [passage_text(chunk) for chunk in part]
            dense = await _dense(recipe, texts)
            sparse = _sparse(recipe, texts, spoken, average)
            await index.upsert([Point(*point) for point in zip(part, dense, sparse, strict=True)])
            done += len(part)
            progress("index", done, len(chunks))
    finally:
        await index.close()
    return len(chunks)


def cut_corpus(dataset: Dataset, chunker: Chunker, progress: Progress) -> Cut:
    """All chunks and the language of each: BM25 wants the average length before the first vector."""
    chunks: list[Chunk] = []
    languages: list[str] = []
    total = dataset.size
    for done, document in enumerate(dataset.documents(), 1):
        cut = chunker.split(document)
        chunks += cut
        languages += [document.language] * len(cut)
        progress("read", done, total)
    return chunks, languages


def _average_length(recipe: Recipe, chunks: Sequence[Chunk], languages: Sequence[str]) -> float:
    if recipe.mode == "dense":
        return 0.0
    lengths = [
        recipe.sparse.length(passage_text(chunk), language)
        for chunk, language in zip(chunks, languages, strict=True)
    ]
    return max(1.0, sum(lengths) / len(lengths))


async def _dense(recipe: Recipe, texts: Sequence[str]) -> Vectors:
    if recipe.mode == "sparse":
        return np.ones((len(texts), _NO_DENSE), dtype=np.float32)
    return await recipe.embedder.embed_documents(texts)


def _sparse(
    recipe: Recipe, texts: Sequence[str], languages: Sequence[str], average: float
) -> list[SparseVector]:
    if recipe.mode == "dense":
        return [SparseVector((), ())] * len(texts)
    return recipe.sparse.encode_documents(texts, languages, average)


def _read(note: Path) -> Built | None:
    try:
        fields: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        return Built(**fields)
    except (OSError, ValueError, TypeError):
        return None  # no note, or none of ours: the index is made anew


def _size(folder: Path, name: str) -> int | None:
    place = next((path for path in folder.rglob(name) if path.is_dir()), None)
    if place is None:
        return None
    # Files of the engine are sparse: what counts is the space that they take on the disk.
    return sum(path.stat().st_blocks * 512 for path in place.rglob("*") if path.is_file())
