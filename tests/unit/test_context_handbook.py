"""A window of 4,096 tokens that is full still holds the passage that answers, and the answer cites it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.questions import Question, read_questions
from ingest.chunkers import build_chunker
from rag.answer.answerer import Answerer, AnswerLimits
from rag.context import Context, build_context
from rag.embedding import build_embedder
from rag.embedding.base import Embedder
from rag.llm.base import Message
from rag.llm.extractive import ExtractiveChat
from rag.llm.tokens import estimated_tokens
from rag.resilience.deadline import Deadline
from rag.types import Answer, Chunk, Document, Hit
from tests.fakes import HashingEmbedder

ROOT = Path(__file__).parents[2]
WINDOW, ANSWER = 4096, 1024
BUDGET = WINDOW - ANSWER
AMPLE_S = 3600.0  # a deadline that no machine is too busy for
FULL = 0.85  # of the budget: what is left holds no further passage
OTHERS = [f"handbook/{name}.md" for name in ("retrieval/bm25", "transformer/attention", "training/adamw")]
HISTORY = [
    Message("user" if turn % 2 == 0 else "assistant", f"Turn {turn} of a long talk. " * (20 + turn * 5))
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


def _hits(question: Question, place: int) -> tuple[list[Hit], Chunk]:
    """Thirty hits, number ``place`` of them the passage that answers; the pages around it are others."""
    gold = question.gold[0]
    own = _chunks(gold.document_id)
    holder = next(chunk for chunk in own if gold.quote in chunk.text)
    others = [chunk for page in OTHERS if page != gold.document_id for chunk in _chunks(page)]
    ranked = [*others[:place], holder, *(chunk for chunk in own if chunk != holder), *others[place:]]
    return [Hit(chunk, 1.0) for chunk in ranked[:30]], holder


async def _count(messages: object) -> int:
    return estimated_tokens(messages)  # type: ignore[arg-type]


async def _context(question: Question, hits: list[Hit]) -> Context:
    return await build_context(
        question.question, hits, question.lang, count=_count, budget=BUDGET, history=HISTORY
    )


@pytest.mark.parametrize("question", _questions(), ids=lambda question: question.id)
@pytest.mark.parametrize("place", [0, 5])
async def test_the_right_passage_is_in_a_full_window(question: Question, place: int) -> None:
    hits, _ = _hits(question, place)
    context = await _context(question, hits)
    assert BUDGET * FULL < estimated_tokens(context.messages) <= BUDGET
    assert len({chunk.id for chunks in context.chunks for chunk in chunks}) < len(hits)
    assert any(question.gold[0].quote in passage.text for passage in context.evidence.passages)
    asked, answered = context.messages[1:-1]
    assert asked.content.startswith("Turn 18 of a long talk.")
    assert answered.content.startswith("Turn 19 of a long talk.")
    assert answered.content.endswith("[…]")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return build_embedder()


async def _answer(question: Question, hits: list[Hit], embedder: Embedder) -> Answer:
    """By extraction, as the system answers without a model, over a prompt that fills the window."""
    chat = ExtractiveChat(embedder)
    answerer = Answerer(chat, AnswerLimits(BUDGET, ANSWER))
    return await answerer.answer(
        question.question, hits, chat, question.lang, Deadline.after(AMPLE_S), history=HISTORY
    )


@pytest.mark.weights
@pytest.mark.parametrize("id", ["tt-001", "inf-023", "inf-093", "re-013", "as-087"])
async def test_an_answer_over_a_full_window_cites_the_right_passage(id: str, embedder: Embedder) -> None:
    (question,) = [one for one in _questions() if one.id == id]
    hits, holder = _hits(question, 5)
    answer = await _answer(question, hits, embedder)
    (rung,) = answer.trace[0].detail["rungs"]
    assert BUDGET * FULL < rung["prompt_tokens"]["counted"] <= BUDGET
    right = [
        one
        for one in answer.citations
        if one.document_id == holder.document_id and holder.start <= one.start and one.end <= holder.end
    ]
    page = (ROOT / "docs" / holder.document_id).read_text(encoding="utf-8")
    assert right
    assert all(page[one.start : one.end] == one.quote and one.supported for one in right)
