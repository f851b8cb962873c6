"""Markers in an answer become citations with exact quotes, each checked against what it is cited for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answer.inert import plain
from rag.answer.support import Pair, Support, flags, share
from rag.lexical import content_stems
from rag.llm.base import Passage
from rag.sentences import split_sentences
from rag.types import Chunk, Citation, Hit

_NUMBERS = r"\d{1,3}(?:\s*(?:,|;|&|-|–|and|et)\s*\d{1,3})*"
# [1], [1, 2], [1-3], [passage 2], 【1】; not a link's text and not an index as in `a[1]` within code.
_MARKERS = re.compile(
    rf"\s*(?:\[\s*(?:passages?|sources?)?\s*({_NUMBERS})\s*\](?!\()|【\s*({_NUMBERS})[^】]{{0,20}}】)",
    re.IGNORECASE,
)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Mark:
    at: int  # in the text without markers
    markers: tuple[int, ...]


def cite(
    text: str,
    passages: Sequence[Passage],
    hits: Sequence[Hit],
    support: Support | None = None,
    chunks: Sequence[Sequence[Chunk]] | None = None,
) -> tuple[str, tuple[Citation, ...]]:
    """The answer with its markers in one form, ``[1][2]``, and a citation for each, in order.

    ``hits[i]`` is the chunk whose text ``passages[i]`` begins; chunks are not rewritten texts. Where a
    passage was joined from several, ``chunks[i]`` are these, and a quote stands in one of them. Markers that
    stand for no passage are dropped from the text. A citation quotes the one or two sentences of its passage
    nearest to the claim, or the claim itself where the passage holds it word for word: then nothing is left
    to check, and ``similarity`` is 1. Else ``flags`` names the checks that found against it.
    """
    places = [_Place(hit.chunk, tuple(chunks[n]) if chunks else (hit.chunk,)) for n, hit in enumerate(hits)]
    known = {passage.marker: (passage, place) for passage, place in zip(passages, places, strict=True)}
    # Characters that nobody sees would hide a marker here, and show it where they are left out.
    bare, marks = _separate(plain(text), known)
    support = support or Support()
    citations = [
        _citation(_claim(bare, marks, number, support), *known[marker], support)
        for number, mark in enumerate(marks)
        for marker in mark.markers
    ]
    return _joined(bare, marks), tuple(citations)


def listed(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Each quote once for all claims that it supports, and once for each that it does not."""
    kept: dict[tuple[int, int, int, str], Citation] = {}
    for one in citations:
        kept.setdefault((one.marker, one.start, one.end, "" if one.supported else one.claim), one)
    return tuple(kept.values())


def _separate(text: str, known: Mapping[int, object]) -> tuple[str, list[_Mark]]:
    """The text without markers, and where each group of known markers stood in it."""
    code = [match.span() for match in _CODE.finditer(text)]
    bare, marks, last = "", list[_Mark](), 0
    for match in _MARKERS.finditer(text):
        if any(start < match.end() - 1 < end for start, end in code):
            continue
        bare += text[last : match.start()]
        last = match.end()
        markers = tuple(m for m in _numbers(match.group(1) or match.group(2)) if m in known)
        if marks and marks[-1].at == len(bare):
            marks[-1] = _Mark(len(bare), tuple(dict.fromkeys(marks[-1].markers + markers)))
        elif markers:
            marks.append(_Mark(len(bare), markers))
    return bare + text[last:], marks


def _numbers(written: str) -> list[int]:
    """``1, 3-5`` as 1, 3, 4, 5."""
    listed: list[int] = []
    for part in re.split(r"\s*(?:,|;|&|and|et)\s*", written, flags=re.IGNORECASE):
        ends = [int(number) for number in re.split(r"\s*[-–]\s*", part)]
        listed.extend(range(ends[0], ends[-1] + 1))
    return list(dict.fromkeys(listed))


def _joined(bare: str, marks: Sequence[_Mark]) -> str:
    pieces, last = [], 0
    for mark in marks:
        pieces.append(bare[last : mark.at] + " " + "".join(f"[{marker}]" for marker in mark.markers))
        last = mark.at
    return "".join([*pieces, bare[last:]]).strip()


def _claim(bare: str, marks: Sequence[_Mark], number: int, support: Support) -> str:
    """What a mark is cited for: the text back to the mark before it or to the beginning of its sentence.

    A mark after a full stop belongs to the sentence that the stop ends.
    """
    at = marks[number].at
    sentences = [s for s in split_sentences(bare) if s.start < at]
    if not sentences:
        return ""
    previous = marks[number - 1].at if number else 0
    since = bare[max(sentences[-1].start, previous) : at]
    if len(content_stems(since, "en")) >= support.fewest_words:
        return since
    return bare[sentences[-1].start : max(at, sentences[-1].end)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a passage stands: its own span as a chunk, and the chunks that it was taken from."""

    span: Chunk
    chunks: tuple[Chunk, ...]

    def holder(self, start: int, end: int) -> Chunk | None:
        """The chunk in which ``passage.text[start:end]`` stands whole."""
        start, end = start + self.span.start, end + self.span.start
        return next((chunk for chunk in self.chunks if chunk.start <= start and end <= chunk.end), None)


def _citation(claim: str, passage: Passage, place: _Place, support: Support) -> Citation:
    exact = _verbatim(claim, passage, place, support)
    start, end = exact or _nearest(claim, passage, place, support)
    quote, chunk = passage.text[start:end], place.holder(start, end) or place.span
    pair = Pair(claim, quote, passage.language, f"{passage.title}\n{passage.text}")
    against = () if exact else flags(pair, support)
    return Citation(
        marker=passage.marker,
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        uri=str(chunk.metadata.get("uri") or chunk.document_id),
        start=place.span.start + start,
        end=place.span.start + end,
        page=chunk.page,
        quote=quote,
        supported=not against,
        claim=" ".join(claim.split()),
        flags=against,
        similarity=1.0 if exact else None,
    )


def _verbatim(claim: str, passage: Passage, place: _Place, support: Support) -> tuple[int, int] | None:
    """Where the passage holds the claim word for word, white space and the last full stop aside."""
    if len(content_stems(claim, passage.language)) < support.fewest_words:
        return None
    words = r"\s+".join(map(re.escape, claim.split()))
    found = re.search(rf"(?<!\w){words}(?!\w)[.!?…]*", passage.text)
    return found.span() if found and place.holder(*found.span()) else None


def _nearest(claim: str, passage: Passage, place: _Place, support: Support) -> tuple[int, int]:
    """The sentence, or two neighbours, that hold the largest share of the claim's words."""
    wanted = set(content_stems(claim, passage.language))
    sentences = split_sentences(passage.text)
    ones = [(s.start, s.end) for s in sentences]
    twos = [(a.start, b.end) for a, b in pairwise(sentences)]

    def worth(span: tuple[int, int]) -> float:
        quote = passage.text[span[0] : span[1]]
        price = support.worth_a_sentence if span in twos else 0.0
        return share(wanted, quote, passage.language) - price

    held = [span for span in (*ones, *twos) if place.holder(*span)]
    return max(held, key=worth, default=(0, len(passage.text)))
