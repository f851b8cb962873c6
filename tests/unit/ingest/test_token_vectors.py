"""Token vectors at ingestion: made where the settings ask for them, each by the encoder of its language."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ingest.collection import Collection
from ingest.token_vectors import with_token_vectors
from rag.embedding.base import TokenEmbedder
from rag.headed import passage_text
from rag.index.base import Point
from rag.types import Chunk, SparseVector
from tests.fakes import HashingEmbedder
from tests.fakes_index import FakeIndex
from tests.unit.ingest.running import counts, run


class Named(HashingEmbedder):
    def __init__(self, name: str) -> None:
        self.name = name


class TwoEncoders(HashingEmbedder):
    """An encoder for English, one for French, none for other languages."""

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return Named(language) if language in ("en", "fr") else None


async def test_without_being_asked_for_none_are_made(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    assert [one.tokens for one in index.points.values()] == [None] * len(index.points)


async def test_they_are_made_of_the_passage_as_the_reranker_reads_it(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs, token_vectors=True)
    embedder = HashingEmbedder()
    for one in index.points.values():
        [vectors] = await embedder.embed_tokens([passage_text(one.chunk)], "document")
        assert one.tokens is not None
        assert one.tokens.encoder == embedder.name
        np.testing.assert_array_equal(one.tokens.vectors, vectors.astype(np.float16))


async def test_a_collection_gets_and_loses_them_at_the_next_ingestion(
    collection: Collection, index: FakeIndex, docs: Path
) -> None:
    await run(collection, docs)
    for wanted in (True, False):
        assert counts(await run(collection, docs, token_vectors=wanted)) == (0, 3, 0, 0)
        assert {one.tokens is not None for one in index.points.values()} == {wanted}
        assert counts(await run(collection, docs, token_vectors=wanted)) == (0, 0, 3, 0)


async def test_each_language_has_its_encoder_and_order_is_kept() -> None:
    languages = ["fr", "en", "de", "fr"] * 20  # more than are embedded at once
    points = [
        Point(
            Chunk(f"{n}", "d", f"text {n}", 0, 6, ("A heading",), metadata={"language": language}),
            np.ones(3, dtype=np.float32),
            SparseVector((), ()),
        )
        for n, language in enumerate(languages)
    ]
    made = await with_token_vectors(points, TwoEncoders())
    assert [one.chunk for one in made] == [one.chunk for one in points]
    assert [one.tokens and one.tokens.encoder for one in made] == [
        None if language == "de" else language for language in languages
    ]
    for one in made:
        if one.tokens is not None:
            [vectors] = await HashingEmbedder().embed_tokens([passage_text(one.chunk)], "document")
            np.testing.assert_array_equal(one.tokens.vectors, vectors.astype(np.float16))
