"""How near sentences are to a question, each compared by the encoder that knows both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.embedding import sentence_embedder
from rag.embedding.base import Embedder, Vectors
from rag.llm.base import Evidence
from rag.llm.extractive_sentences import Candidate

Floats = NDArray[np.float64]

# Sentences about nothing that a collection is likely to hold: how similar a question is to them is what
# "unrelated" means for this embedder (about 0.03 for MiniLM, 0.75 for E5), so thresholds hold for each.
UNRELATED = (
    "The cat slept on the windowsill all afternoon.",
    "Tickets for the concert sold out within an hour.",
    "She painted the kitchen door a pale shade of green.",
    "The river floods the lower fields every spring.",
    "Le marché ouvre le samedi matin sur la place.",
    "Il a oublié son parapluie dans le train.",
    "Son frère joue du piano depuis l'enfance.",
    "La neige tient rarement plus de deux jours ici.",
)


@dataclass(frozen=True, slots=True)
class _Group:
    """The candidates at ``places``, which one encoder compares; ``leads`` of those without one are zero.

    ``handicap`` is what is added where the sentence is in another language than the question.
    """

    encoder: Embedder
    places: NDArray[np.int64]
    own: Vectors
    leads: Vectors
    passages: NDArray[np.int64]
    unrelated: Vectors
    handicap: Floats


class Similarities:
    """Compares all candidates with one text after another; made by ``Comparing.of``.

    ``likeness`` is the cosine of every two candidates, ``[n, n]``; 0 for two that no encoder compares.
    ``given`` is what each similarity holds for being in another language, ``[n]``.
    """

    def __init__(self, groups: Sequence[_Group], asked_before: float) -> None:
        self._groups = groups
        self._asked_before = asked_before
        self._vectors: dict[tuple[int, str], Vectors] = {}
        self._count = sum(len(group.places) for group in groups)
        self.likeness: Floats = np.zeros((self._count, self._count))
        self.given: Floats = np.zeros(self._count)
        for group in groups:
            self.given[group.places] = group.handicap
            self.likeness[np.ix_(group.places, group.places)] = group.own @ group.own.T

    async def to(self, text: str) -> Floats:
        """How much nearer than unrelated sentences each is, or the question before it: 0 to about 1."""
        found = np.zeros(self._count)
        for group in self._groups:
            asked = await self._asked(group, text)
            leads = np.where(group.leads.any(axis=1), group.leads @ asked * self._asked_before, -1.0)
            found[group.places] = _scaled(np.maximum(group.own @ asked, leads), asked, group)
        return found

    async def around(self, text: str) -> Floats:
        """How near the passage of each candidate is: the mean direction of its sentences."""
        found = np.zeros(self._count)
        for group in self._groups:
            asked = await self._asked(group, text)
            near = np.zeros(len(group.places))
            for passage in set(group.passages.tolist()):
                mean = group.own[group.passages == passage].mean(axis=0)
                near[group.passages == passage] = mean @ asked / np.linalg.norm(mean)
            found[group.places] = _scaled(near, asked, group)
        return found

    async def _asked(self, group: _Group, text: str) -> Vectors:
        """The text's vector, made once."""
        key = (id(group.encoder), text)
        if key not in self._vectors:
            self._vectors[key] = await group.encoder.embed_query(text)
        return self._vectors[key]


class Comparing:
    """Makes ``Similarities``; remembers each encoder's unrelated sentences."""

    def __init__(self, embedder: Embedder, asked_before: float, across: float) -> None:
        """``asked_before`` and ``across`` are those of ``Tuning``."""
        self._embedder = embedder
        self._asked_before = asked_before
        self._across = across
        # By identity: an encoder's name may cost the loading of its model.
        self._unrelated: dict[int, Vectors] = {}

    async def of(self, evidence: Evidence, found: Sequence[Candidate]) -> Similarities:
        """The candidates, embedded; ``found`` is not empty."""
        languages = [evidence.passages[candidate.passage].language for candidate in found]
        # English with English by the encoder for English, all else by the one that knows more languages.
        served = [language if evidence.language == "en" else evidence.language for language in languages]
        encoders = {one: sentence_embedder(self._embedder, one) for one in served}
        groups = []
        for encoder in {id(one): one for one in encoders.values()}.values():
            places = [place for place, one in enumerate(served) if encoders[one] is encoder]
            foreign = [languages[place] != evidence.language for place in places]
            groups.append(await self._group(encoder, evidence, found, places, foreign))
        return Similarities(groups, self._asked_before)

    async def _group(
        self,
        encoder: Embedder,
        evidence: Evidence,
        found: Sequence[Candidate],
        places: list[int],
        foreign: list[bool],
    ) -> _Group:
        if id(encoder) not in self._unrelated:
            self._unrelated[id(encoder)] = await encoder.embed_documents(UNRELATED)
        candidates = [found[place] for place in places]
        texts = [f"{one.lead} {one.text}".strip() for one in candidates]
        unique = list(dict.fromkeys([*texts, *(one.lead for one in candidates if one.lead)]))
        rows = {text: row for row, text in enumerate(unique)}
        vectors = await encoder.embed_documents(unique)
        leads = np.zeros((len(candidates), vectors.shape[1]), dtype=np.float32)
        for row, one in enumerate(candidates):
            if one.lead:
                leads[row] = vectors[rows[one.lead]]
        knows = encoder.languages is None or evidence.language in encoder.languages
        return _Group(
            encoder,
            np.array(places),
            vectors[[rows[text] for text in texts]],
            leads,
            np.array([one.passage for one in candidates]),
            self._unrelated[id(encoder)],
            self._across * knows * np.array(foreign, dtype=np.float64),
        )


def _scaled(near: Floats, asked: Vectors, group: _Group) -> Floats:
    """Cosines on a scale from 0, that of unrelated sentences, to 1; another language's raised."""
    background = float(np.mean(group.unrelated @ asked))
    scaled: Floats = np.clip((near - background) / (1 - background), 0, 1) + group.handicap
    return scaled
