"""Reranking within its time: batches, blending, and what is left where it stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embedding.base import TextKind, TokenEmbedder, Vectors
from rag.errors import ArdoiseError, ModelCut, ModelRefused, ModelUnavailable, Overloaded
from rag.llm.scripted import ScriptedChat
from rag.reranking.late_interaction import LateInteractionReranker, max_sim
from rag.reranking.llm import LlmReranker
from rag.reranking.none import NoReranker
from rag.reranking.stage import Reranking, blend
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder


class ByLength:
    """Scores a hit by the length of its text; ``ends`` ends the batch of that number, from 0."""

    name = "by length"
    batch_size = 2

    def __init__(self, ends: ArdoiseError | None = None, at: int = 1) -> None:
        self.batches: list[int] = []
        self._ends = ends
        self._at = at

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        self.batches.append(len(hits))
        if self._ends and len(self.batches) > self._at:
            raise self._ends
        scored = [replace(hit, rerank_score=float(len(hit.chunk.text))) for hit in hits]
        return sorted(scored, key=lambda hit: -(hit.rerank_score or 0.0))


class Stuck(ByLength):
    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        if len(self.batches) == 1:
            await asyncio.Event().wait()
        return await super().rerank(query, hits)


def hits(*texts: str) -> list[Hit]:
    """Hits whose scores fall from 1 in steps of 0.1."""
    return [Hit(Chunk(f"id-{n}", "d", text, 0, len(text)), 1 - n / 10) for n, text in enumerate(texts)]


def names(found: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in found]


SOON = Deadline.after(3600)


async def test_the_window_goes_to_the_reranker_in_batches_and_the_rest_stays_behind() -> None:
    reranker = ByLength()
    found, degraded = await Reranking(reranker, depth=3).run("q", hits("a", "bb", "ccc", "dddd"), SOON)
    assert names(found) == ["ccc", "bb", "a", "dddd"]
    assert reranker.batches == [2, 1]
    assert [hit.score for hit in found] == sorted({hit.score for hit in found}, reverse=True)
    assert degraded == ()


async def test_without_a_reranker_the_window_is_empty() -> None:
    stage = Reranking(NoReranker(), depth=30)
    assert stage.window == 0
    assert await stage.run("q", hits("a", "bb"), SOON) == (hits("a", "bb"), ())


@pytest.mark.parametrize("error", [ModelUnavailable("down"), ModelCut("cut"), Overloaded("busy", 1.0)])
async def test_what_was_scored_before_a_failure_is_kept_and_the_rest_follows_as_it_was(
    error: ArdoiseError,
) -> None:
    stage = Reranking(ByLength(ends=error), depth=5)
    found, degraded = await stage.run("q", hits("a", "bb", "ccc", "dddd", "eeeee"), SOON)
    assert names(found) == ["bb", "a", "ccc", "dddd", "eeeee"]
    assert [hit.score for hit in found] == sorted({hit.score for hit in found}, reverse=True)
    assert [(one.part, one.why) for one in degraded] == [("reranker", f"scored 2 of 5 hits: {error}")]


async def test_a_slow_reranker_stops_at_its_share_of_the_time() -> None:
    deadline = Deadline.after(20)
    stage = Reranking(Stuck(), depth=4, share=0.001)
    found, degraded = await stage.run("q", hits("a", "bb", "ccc"), deadline)
    assert names(found) == ["bb", "a", "ccc"]
    assert degraded[0].why == "scored 2 of 3 hits: the deadline passed during rerank"
    assert deadline.remaining > 20 / 2


async def test_a_refused_request_is_told() -> None:
    with pytest.raises(ModelRefused):
        await Reranking(ByLength(ends=ModelRefused("wrong key"), at=0)).run("q", hits("a"), SOON)


def test_blending_adds_both_scores_scaled_to_the_window() -> None:
    scores = (-5.0, 15.0, 5.0)
    given = [replace(hit, rerank_score=score) for hit, score in zip(hits(*"abc"), scores, strict=True)]
    w = 0.25
    assert {hit.chunk.text: hit.score for hit in blend(given, w)} == pytest.approx(
        {
            "a": (1 - w) * 1 + w * 0,
            "b": (1 - w) * (0.9 - 0.8) / (1 - 0.8) + w * 1,
            "c": w * (5 + 5) / (15 + 5),
        }
    )


@given(st.lists(st.floats(-10, 10), max_size=8))
def test_weight_zero_keeps_the_order_and_weight_one_is_the_rerankers(found: list[float]) -> None:
    given = [replace(hits(*"abcdefgh")[n], rerank_score=score) for n, score in enumerate(found)]
    assert [hit.chunk.id for hit in blend(given, 0)] == [hit.chunk.id for hit in given]
    best = [hit.rerank_score or 0.0 for hit in blend(given, 1)]
    assert best == pytest.approx(sorted(best, reverse=True), abs=1e-9)


def test_max_sim_is_the_mean_over_query_tokens_of_their_best_match() -> None:
    query = np.eye(3, dtype=np.float32)[:2]
    passage = np.array([[0.6, 0.8, 0], [0, 0.28, 0.96]], dtype=np.float16)
    assert max_sim(query, passage) == pytest.approx((0.6 + 0.8) / 2, abs=1e-3)


class Counting(HashingEmbedder):
    def __init__(self) -> None:
        self.embedded: list[list[str]] = []

    def token_embedder(self, language: str) -> TokenEmbedder | None:
        return self if language == "en" else None

    async def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[Vectors]:
        if kind == "document":
            self.embedded.append(list(texts))
        return await super().embed_tokens(texts, kind)


async def test_late_interaction_embeds_a_passage_once_and_forgets_the_oldest_for_room() -> None:
    embedder = Counting()
    size = 2 * embedder.dimension  # bytes of a token in half precision
    reranker = LateInteractionReranker(embedder, Workers(threads=1), remembered_bytes=2 * size)
    for texts in (("cat", "dog"), ("dog", "cat"), ("fish",), ("cat",), ("dog",)):
        await reranker.rerank("where is the cat", hits(*texts))
    assert embedder.embedded == [["cat", "dog"], ["fish"], ["dog"]]


async def test_late_interaction_without_token_vectors_for_the_language_says_so() -> None:
    reranker = LateInteractionReranker(Counting(), Workers(threads=1))
    with pytest.raises(ModelUnavailable, match="no token vectors for the language 'fr'"):
        await reranker.rerank("où est le chat dans la maison", hits("chat"))


@pytest.mark.parametrize(
    "said",
    [
        "2, 1",
        "[2, 1]",
        '{"ranking": [1]}',
        '{"ranking": [1, 1]}',
        '{"ranking": [1, 2, 3]}',
        '{"ranking": ["1", "2"]}',
        '{"ranking": [true, 2]}',
        '{"order": [1, 2]}',
    ],
)
async def test_a_reply_that_is_no_order_of_the_passages_is_not_guessed_at(said: str) -> None:
    with pytest.raises(ModelCut, match="no order of the passages 1 to 2"):
        await LlmReranker(ScriptedChat([said])).rerank("q", hits("a", "b"))


async def test_the_llm_is_asked_for_json_about_every_passage() -> None:
    chat = ScriptedChat([json.dumps({"ranking": [2, 1]})])
    best = await LlmReranker(chat).rerank("What costs $5?", hits("a $x", "b" * 5000))
    assert [(hit.chunk.id, hit.rerank_score) for hit in best] == [("id-1", 1.0), ("id-0", 1 - 1 / 2)]
    [request] = chat.requests
    prompt = request.messages[0].content
    assert "What costs $5?" in prompt
    assert "[1] a $x" in prompt
    assert len(prompt) < 2500
    assert request.schema is not None
    assert request.schema["properties"]["ranking"]["minItems"] == 2
