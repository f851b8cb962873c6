"""What becomes of a run whose model fails: rules take over; each kind of failure is told once, in order."""

from __future__ import annotations

from typing import Any

import pytest

from agents.events import Done, Retracted, Token
from agents.graph import build_agent
from rag.errors import ArdoiseError, ModelCut, ModelRefused, ModelUnavailable, PromptTooLong
from rag.llm.base import ChatRequest
from rag.llm.resilient import ResilientChat
from rag.llm.scripted import Broken, ScriptedChat
from rag.resilience.policy import Policy, PolicyLimits
from rag.telemetry.metrics import Metrics
from rag.types import Degradation
from tests.agents import QUESTION, SEARCH, Corpus, context, events, hit

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


async def test_a_model_that_is_down_is_replaced_by_the_rules_and_that_is_said() -> None:
    chat = ScriptedChat(lambda request: ModelUnavailable("scripted is unavailable: HTTP 500"))
    happened = await events(
        build_agent(), "How many bytes per token does the KV cache take?", context(chat, Corpus([hit(0.8)]))
    )
    done = happened[-1]
    assert isinstance(done, Done)
    assert done.answer.grade == "extractive"
    assert "131,072 bytes" in done.answer.text
    assert all("HTTP 500" in item.why for item in done.answer.degraded)


async def test_a_model_that_is_left_alone_is_replaced_by_the_rules_from_the_first_step() -> None:
    chat = ScriptedChat(lambda _: ModelUnavailable("refused", reason="broken"))
    policy = Policy(chat.name, PolicyLimits(failures=1, open_s=60.0), Metrics())
    ctx = context(ResilientChat(chat, policy), Corpus([hit(0.7)]))
    for _ in range(2):
        done = (await events(build_agent(), QUESTION, ctx))[-1]
        assert isinstance(done, Done)
        assert done.answer.grade == "extractive"
        assert done.answer.citations
        told = [one.why for one in done.answer.degraded]
    assert policy.breaker.state == "open"
    assert len(chat.requests) == 1
    assert any("not asked after 1 failures" in why for why in told)


async def test_what_a_model_said_before_it_failed_is_retracted_from_the_stream() -> None:
    def say(request: ChatRequest) -> Any:
        return SEARCH if request.tools else Broken("The answer is", ModelUnavailable("cut"))

    happened = await events(build_agent(), QUESTION, context(ScriptedChat(say), Corpus([hit(0.8)])))
    at = next(i for i, event in enumerate(happened) if isinstance(event, Retracted))
    done = happened[-1]
    assert isinstance(done, Done)
    after = "".join(event.text for event in happened[at:] if isinstance(event, Token))
    assert after == done.answer.text


async def test_a_request_that_the_provider_refuses_is_told_and_not_papered_over() -> None:
    chat = ScriptedChat(lambda request: ModelRefused("scripted refused the request: HTTP 401"))
    with pytest.raises(ModelRefused):
        await events(build_agent(), "How big?", context(chat, Corpus([hit(0.8)])))
