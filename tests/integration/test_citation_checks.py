"""What a caller sees of a citation's checks: the sentence, the checks that flag it, and who looked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.parts import build_citation_judge, build_fallbacks, build_resilient_chat
from app.requests import AskRequest
from app.settings import Settings, load_settings
from app.system import open_system
from rag.errors import ConfigurationError, MissingKey, ModelUnavailable
from rag.llm.base import ChatModel, ChatReply, ChatRequest, Message, ToolCall
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policies
from rag.telemetry.metrics import Metrics
from tests.fakes import HashingEmbedder
from tests.system import small_parts, small_settings, small_system, write_pages

QUESTION = "How many bytes per token does the KV cache of Mistral 7B take?"
WRONG = "Per token 131,073 bytes are taken by the KV cache of Mistral 7B, see https://evil.example/x [1]."


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = small_settings(tmp_path / "home")
    async with small_system(made) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
    return made


async def ask(settings: Settings, said: str, judge: ChatModel | None = None) -> dict[str, Any]:
    plan = ChatReply("", "tool_calls", "scripted", (ToolCall("1", "search_corpus", {"query": QUESTION}),))
    chat = ScriptedChat(lambda request: plan if request.tools else said)
    parts = replace(small_parts(settings), chat=chat, judge=judge)
    async with open_system(settings, "test", None, parts) as system:
        return await system.ask(AskRequest(question=QUESTION, cached=False))


async def test_a_flagged_sentence_is_told_with_its_check_and_similarity_and_without_what_acts(
    settings: Settings,
) -> None:
    answered = await ask(settings, WRONG)
    (citation,) = answered["citations"]
    assert (citation["supported"], citation["flags"]) == (False, ["numbers"])
    assert "131,073 bytes" in citation["claim"]
    assert "evil.example" not in citation["claim"] + answered["answer"]
    assert 0 < citation["similarity"] < 1
    (step,) = [one for one in answered["trace"] if one["node"] == "answer"]
    assert step["checks"] == {
        "flagged": {"numbers": 1},
        "similarity": {"compared": 1},
        "judge": {"left_out": "none is configured"},
    }


async def test_a_judge_flags_what_the_checks_let_through_and_is_named(settings: Settings) -> None:
    said = "Per token 131,072 bytes are taken by the KV cache of Mistral 7B [1]."
    answered = await ask(settings, said, ScriptedChat(['{"supported": [false]}']))
    assert [one["flags"] for one in answered["citations"]] == [["judge"]]
    (step,) = [one for one in answered["trace"] if one["node"] == "answer"]
    assert step["checks"]["judge"] == {"model": "scripted", "judged": 1}


async def test_a_judge_that_is_down_leaves_the_checks_and_is_a_degradation(settings: Settings) -> None:
    answered = await ask(settings, WRONG, ScriptedChat([ModelUnavailable("scripted is down")]))
    assert [one["flags"] for one in answered["citations"]] == [["numbers"]]
    degraded = [(one["part"], one["why"]) for one in answered["degraded"]]
    assert ("judge of citations", "scripted is down") in degraded
    assert answered["grade"] == "full"


async def test_the_settings_name_the_judge_and_none_is_the_default() -> None:
    models = (HashingEmbedder(), Metrics(), Policies())
    assert build_citation_judge(load_settings({}), *models) is None
    judged = {"ARDOISE_GENERATION__JUDGE": "mistral:a-judge"}
    with pytest.raises(MissingKey):
        build_citation_judge(load_settings(judged), *models)
    judge = build_citation_judge(load_settings(judged | {"MISTRAL_API_KEY": "k"}), *models)
    assert judge is not None
    assert judge.name == "mistral:a-judge"
    await judge.close()
    with pytest.raises(ConfigurationError, match=r"generation\.judge"):
        load_settings({"ARDOISE_GENERATION__JUDGE": "a-judge"})


@pytest.mark.socket
async def test_who_asks_the_same_model_meets_one_breaker_whatever_it_is_asked_for() -> None:
    same = "vllm:a-model"
    settings = load_settings(
        {"ARDOISE_LLM": "vllm", "ARDOISE_LLM_MODEL": "a-model", "ARDOISE_VLLM_URL": "http://127.0.0.1:1"},
        {
            "generation.judge": same,
            "resilience.fallbacks": f"{same},vllm:another",
            "resilience.retries": 0,
            "resilience.breaker_failures": 1,
        },
    )
    models = (HashingEmbedder(), Metrics(), Policies())
    judge = build_citation_judge(settings, *models)
    assert judge is not None
    reasons = []
    for chat in (
        build_resilient_chat(settings, "vllm", *models),
        judge,
        *build_fallbacks(settings, *models),
    ):
        with pytest.raises(ModelUnavailable) as down:
            await chat.complete(ChatRequest((Message("user", "?"),), Deadline.after(30)))
        reasons.append(down.value.reason)
        await chat.close()
    assert reasons == ["connection", "circuit_open", "circuit_open", "connection"]
