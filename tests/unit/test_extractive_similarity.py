"""Sentences are compared with a question by the encoder that knows the languages of both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rag.embedding.base import Vectors
from rag.embedding.bilingual import BilingualEmbedder
from rag.llm.base import Evidence, Passage
from rag.llm.extractive_sentences import candidates
from rag.llm.extractive_similarity import Comparing
from rag.resilience.workers import Workers
from tests.fakes import HashingEmbedder

ENGLISH = Passage(1, "The cache keeps keys of past tokens. It grows with every new token.", "Cache", "en")
FRENCH = Passage(2, "Le cache garde les clés des jetons passés. Il grandit à chaque jeton.", "Cache", "fr")
ACROSS = 0.1


class Noting(HashingEmbedder):
    """Remembers what it was given; a name of its own."""

    def __init__(self, name: str, languages: frozenset[str] | None = None) -> None:
        self.name = name
        self.languages = languages
        self.documents: list[str] = []
        self.asked: list[str] = []

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.documents += texts
        return await super().embed_documents(texts)

    async def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        return await super().embed_query(text)


def _both() -> tuple[Noting, Noting, BilingualEmbedder]:
    english, other = Noting("english", frozenset(["en"])), Noting("other")
    return english, other, BilingualEmbedder(english, other, Workers(threads=1))


@pytest.mark.parametrize(
    ("question", "language", "by_english", "by_other"),
    [
        ("What does the cache keep?", "en", ENGLISH, FRENCH),
        ("Que garde le cache ?", "fr", None, FRENCH),
    ],
)
async def test_only_english_with_english_goes_to_the_encoder_for_english(
    question: str, language: str, by_english: Passage | None, by_other: Passage
) -> None:
    english, other, both = _both()
    evidence = Evidence(question, (ENGLISH, FRENCH), language)
    await (await Comparing(both, 0.9, ACROSS).of(evidence, candidates(evidence.passages))).to(question)
    for encoder, passage in ((english, by_english), (other, by_other)):
        texts = [one.text for one in candidates([passage])] if passage else []
        assert set(texts) <= set(encoder.documents)
        assert encoder.asked == ([question] if passage else [])
    assert not {one.text for one in candidates([FRENCH])} & set(english.documents)


async def test_a_sentence_of_another_language_is_raised_where_the_encoder_knows_both() -> None:
    question, foreign = "What does the cache keep?", np.array([False, False, True, True])
    evidence = Evidence(question, (ENGLISH, FRENCH), "en")
    found = candidates(evidence.passages)
    for languages, raised in ((None, ACROSS), (frozenset(["fr"]), 0.0)):
        near = [
            await (await Comparing(Noting("one", languages), 0.9, across).of(evidence, found)).to(question)
            for across in (0.0, ACROSS)
        ]
        assert near[1] - near[0] == pytest.approx(raised * foreign)


async def test_a_text_is_embedded_once_however_it_is_compared() -> None:
    encoder = Noting("one")
    evidence = Evidence("What does the cache keep?", (ENGLISH,), "en")
    compared = await Comparing(encoder, 0.9, ACROSS).of(evidence, candidates(evidence.passages))
    await compared.to(evidence.question)
    await compared.around(evidence.question)
    assert encoder.asked == [evidence.question]


async def test_two_sentences_of_two_encoders_are_not_alike() -> None:
    _, _, both = _both()
    evidence = Evidence("What does the cache keep?", (ENGLISH, FRENCH), "en")
    likeness = (await Comparing(both, 0.9, ACROSS).of(evidence, candidates(evidence.passages))).likeness
    assert np.diag(likeness) == pytest.approx(np.ones(4))
    assert not likeness[:2, 2:].any()
