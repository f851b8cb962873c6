"""What a run says of a model that fails at several of its steps: each kind of failure once, in order."""

from __future__ import annotations

import pytest

from agents.events import Done
from agents.graph import build_agent
from rag.errors import ArdoiseError, ModelCut, PromptTooLong
from rag.llm.scripted import ScriptedChat
from rag.types import Degradation
from tests.agents import QUESTION, Corpus, context, events, hit

PLANNING = PromptTooLong("2,100 tokens are too many")
TOLD = Degradation("scripted", "2,100 tokens are too many", "prompt_too_long")


@pytest.mark.parametrize(
    ("answering", "told"),
    [
        (PromptTooLong("4,200 tokens are too many"), (TOLD,)),
        (ModelCut("an empty answer"), (TOLD, Degradation("scripted", "an empty answer", "cut"))),
    ],
)
async def test_each_kind_of_failure_of_a_model_is_told_once(
    answering: ArdoiseError, told: tuple[Degradation, ...]
) -> None:
    chat = ScriptedChat([PLANNING, answering])
    done = (await events(build_agent(), QUESTION, context(chat, Corpus([hit(0.8)]))))[-1]
    assert isinstance(done, Done)
    assert done.answer.grade == "extractive"
    assert done.answer.degraded == told
