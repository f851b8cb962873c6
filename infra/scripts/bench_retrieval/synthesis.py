"""Makes the material of the benchmark from a BEIR folder, with the project's own encoder and analyzer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from app.parts import build_settings_embedder
from app.settings import load_settings
from bench_retrieval.material import Side
from eval.beir import read_dataset
from rag.embedding.base import Vectors
from rag.sparse import build_sparse_encoder
from synthetic import mixtures

_BATCH = 1000


async def synthesise(data: Path, sizes: Sequence[int], queries: int, scratch: Path) -> None:
    """Writes ``scratch/queries.*`` and, for each size, ``scratch/SIZE/chunks.*``.

    The documents' vectors come from the embedding cache where it has them. All queries are distinct.
    """
    dataset = read_dataset(data)
    embedder = build_settings_embedder(load_settings())
    texts = [document.text for document in dataset.documents()]
    vectors = await embedder.embed_documents(texts)
    asked = list(dict.fromkeys(query.text for query in dataset.queries))[:queries]
    asked_vectors = np.array([await embedder.embed_query(text) for text in asked], dtype=np.float32)
    _side(asked, asked_vectors, query=True).save(scratch, "queries")
    for size in sizes:
        made = list(mixtures(texts, vectors, size))
        folder = scratch / str(size)
        folder.mkdir(parents=True)
        chunks = _side([text for text, _ in made], np.array([vector for _, vector in made]), query=False)
        chunks.save(folder, "chunks")


def _side(texts: list[str], vectors: Vectors, *, query: bool) -> Side:
    encoder = build_sparse_encoder()
    terms = [encoder.term_ids(text, "en") for text in texts]
    average = float(np.mean([len(found) for found in terms]))
    sparse = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        sparse += (
            [encoder.encode_query(text, "en") for text in batch]
            if query
            else encoder.encode_documents(batch, ["en"] * len(batch), average)
        )
    return Side(
        texts,
        vectors,
        np.array([term for found in terms for term in found], dtype=np.int64),
        _starts([len(found) for found in terms]),
        np.array([index for vector in sparse for index in vector.indices], dtype=np.int64),
        np.array([weight for vector in sparse for weight in vector.values], dtype=np.float32),
        _starts([len(vector.indices) for vector in sparse]),
    )


def _starts(lengths: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array([0, *accumulate(lengths)], dtype=np.int64)
