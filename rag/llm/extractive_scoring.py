"""Scores sentences against a question, and decides whether they answer it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rag.embedding.base import Embedder
from rag.lexical import content_stems
from rag.llm.abbreviations import expand
from rag.llm.base import Evidence
from rag.llm.extractive_decision import Signs, Weights, signs_of
from rag.llm.extractive_follow_ups import FollowUp, in_full
from rag.llm.extractive_parts import LONG
from rag.llm.extractive_sentences import Candidate
from rag.llm.extractive_similarity import Comparing, Floats


@dataclass(frozen=True, slots=True)
class Tuning:
    """Weights and thresholds of sentence extraction, set on questions about ``docs/handbook``.

    ``relevance = semantic · similarity + (1 − semantic) · overlap`` lies between 0 and 1; the bonuses below
    are added to order the sentences. Overlap and bonuses have no say in abstention: questions that nothing
    answers share words with the pages too, and on the dev questions overlap only blurred the difference.
    """

    semantic: float = 0.6  # overlap alone is fooled by common words, similarity alone by rare names
    related: float = 0.35  # below this similarity, shared words count less: they mean something else there
    title_share: float = 0.4  # what a word of the question counts that only the passage's heading holds
    asked_before: float = 0.9  # share of a question's similarity that goes to the sentence right after it
    across: float = 0.10  # given to a sentence of another language: encoders put texts of one language nearer
    around: float = 0.3  # of the similarity, what goes by the passage: a sentence says little of its subject
    before: float = 0.5  # what a word of the question before counts beside a follow-up's own
    said: float = 1.0  # taken off a sentence for what its similarity to the answer before has above …
    said_already: float = 0.6  # … this: it says the same again
    answering: Weights = field(default_factory=Weights)  # of the signs that decide on abstention
    new_words: float = 0.75  # what a follow-up's own words have to say in it, beside the whole
    rank: float = 0.05  # for the first passage, halved for the second, and so on: breaks ties
    definition: float = 0.12  # "what is X": sentences that begin with X, as definitions do
    opening: float = 0.10  # … and more where it opens a section, or gives X's other name in brackets
    cause: float = 0.05  # "why": sentences that name a cause
    quantity: float = 0.08  # "how many": sentences with a number
    anaphora: float = 0.08  # taken off "It is …": the reader does not see what "it" is
    listed: float = 0.30  # taken off entries of a bibliography
    unclean: float = 0.03  # taken off sentences with link syntax
    most: int = 5  # sentences of an answer, with the one that goes on from the best
    most_of_parts: int = 7  # … to a question with parts, beside those for each part
    near_best: float = 0.75  # of the best score: what is further down pads the answer …
    long: int = LONG  # … but where a question has so many words of content, it asks for more than one thing
    repetition: float = 0.25  # weight of the similarity to what is chosen (MMR, Carbonell & Goldstein, 1998)
    duplicate: float = 0.90  # similarity from which two sentences say the same


_DEFINES = re.compile(
    r"\s*(?:what(?:['’]s| is| are| does)|define|explain|describe|qu['’]est[- ]ce qu(?:e|['’])|c['’]est quoi"
    r"|définis|explique[zr]?)\s*(.+?)(?:[,;:?.]|\b(?:and|et|mean|do)\b|$)",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(r"[^(.,;:]{2,60} \([^)\d]{2,60}\)")
_WHY = re.compile(r"\b(?:why|pourquoi)\b", re.IGNORECASE)
_CAUSE = re.compile(r"\b(?:because|since|so that|therefore|car|parce qu|puisqu|afin)", re.IGNORECASE)
_COUNTS = re.compile(
    r"\b(?:how (?:many|much|long|big|large|far|old)|when|which year|combien|quand)\b", re.IGNORECASE
)
_ANAPHORA = re.compile(
    r"[*_\"'«“(\s]*(?:it|its|they|their|this|these|that|those|he|she|such|both|neither|here|there|il|ils|elles?|ce|cela"
    r"|ces|cette|cet|son|sa|ses|leurs?|celui|celle|ceux|ici|yes|no|not|oui|non|pas)\b(?!-)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates with their likeness to each other and, for each, its relevance and its score with bonuses.

    What scores below ``floor`` is not quoted.

    ``similarity`` is that to the whole question, after all that was said where it is a follow-up, and without
    what is given to another language; ``around`` that of its passage. ``asked`` are the words that are new,
    ``parts`` is the relevance to each part of the question by itself.
    """

    candidates: Sequence[Candidate]
    likeness: Floats
    similarity: Floats
    around: Floats
    relevance: Floats
    score: Floats
    floor: float
    asked: str
    parts: Sequence[Floats] = ()


class Scorer:
    """Scores sentences of any language that the embedder serves."""

    def __init__(self, embedder: Embedder, tuning: Tuning) -> None:
        self._tuning = tuning
        self._comparing = Comparing(embedder, tuning.asked_before, tuning.across)

    async def score(
        self, evidence: Evidence, found: Sequence[Candidate], follows: FollowUp | None = None
    ) -> Scored:
        """Scores of all candidates; ``found`` is not empty.

        With ``follows``, a sentence counts by the reading of the follow-up that it fits best, and its passage
        by all that was said; one that says the last answer again counts less.
        """
        compared = await self._comparing.of(evidence, found)
        told = follows.told if follows else evidence.question
        similarity = whole = await compared.to(told)
        asked, again = evidence, np.zeros(len(found))
        if follows:
            asked = replace(evidence, question=follows.own)
            similarity = np.max([await compared.to(reading) for reading in follows.readings], axis=0)
            if follows.said:
                again = np.maximum(0, await compared.to(follows.said) - self._tuning.said_already)
        share, around = self._tuning.around, await compared.around(told)
        similarity = (1 - share) * similarity + share * around
        relevance = self._relevance(similarity, self._overlap(evidence, found, asked.question))
        parts = [
            self._relevance(
                await compared.to(part), self._overlap(replace(evidence, question=part), found, part)
            )
            for part in evidence.parts
        ]
        score = relevance + self._bonuses(asked, found) - self._tuning.said * again
        long = len(set(content_stems(asked.question, evidence.language))) >= self._tuning.long
        floor = 0.0 if long else self._tuning.near_best * float(score.max())
        plain, around = whole - compared.given, around - compared.given
        return Scored(found, compared.likeness, plain, around, relevance, score, floor, asked.question, parts)

    async def answering(
        self, evidence: Evidence, found: Sequence[Candidate], follows: FollowUp | None = None
    ) -> Scored | None:
        """The scores of the candidates if they answer, else nothing; ``found`` is not empty.

        What is new in a follow-up has to be answered too: by itself, where it asks in full.
        """
        scored = await self.score(evidence, found, follows)
        sure = self._sure(evidence, scored)
        if follows:
            alone = replace(evidence, question=follows.own)
            by_itself = await self.score(alone, found)
            new = self._sure(alone, by_itself)
            if in_full(follows.own):
                scored, sure = (by_itself if new > sure else scored), new
            else:
                sure += self._tuning.new_words * new
        return scored if sure >= 0 else None

    def _sure(self, evidence: Evidence, scored: Scored) -> float:
        return self._tuning.answering.score(self.signs(evidence, scored))

    def signs(self, evidence: Evidence, scored: Scored) -> Signs:
        """What the best sentence and the new words say about an answer."""
        best = int(scored.similarity.argmax())
        language = evidence.passages[scored.candidates[best].passage].language
        return signs_of(
            replace(evidence, question=scored.asked),
            float(scored.similarity[best]),
            float(scored.around[best]),
            other=not evidence.language == language == "en",
        )

    def _relevance(self, similarity: Floats, overlap: Floats) -> Floats:
        """Both together; see ``Tuning``."""
        shared = overlap * np.minimum(1, similarity / self._tuning.related)
        relevance: Floats = self._tuning.semantic * similarity + (1 - self._tuning.semantic) * shared
        return relevance

    def _overlap(self, evidence: Evidence, found: Sequence[Candidate], own: str) -> Floats:
        """Share of the question's content words in each sentence, weighted by rarity among the sentences.

        The weight is BM25's idf, ``ln(1 + (N − n + 0.5) / (n + 0.5))``, for a stem in n of N sentences. Words
        that are not of ``own``, but of the question before it, count less.
        """
        passages = evidence.passages
        asked = {
            language: set(content_stems(evidence.question, language)) for language in _languages(evidence)
        }
        first = {language: set(content_stems(own, language)) for language in asked}
        titles = [set(content_stems(p.title, p.language)) for p in passages]
        held = [set(content_stems(f"{c.lead} {c.text}", passages[c.passage].language)) for c in found]
        count = Counter(stem for stems in held for stem in stems)
        overlap = []
        for candidate, stems in zip(found, held, strict=True):
            language = passages[candidate.passage].language
            weights = {
                stem: math.log(1 + (len(found) - count[stem] + 0.5) / (count[stem] + 0.5))
                * (1 if stem in first[language] else self._tuning.before)
                for stem in asked[language]
            }
            title = titles[candidate.passage] - stems
            shared = sum(w for stem, w in weights.items() if stem in stems)
            above = sum(w for stem, w in weights.items() if stem in title)
            overlap.append((shared + self._tuning.title_share * above) / (sum(weights.values()) or 1.0))
        return np.array(overlap)

    def _bonuses(self, evidence: Evidence, found: Sequence[Candidate]) -> Floats:
        tuning = self._tuning
        subject = _DEFINES.match(evidence.question)
        why, counts = _WHY.search(evidence.question), _COUNTS.search(evidence.question)
        bonuses = []
        for candidate in found:
            language = evidence.passages[candidate.passage].language
            bonus = tuning.rank / 2**candidate.passage
            if subject and _begins_with(candidate.text, subject.group(1), language):
                introduces = candidate.opens or _OTHER_NAME.match(candidate.text) is not None
                bonus += tuning.definition + tuning.opening * introduces
            if why and _CAUSE.search(candidate.text):
                bonus += tuning.cause
            if counts and any(c.isdigit() for c in candidate.text):
                bonus += tuning.quantity
            bonus -= tuning.anaphora * bool(_ANAPHORA.match(candidate.text))
            bonus -= tuning.listed * candidate.listed + tuning.unclean * ("](" in candidate.text)
            bonuses.append(bonus)
        return np.array(bonuses)


def _languages(evidence: Evidence) -> set[str]:
    return {passage.language for passage in evidence.passages}


def _begins_with(sentence: str, subject: str, language: str) -> bool:
    """Whether a sentence begins with ``subject``, in its long or its short form."""
    opening = content_stems(" ".join(sentence.split()[:8]), language)
    forms = [set(content_stems(form, language)) for form in (subject, *expand(subject))]
    return any(stems and stems <= set(opening[: len(stems) + 1]) for stems in forms)
