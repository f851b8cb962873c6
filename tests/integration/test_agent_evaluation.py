"""The agent and the chain on labelled questions over a small collection, without a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from app.evaluation import ask_labelled
from eval.agent import AGENT, CHAIN, STANDALONE, ask_set
from eval.questions import Question
from tests.system import small_settings, small_system, write_pages

PAGE = "book/inference/kv-cache.md"


def labelled(id: str, text: str, **more: object) -> Question:
    fields = {"id": id, "question": text, "answerable": True, "gold": [{"document_id": PAGE, "quote": "x y"}]}
    return Question.model_validate({**fields, **more})


QUESTIONS = [
    labelled(
        "product",
        "How much is 6 times 7?",
        type="numeric",
        value=42,
        tools=[{"name": "calculator", "arguments": {"expression": "6*7"}}],
    ),
    labelled(
        "led",
        "And why is that?",
        type="follow_up",
        turns=[{"role": "user", "content": "What does paging remove?"}],
        standalone="Why does paging remove fragmentation?",
    ),
]


async def test_the_agent_computes_what_the_chain_only_looks_up(tmp_path: Path) -> None:
    async with small_system(small_settings(tmp_path / "home")) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        one = await ask_set(
            "small", QUESTIONS, partial(ask_labelled, system), partial(ask_labelled, system, agent=False)
        )
    figures = one.view()["figures"]
    assert [figures[name]["numeric"]["right"]["count"] for name in (AGENT, CHAIN)] == [1, 0]
    assert [figures[name]["numeric"]["arguments"]["count"] for name in (AGENT, CHAIN)] == [1, 0]
    assert figures[CHAIN]["all"]["steps"]["mean"] < figures[AGENT]["all"]["steps"]["mean"]
    (alone,) = one.rows[STANDALONE]
    assert alone.asked is not None
    assert alone.asked.searches[0] == "Why does paging remove fragmentation?"
    (_, led) = one.rows[AGENT]
    assert led.asked is not None
    assert led.asked.searches[0] == "What does paging remove? And why is that?"
