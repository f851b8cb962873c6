"""What a prompt has no room for of a conversation is summarised by the model; the passages stay."""

from __future__ import annotations

from pathlib import Path

from app.requests import AskRequest
from app.settings import load_settings
from rag.context import HISTORY_SHARE
from rag.llm.base import ChatRequest
from rag.llm.scripted import ScriptedChat
from rag.llm.tokens import estimated_tokens
from tests.system import small_system, write_pages

BUDGET = 800
LONG = "Reciprocal rank fusion adds up the reciprocal ranks of each leg [1]. " * 4
QUESTION = "What does reciprocal rank fusion add up?"


async def test_history_is_folded_into_a_summary_where_a_prompt_has_no_room_for_it(tmp_path: Path) -> None:
    def say(request: ChatRequest) -> str:
        return "A summary." if "Summarise" in request.messages[0].content else LONG

    chat = ScriptedChat(say)
    small = {"generation.prompt_tokens": BUDGET, "chunking.size": 64, "chunking.overlap": 8}
    async with small_system(load_settings({"ARDOISE_HOME": str(tmp_path / "home")}, small), chat) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda _: None)
        for _ in range(4):
            answer = await system.ask(AskRequest(question=QUESTION, thread="t", agent=False))
    last = [request for request in chat.requests if "Summarise" not in request.messages[0].content][-1]
    history = last.messages[1:-1]
    assert history[0].content.endswith("A summary.")
    assert estimated_tokens(history) <= HISTORY_SHARE * BUDGET
    assert not any(message.content.endswith("[…]") for message in history)
    assert "reciprocal ranks" in last.messages[-1].content
    assert answer["citations"]
