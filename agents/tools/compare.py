"""A table over several entities, made of sentences that a search found, each with its citation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from pydantic import Field

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.search_corpus import Search
from rag.errors import BadInput, ToolError
from rag.language import detect_language
from rag.lexical import content_stems
from rag.resilience.deadline import Deadline
from rag.sentences import split_sentences
from rag.types import Citation, Hit

_READ = 5
"""Hits of a search whose sentences are compared."""
_NONE = "nothing found"
_BREAKS_A_TABLE = re.compile(r"[|\[\]]")  # a bar ends a cell, and brackets would be taken for a marker


class Comparison(Arguments):
    """What is compared, and in which respects."""

    entities: list[str] = Field(
        min_length=2, max_length=6, description="what is compared, such as GPTQ and AWQ"
    )
    aspects: list[str] = Field(
        default_factory=lambda: [""],
        min_length=1,
        max_length=4,
        description="in which respects, such as memory; left out: what each one is",
    )


def compare(search: Search) -> Tool:
    """The tool that looks each entity up in each respect."""

    async def run(asked: Comparison, deadline: Deadline) -> ToolResult:
        pairs = [(entity, aspect) for aspect in asked.aspects for entity in asked.entities]
        try:
            found = await asyncio.gather(
                *(search(f"{entity} {aspect}".strip(), deadline) for entity, aspect in pairs)
            )
        except BadInput as error:
            raise ToolError(f"{error}: name the entities in other words") from error
        cells = {pair: _cell(*pair, hits[:_READ]) for pair, hits in zip(pairs, found, strict=True)}
        filled = {pair: cell for pair, cell in cells.items() if cell}
        quotes = {pair: _quote(number, *cell) for number, (pair, cell) in enumerate(filled.items(), start=1)}
        # A passage that a cell quotes comes first: the answer keeps what it has room for.
        hits = [hit for _, _, hit in filled.values()] + [hit for hits in found for hit in hits]
        return ToolResult(
            _table(asked, quotes),
            tuple({hit.chunk.id: hit for hit in hits}.values()),
            # One side alone is no comparison, and is left to the answer.
            quotes=tuple(quotes.values()) if len({entity for entity, _ in quotes}) > 1 else (),
        )

    return make_tool(
        "compare",
        "Compares two to six things (versus, difference between, comparer, différence entre): a table of "
        "sentences of the collection, each with its citation.",
        Comparison,
        run,
        (
            {"entities": ["GPTQ", "AWQ"], "aspects": ["calibration data", "rounding error"]},
            {"entities": ["PPO", "DPO"]},
        ),
    )


def _table(asked: Comparison, quotes: Mapping[tuple[str, str], Citation]) -> str:
    """A column an entity, a row an aspect; in each cell a quotation with its marker."""
    lines = ["| | " + " | ".join(asked.entities) + " |", "|---" * (len(asked.entities) + 1) + "|"]
    for aspect in asked.aspects:
        row = (_shown(quotes.get((entity, aspect))) for entity in asked.entities)
        lines.append(f"| {aspect} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def _cell(entity: str, aspect: str, hits: list[Hit]) -> tuple[int, int, Hit] | None:
    """Where the sentence stands that says most of the entity in this respect; ``None`` if none names it."""
    language = detect_language(f"{entity} {aspect}")
    named, wanted = set(content_stems(entity, language)), set(content_stems(aspect, language))
    best: tuple[float, int, int, Hit] | None = None
    for rank, hit in enumerate(hits):
        about = set(content_stems(" ".join(hit.chunk.headings), language))
        for sentence in split_sentences(hit.chunk.text):
            text = hit.chunk.text[sentence.start : sentence.end]
            if _BREAKS_A_TABLE.search(text):
                continue
            terms = set(content_stems(text, language))
            # A page about the entity need not repeat its name in every sentence.
            score = 2.0 * len(named & terms) + len(named & about) + len(wanted & terms) - 0.1 * rank
            if (named & (terms | about)) and (best is None or score > best[0]):
                best = (score, sentence.start, sentence.end, hit)
    return best[1:] if best else None


def _quote(marker: int, start: int, end: int, hit: Hit) -> Citation:
    chunk = hit.chunk
    quote, place = chunk.text[start:end], chunk.start
    return Citation(
        marker,
        chunk.id,
        chunk.document_id,
        str(chunk.metadata.get("uri") or chunk.document_id),
        place + start,
        place + end,
        chunk.page,
        quote,
        supported=True,
        claim=quote,
        similarity=1.0,
    )


def _shown(quote: Citation | None) -> str:
    return f"{' '.join(quote.quote.split())} [{quote.marker}]" if quote else _NONE
