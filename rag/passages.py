"""Which stretches of the hits' text go into a prompt: none twice, neighbours joined, long ones trimmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.lexical import content_stems
from rag.sentences import Sentence, split_sentences
from rag.types import Chunk, Hit

SMALLEST = 40
"""Characters: a stretch that is cut shorter says nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of one document, unchanged: ``document.text[start:end] == text``.

    ``hits`` are those whose chunks it was taken from, the best first; each of its sentences stands in one.
    """

    hits: tuple[Hit, ...]
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends in the document."""
        return self.start + len(self.text)

    @property
    def hit(self) -> Hit:
        """The best hit, as if its chunk were the whole stretch; the others are what it stands for."""
        best, *others = self.hits
        chunk = replace(best.chunk, text=self.text, start=self.start, end=self.end)
        return replace(
            best, chunk=chunk, stands_for=(*best.stands_for, *(other.chunk.id for other in others))
        )

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks that it was taken from."""
        return tuple(hit.chunk for hit in self.hits)


def distinct(hits: Sequence[Hit]) -> list[Stretch]:
    """The hits without those whose text is that of an earlier one, white space aside, or lies within it."""
    kept: list[tuple[str, Stretch]] = []
    for hit in hits:
        text = " ".join(hit.chunk.text.split())
        if text and not any(text in earlier for earlier, _ in kept):
            kept.append((text, Stretch((hit,), hit.chunk.start, hit.chunk.text)))
    return [stretch for _, stretch in kept]


def trimmed(stretch: Stretch, question: str) -> list[Stretch]:
    """Ever longer parts of a stretch in whole sentences, around the one with most of the question's words.

    A part grows towards the neighbour that has more of them, forwards where they are alike.
    """
    language = str(stretch.hits[0].chunk.metadata.get("language") or "en")
    wanted = set(content_stems(question, language))
    sentences = split_sentences(stretch.text)
    worth = [len(wanted & set(content_stems(sentence.text, language))) for sentence in sentences]
    if not sentences:
        return []
    first = last = max(range(len(sentences)), key=lambda number: worth[number])
    parts = [_part(stretch, sentences[first], sentences[last])]
    while first > 0 or last < len(sentences) - 1:
        before = worth[first - 1] if first > 0 else -1
        after = worth[last + 1] if last < len(sentences) - 1 else -1
        if before > after:
            first -= 1
        else:
            last += 1
        parts.append(_part(stretch, sentences[first], sentences[last]))
    return [part for part in parts if len(part.text) >= SMALLEST]


def merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches, those joined that touch in one section of a document, where the best of them stood."""
    kept: list[Stretch] = []
    for stretch in stretches:
        kept = _taken_in(kept, stretch)
    return kept


def _taken_in(kept: list[Stretch], stretch: Stretch) -> list[Stretch]:
    for place, other in enumerate(kept):
        if both := _joined(other, stretch):
            # What was joined may touch one more: those after it come in again.
            return merged([*kept[:place], both, *kept[place + 1 :]])
    return [*kept, stretch]


def _part(stretch: Stretch, first: Sentence, last: Sentence) -> Stretch:
    text = stretch.text[first.start : last.end]
    return Stretch(stretch.hits, stretch.start + first.start, text)


def _joined(one: Stretch, other: Stretch) -> Stretch | None:
    """Both as one, if they are neighbours and agree where they overlap: texts that were rewritten do not."""
    chunk, next_to = one.hits[0].chunk, other.hits[0].chunk
    if (chunk.document_id, chunk.headings) != (next_to.document_id, next_to.headings):
        return None
    left, right = (one, other) if one.start <= other.start else (other, one)
    shared = left.end - right.start
    if shared < 0 or not left.text[len(left.text) - shared :].startswith(right.text[:shared]):
        return None
    return Stretch((*one.hits, *other.hits), left.start, left.text + right.text[shared:])
