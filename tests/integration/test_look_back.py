"""Looking back at a wrong answer: what the stages of the real system had of its gold passage."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.evaluation import ask_labelled, look_back
from app.system import System
from eval.diagnosis import Seen
from eval.questions import Gold, Question
from tests.system import small_settings, small_system, write_pages

QUOTE = "The KV cache of Mistral 7B takes 131,072 bytes per token."


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with small_system(small_settings(tmp_path / "home")) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda _: None)
        yield system


async def seen(system: System, document: str, quote: str) -> Seen:
    question = Question(
        id="q",
        question="How many bytes per token does the KV cache of Mistral 7B take?",
        gold=(Gold(document_id=document, quote=quote),),
        answerable=True,
    )
    return await look_back(system, question, await ask_labelled(system, question))


async def test_a_passage_that_was_found_and_given_is_seen_at_every_stage(system: System) -> None:
    found = await seen(system, "book/inference/kv-cache.md", QUOTE)
    (holders,) = found.gold
    assert holders
    assert set(found.legs) == {"dense", "sparse"}
    assert found.context is not None
    for stage in (*found.legs.values(), found.fused, found.context):
        assert not holders.isdisjoint(stage)
    assert found.reranked is None


async def test_a_document_or_quote_that_was_not_ingested_is_held_by_no_chunk(system: System) -> None:
    assert (await seen(system, "book/stranger.md", QUOTE)).gold == [frozenset()]
    assert (await seen(system, "book/inference/kv-cache.md", "Nobody wrote this.")).gold == [frozenset()]
