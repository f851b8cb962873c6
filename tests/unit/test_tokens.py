"""Tokens are counted as the model counts them, template included; an estimate is called one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import pytest

from rag.llm.base import Message, ToolCall
from rag.llm.tokens import estimated_tokens, mistral_tokens

TEXT = "The KV cache stores keys and values; it takes 131,072 bytes per token."
SYSTEM, USER = Message("system", "You answer from passages."), Message("user", TEXT)


def in_template(*messages: Any) -> int:
    """The count by the package's own reading of a request."""
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    request = ChatCompletionRequest.from_openai(list(messages))
    return len(_tekken().encode_chat_completion(request).tokens)


@lru_cache(maxsize=1)
def _tekken() -> Any:
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    return MistralTokenizer.v3(is_tekken=True)


@pytest.mark.parametrize("model", ["mistral-small-latest", "a-model-of-tomorrow"])
async def test_a_whole_conversation_is_counted_in_the_models_template(model: str) -> None:
    said = Message("assistant", "It does.")
    expected = in_template(
        {"role": "system", "content": SYSTEM.content},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": said.content},
        {"role": "user", "content": TEXT},
    )
    assert await mistral_tokens(model, [SYSTEM, Message("user", "Why?"), said, USER]) == expected


@pytest.mark.parametrize(
    "part",
    [
        [SYSTEM],
        [Message("assistant", TEXT)],
        [Message("tool", TEXT, tool_call_id="x")],
        [
            Message("assistant", "", (ToolCall("not nine characters", "f", {}),)),
            Message("tool", TEXT, tool_call_id="no", name="f"),
        ],
    ],
    ids=["system", "assistant", "tool", "calls"],
)
async def test_part_of_a_prompt_is_counted_as_well(part: list[Message]) -> None:
    count = await mistral_tokens("mistral-small-latest", part)
    longer = await mistral_tokens("mistral-small-latest", [*part[:-1], _twice(part[-1])])
    assert 0 < count < longer


async def test_the_parts_of_a_prompt_are_not_less_than_the_whole() -> None:
    """A budget that is filled by parts holds for the prompt that is sent."""
    parts = [await mistral_tokens("mistral-small-latest", [one]) for one in (SYSTEM, USER)]
    assert sum(parts) >= await mistral_tokens("mistral-small-latest", [SYSTEM, USER])


def test_the_estimate_is_a_quarter_of_the_characters_and_four_a_message() -> None:
    assert estimated_tokens([SYSTEM, USER]) == 8 + math.ceil(len(SYSTEM.content) / 4) + math.ceil(
        len(TEXT) / 4
    )


def _twice(message: Message) -> Message:
    return Message(message.role, message.content * 2, message.tool_calls, message.tool_call_id, message.name)
