"""What every reranker promises: the same hits, each with a score, best first, at any batch size."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.llm.base import ChatRequest
from rag.llm.scripted import ScriptedChat
from rag.reranking.base import Reranker
from rag.reranking.cross_encoder import CrossEncoderReranker
from rag.reranking.late_interaction import LateInteractionReranker
from rag.reranking.llm import LlmReranker
from rag.reranking.stage import Reranking
from rag.resilience.deadline import Deadline
from rag.resilience.workers import Workers
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder

TEXTS = ["the cat sits on a mat", "dogs run", "cat", "a fish swims far away from the cat", "nothing of it"]


class SharedWords(CrossEncoderReranker):
    """A cross-encoder whose model counts the words that question and passage share."""

    def _score(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(len(set(query.split()) & set(text.split()))) for query, text in pairs]


def shortest_first(request: ChatRequest) -> str:
    passages = re.findall(r"^\[(\d+)\] (.*)$", request.messages[0].content, re.MULTILINE)
    return json.dumps(
        {"ranking": [int(number) for number, _ in sorted(passages, key=lambda one: len(one[1]))]}
    )


def cross_encoder() -> Reranker:
    return SharedWords("words", Path("nowhere"), Workers(threads=1), batch_size=2)


RERANKERS: dict[str, Callable[[], Reranker]] = {
    "cross_encoder": cross_encoder,
    "late_interaction": lambda: LateInteractionReranker(HashingEmbedder(), Workers(threads=1), batch_size=2),
    "llm": lambda: LlmReranker(ScriptedChat(shortest_first)),
}


@pytest.fixture(params=RERANKERS)
def reranker(request: pytest.FixtureRequest) -> Reranker:
    return RERANKERS[request.param]()


def hits(*texts: str) -> list[Hit]:
    return [Hit(Chunk(f"id-{n}", "d", text, 0, len(text)), 1 / (n + 1)) for n, text in enumerate(texts)]


async def test_the_same_hits_come_back_best_first_each_with_its_score(reranker: Reranker) -> None:
    given = hits(*TEXTS)
    best = await reranker.rerank("where is the cat", given)
    assert sorted(hit.chunk.id for hit in best) == [hit.chunk.id for hit in given]
    found = [hit.rerank_score for hit in best]
    assert None not in found
    assert found == sorted(found, key=lambda score: -(score or 0.0))


async def test_the_scores_that_hits_had_stay_for_the_stage_to_blend(reranker: Reranker) -> None:
    given = hits(*TEXTS)
    best = await reranker.rerank("where is the cat", given)
    assert {hit.chunk.id: hit.score for hit in best} == {hit.chunk.id: hit.score for hit in given}


async def test_weight_zero_keeps_the_fused_order(reranker: Reranker) -> None:
    given = hits(*TEXTS)
    found, degraded = await Reranking(reranker, weight=0.0).run("cat", given, Deadline.after(3600))
    assert [hit.chunk.id for hit in found] == [hit.chunk.id for hit in given]
    assert degraded == ()


async def test_a_passage_is_read_under_its_headings(reranker: Reranker) -> None:
    plain, headed = hits("nothing of all", "nothing of all")
    headed = replace(headed, chunk=replace(headed.chunk, headings=("cat",)))
    scores = {hit.chunk.id: hit.rerank_score for hit in await reranker.rerank("cat", [plain, headed])}
    assert scores[plain.chunk.id] != scores[headed.chunk.id]


async def test_what_answers_goes_before_what_does_not(reranker: Reranker) -> None:
    best = await reranker.rerank("cat", hits("nothing of all of it", "cat"))
    assert [hit.chunk.text for hit in best] == ["cat", "nothing of all of it"]


async def test_hits_that_are_as_good_keep_their_order(reranker: Reranker) -> None:
    best = await reranker.rerank("cat", hits("cat", "cat", "cat"))
    assert [hit.chunk.id for hit in best] == ["id-0", "id-1", "id-2"]


async def test_of_no_hits_none_come_back(reranker: Reranker) -> None:
    assert await reranker.rerank("cat", []) == []


async def test_the_hits_given_stay_as_they_are(reranker: Reranker) -> None:
    given = hits(*TEXTS)
    await reranker.rerank("cat", given)
    assert given == hits(*TEXTS)


def test_it_has_a_name_and_takes_at_least_one_hit_at_once(reranker: Reranker) -> None:
    assert reranker.name
    assert reranker.batch_size >= 1
