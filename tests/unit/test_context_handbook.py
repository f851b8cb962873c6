"""A window of 4,096 tokens that is full still holds, and cites, the passage that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.questions import Question, read_questions
from ingest.chunkers import build_chunker
from rag.answer.citations import cite
from rag.context import Context, build_context
from rag.llm.base import Message
from rag.llm.tokens import estimated_tokens
from rag.types import Chunk, Document, Hit
from tests.fakes import HashingEmbedder

ROOT = Path(__file__).parents[2]
WINDOW, ANSWER = 4096, 1024
OTHERS = [f"handbook/{name}.md" for name in ("retrieval/bm25", "transformer/attention", "training/adamw")]
HISTORY = [
    Message("user" if turn % 2 == 0 else "assistant", f"Turn {turn} of a long talk. " * 20)
    for turn in range(20)
]


def _questions() -> list[Question]:
    rows = read_questions(ROOT / "eval" / "data" / "handbook" / "questions.jsonl")
    single = [one for one in rows if one.answerable and one.split == "dev" and len(one.gold) == 1]
    return [one for one in single if "```" not in one.gold[0].quote][:150:10]


def _chunks(document_id: str) -> list[Chunk]:
    path = ROOT / "docs" / document_id
    text, language = path.read_text(encoding="utf-8"), "fr" if ".fr." in path.name else "en"
    document = Document(document_id, text, document_id, "text/markdown", language)
    return build_chunker("recursive", 200, 20, HashingEmbedder().token_spans).split(document)


async def _count(messages: object) -> int:
    return estimated_tokens(messages)  # type: ignore[arg-type]


async def _context(question: Question, place: int) -> tuple[Context, str]:
    """The prompt where the passage that answers is hit number ``place`` of thirty."""
    gold = question.gold[0]
    own = _chunks(gold.document_id)
    holders = [chunk for chunk in own if gold.quote in chunk.text]
    assert holders, "the quote lies across a border of chunks: choose another question"
    rest = [chunk for chunk in own if chunk not in holders]
    others = [chunk for page in OTHERS if page != gold.document_id for chunk in _chunks(page)]
    hits = [Hit(chunk, 1.0) for chunk in [*rest, *others][:29]]
    hits.insert(place, Hit(holders[0], 1.0))
    budget = WINDOW - ANSWER
    context = await build_context(
        question.question, hits, question.lang, count=_count, budget=budget, history=HISTORY
    )
    assert budget * 0.85 < estimated_tokens(context.messages) <= budget
    assert len({chunk.id for chunks in context.chunks for chunk in chunks}) < len(hits)
    return context, gold.quote


@pytest.mark.parametrize("question", _questions(), ids=lambda question: question.id)
@pytest.mark.parametrize("place", [0, 7])
async def test_the_right_passage_is_in_a_full_window_and_is_cited(question: Question, place: int) -> None:
    context, quote = await _context(question, place)
    passages = context.evidence.passages
    marker = next(passage.marker for passage in passages if quote in passage.text)
    _, citations = cite(f"{quote} [{marker}]", passages, context.hits, chunks=context.chunks)
    last = citations[-1]
    assert last.document_id == question.gold[0].document_id
    assert (ROOT / "docs" / last.document_id).read_text(encoding="utf-8")[last.start : last.end] == last.quote
    assert last.supported
