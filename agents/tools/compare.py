"""A table over several entities, made of sentences that a search found, each with where it stands."""

from __future__ import annotations

import asyncio

from pydantic import Field

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.search_corpus import Search
from rag.errors import BadInput, ToolError
from rag.language import detect_language
from rag.lexical import content_stems
from rag.resilience.deadline import Deadline
from rag.sentences import split_sentences
from rag.types import Hit

_READ = 5
"""Hits of a search whose sentences are compared."""
_NONE = "nothing found"


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
        lines = ["| | " + " | ".join(asked.entities) + " |", "|---" * (len(asked.entities) + 1) + "|"]
        for aspect in asked.aspects:
            row = (_shown(cells[entity, aspect]) for entity in asked.entities)
            lines.append(f"| {aspect} | " + " | ".join(row) + " |")
        # A passage that a cell quotes comes first, so that the answer can cite what the table says.
        quoted = [cell[1] for cell in cells.values() if cell]
        others = [hit for hits in found for hit in hits]
        return ToolResult("\n".join(lines), tuple({hit.chunk.id: hit for hit in [*quoted, *others]}.values()))

    return make_tool(
        "compare",
        "Compares two to six things (versus, difference between, comparer, différence entre): a table of "
        "sentences of the collection, each with its document.",
        Comparison,
        run,
        (
            {"entities": ["GPTQ", "AWQ"], "aspects": ["calibration data", "rounding error"]},
            {"entities": ["PPO", "DPO"]},
        ),
    )


def _cell(entity: str, aspect: str, hits: list[Hit]) -> tuple[str, Hit] | None:
    """The sentence that says most of the entity in this respect, and its hit; ``None`` if none names it."""
    language = detect_language(f"{entity} {aspect}")
    named, wanted = set(content_stems(entity, language)), set(content_stems(aspect, language))
    best: tuple[float, str, Hit] | None = None
    for rank, hit in enumerate(hits):
        about = set(content_stems(" ".join(hit.chunk.headings), language))
        for sentence in split_sentences(hit.chunk.text):
            text = hit.chunk.text[sentence.start : sentence.end]
            terms = set(content_stems(text, language))
            # A page about the entity need not repeat its name in every sentence.
            score = 2.0 * len(named & terms) + len(named & about) + len(wanted & terms) - 0.1 * rank
            if (named & (terms | about)) and (best is None or score > best[0]):
                best = (score, " ".join(text.split()), hit)
    return best[1:] if best else None


def _shown(cell: tuple[str, Hit] | None) -> str:
    if cell is None:
        return _NONE
    text, hit = cell
    return f"{text.replace('|', '¦')} ({hit.chunk.document_id})"
