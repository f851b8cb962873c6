"""Two encoders in one vector: each question ranks passages exactly as the encoder of its language does."""

from __future__ import annotations

import numpy as np
import pytest

from rag.embedding.base import Vectors
from rag.embedding.bilingual import BilingualEmbedder
from rag.resilience.workers import Workers
from tests.fakes import HashingEmbedder

PASSAGES = ["the cache grows", "le cache grandit", "keys and values", "les clés et les valeurs", "the the"]
ENGLISH = "What does the cache do with the keys?"
FRENCH = "Que fait le cache avec les clés ?"


class Named(HashingEmbedder):
    """Counts its questions; another name gives other vectors."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0

    async def embed_query(self, text: str) -> Vectors:
        self.asked += 1
        return await super().embed_query(text)

    def _vector(self, text: str) -> Vectors:
        return super()._vector(" ".join(word + self.name for word in text.split()))


@pytest.fixture
def pair() -> tuple[Named, Named, BilingualEmbedder]:
    english, other = Named("english"), Named("other")
    return english, other, BilingualEmbedder(english, other, Workers(threads=1))


@pytest.mark.parametrize(("question", "place"), [(ENGLISH, 0), (FRENCH, 1)])
async def test_scores_are_those_of_the_encoder_of_the_language_over_the_root_of_two(
    pair: tuple[Named, Named, BilingualEmbedder], question: str, place: int
) -> None:
    encoder, both = pair[place], pair[2]
    made = await both.embed_documents(PASSAGES) @ await both.embed_query(question)
    alone = await encoder.embed_documents(PASSAGES) @ await encoder.embed_query(question)
    np.testing.assert_allclose(made, alone / np.sqrt(2), atol=1e-6)


async def test_a_question_is_embedded_by_one_encoder_alone(
    pair: tuple[Named, Named, BilingualEmbedder],
) -> None:
    english, other, both = pair
    await both.embed_query(ENGLISH)
    assert (english.asked, other.asked) == (1, 0)
    await both.embed_query(FRENCH)
    assert (english.asked, other.asked) == (1, 1)
    await both.embed_query("Что кэш делает с ключами?")
    assert (english.asked, other.asked) == (1, 2)


def test_it_is_named_after_both_and_as_long_as_both(pair: tuple[Named, Named, BilingualEmbedder]) -> None:
    both = pair[2]
    assert both.name == "bilingual(english, other)"
    assert both.dimension == 2 * HashingEmbedder.dimension


async def test_english_questions_may_be_shared_out_between_both(
    pair: tuple[Named, Named, BilingualEmbedder],
) -> None:
    english, other, _ = pair
    both = BilingualEmbedder(english, other, Workers(threads=1), share=0.6)
    made = await both.embed_documents(PASSAGES) @ await both.embed_query(ENGLISH)
    halves = [
        await one.embed_documents(PASSAGES) @ await one.embed_query(ENGLISH) for one in (english, other)
    ]
    np.testing.assert_allclose(made, (0.6 * halves[0] + 0.8 * halves[1]) / np.sqrt(2), atol=1e-6)
    french = await both.embed_query(FRENCH)
    np.testing.assert_array_equal(french[: english.dimension], 0)
    assert np.linalg.norm(await both.embed_query(ENGLISH)) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(
    ("other", "both"), [(None, None), (frozenset({"fr", "de"}), frozenset({"en", "fr", "de"}))]
)
def test_it_serves_english_and_what_the_other_encoder_serves(
    pair: tuple[Named, Named, BilingualEmbedder], other: frozenset[str] | None, both: frozenset[str] | None
) -> None:
    pair[0].languages = frozenset({"en"})
    pair[1].languages = other
    assert pair[2].languages == both


def test_token_vectors_come_from_the_encoder_of_the_language(
    pair: tuple[Named, Named, BilingualEmbedder],
) -> None:
    english, other, both = pair
    assert both.token_embedder("en") is english
    assert both.token_embedder("fr") is other
