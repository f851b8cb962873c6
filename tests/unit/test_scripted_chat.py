"""What tests rest on when they script a chat model."""

from __future__ import annotations

import pytest

from rag.errors import ModelCut, ModelRefused
from rag.llm.scripted import Broken, ScriptedChat
from tests.contracts.chat_suite import failure_of, request_of


async def test_it_remembers_what_it_was_asked() -> None:
    chat, request = ScriptedChat(["one", "two"]), request_of()
    assert [(await chat.complete(request)).text, (await chat.complete(request)).text] == ["one", "two"]
    assert chat.requests == [request, request]


async def test_it_refuses_past_the_end_of_its_script() -> None:
    assert isinstance(await failure_of(ScriptedChat([]), "complete"), ModelRefused)


async def test_it_can_break_after_some_words() -> None:
    stream = ScriptedChat([Broken("half a sen", ModelCut("cut"))]).stream(request_of())
    assert (await anext(stream)).text + (await anext(stream)).text == "half a sen"
    with pytest.raises(ModelCut):
        await anext(stream)
