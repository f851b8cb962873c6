"""Small passages are found best, large ones are understood best: a hit grows by what stands around it.

Neighbours are the chunks before and after. The parent is all that shares the chunk's ``parent_id``, else its
section: the chunks next to each other under the same headings. LlamaIndex knows them as sentence windows and
auto-merging, LangChain knows the second as the parent-document retriever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.ranking.source import Source
from rag.types import Chunk, Hit

Reach = Callable[[Sequence[Chunk], int], Iterable[int]]
"""Which chunks a chunk may grow by, the nearest first: from a document's chunks and its place among them."""


@dataclass(frozen=True, slots=True)
class Widening:
    """How hits grow: by which chunks, and to how many characters at most."""

    name: str
    reach: Reach
    most: int


def neighbours(count: int, most: int) -> Widening:
    """By ``count`` chunks on each side."""

    def reach(chunks: Sequence[Chunk], place: int) -> Iterable[int]:
        return _outwards(place, max(0, place - count), min(len(chunks) - 1, place + count))

    return Widening(f"neighbours({count})", reach, most)


def parents(most: int) -> Widening:
    """By all chunks of the parent: those with the same ``parent_id``, else the section."""

    def reach(chunks: Sequence[Chunk], place: int) -> Iterable[int]:
        key = _parent(chunks[place])
        first = last = place
        while first > 0 and _parent(chunks[first - 1]) == key:
            first -= 1
        while last + 1 < len(chunks) and _parent(chunks[last + 1]) == key:
            last += 1
        return _outwards(place, first, last)

    return Widening("parents", reach, most)


def widen(hits: Sequence[Hit], sources: Mapping[str, Source], widening: Widening) -> list[Hit]:
    """The hits, each grown; those of a document that then overlap or touch become one, where the best was.

    ``document.text[start:end] == text`` holds for each. A grown hit keeps its chunk's id and headings; the
    ids of hits that went into it are in its ``stands_for``. A hit whose document is not among ``sources``,
    or says something else where the hit stands, stays as it is; none grows or is joined beyond ``most``.
    """
    by_document: dict[str, list[int]] = {}
    for place, hit in enumerate(hits):
        if hit.chunk.document_id in sources:
            by_document.setdefault(hit.chunk.document_id, []).append(place)
    grown = dict(enumerate(hits))
    for document, places in by_document.items():
        source = sources[document]
        spans = {place: _span(hits[place].chunk, source, widening) for place in places}
        for joined, (start, end) in _joined(spans, source.text, widening.most):
            first, *others = sorted(joined)
            grown[first] = _grown(hits[first], [hits[place] for place in others], source, start, end)
            for place in others:
                del grown[place]
    return list(grown.values())


def _outwards(place: int, first: int, last: int) -> list[int]:
    """The places from ``first`` to ``last`` but ``place``, by their distance to it."""
    return sorted((at for at in range(first, last + 1) if at != place), key=lambda at: abs(at - place))


def _parent(chunk: Chunk) -> tuple[str, ...]:
    return (chunk.parent_id,) if chunk.parent_id else chunk.headings


def _span(chunk: Chunk, source: Source, widening: Widening) -> tuple[int, int] | None:
    """Where a hit's passage begins and ends once grown; ``None`` where it is not in the text as it says."""
    if source.text[chunk.start : chunk.end] != chunk.text:
        return None
    start, end = chunk.start, chunk.end
    place = next((at for at, one in enumerate(source.chunks) if one.id == chunk.id), None)
    if place is None:
        return start, end
    for at in widening.reach(source.chunks, place):
        wider = min(start, source.chunks[at].start), max(end, source.chunks[at].end)
        # Where one does not fit, none behind it does: nothing is left out between.
        if wider[1] - wider[0] <= widening.most:
            start, end = wider
    return start, end


def _joined(
    spans: Mapping[int, tuple[int, int] | None], text: str, most: int
) -> Iterable[tuple[list[int], tuple[int, int]]]:
    """Hits, by place, whose passages make one, with where it begins and ends."""
    known = sorted((span, place) for place, span in spans.items() if span is not None)
    groups: list[tuple[list[int], tuple[int, int]]] = []
    for (start, end), place in known:
        if groups:
            places, (first, last) = groups[-1]
            near = start <= last or not text[last:start].strip()
            if near and max(last, end) - first <= most:
                groups[-1] = [*places, place], (first, max(last, end))
                continue
        groups.append(([place], (start, end)))
    return groups


def _grown(hit: Hit, others: Sequence[Hit], source: Source, start: int, end: int) -> Hit:
    page = next((chunk.page for chunk in source.chunks if chunk.start == start), hit.chunk.page)
    chunk = replace(hit.chunk, text=source.text[start:end], start=start, end=end, page=page)
    names = [name for other in others for name in (other.chunk.id, *other.stands_for)]
    return replace(hit, chunk=chunk, stands_for=(*hit.stands_for, *names))
