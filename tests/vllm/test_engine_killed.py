"""An engine that dies in mid-sentence: the server sends an error line, and the ladder answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.parts import build_resilient_chat
from app.settings import load_settings
from rag.answer.answerer import Answerer
from rag.llm.extractive import ExtractiveChat
from rag.resilience.deadline import Deadline
from rag.resilience.policy import Policies
from rag.telemetry.metrics import Metrics
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder
from tests.servers.vllm import MODEL, running_vllm

pytestmark = [pytest.mark.vllm, pytest.mark.socket, pytest.mark.timeout(1500)]

DEADLINE_S = 240.0
TEXT = "The KV cache holds the keys and values of all tokens so far. Paging cuts the KV cache into blocks."


async def test_a_stream_that_dies_is_taken_back_and_extraction_answers(tmp_path: Path) -> None:
    embedder, metrics = HashingEmbedder(), Metrics()
    said: list[str] = []
    retracted: list[str] = []
    with running_vllm(tmp_path / "server.log") as server:

        def on_token(text: str) -> None:
            if not said:
                server.kill_engine()
            said.append(text)

        settings = load_settings(
            {"ARDOISE_VLLM_URL": server.url, "ARDOISE_LLM_MODEL": MODEL},
            {"resilience.idle_s": DEADLINE_S},  # the first words of a cold server take their time
        )
        chat = build_resilient_chat(settings, "vllm", embedder, metrics, Policies())
        hits = [Hit(Chunk("c1", "d1", TEXT, 0, len(TEXT), metadata={"language": "en"}), 1.0)]
        answer = await Answerer(ExtractiveChat(embedder)).answer(
            "What does the KV cache hold?",
            hits,
            chat,
            "en",
            Deadline.after(DEADLINE_S),
            on_token=on_token,
            on_retract=retracted.append,
        )
        await chat.close()
    assert len(retracted) == 1
    assert answer.grade == "extractive"
    assert [one.part for one in answer.degraded] == [f"vllm:{MODEL}"]
    assert "keys and values" in answer.text
    assert metrics.count("model_calls", model=f"vllm:{MODEL}", outcome="well") == 0
