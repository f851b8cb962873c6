"""Tokens are counted as the model counts them, template included; an estimate is called one."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rag.llm import tokens
from rag.llm.base import Message, TokenCount, ToolCall, ToolSpec
from rag.llm.tokens import estimate, estimated_tokens, mistral_tokens
from rag.llm.wire import wire_tools

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
TEXT = "The KV cache stores keys and values; it takes 131,072 bytes per token."
SEARCH = ToolSpec(
    "search_corpus",
    "Searches the collection.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
)
SYSTEM, USER = Message("system", "You answer from passages."), Message("user", TEXT)


def in_template(*messages: Any, tools: Any = None) -> int:
    """The count by the package's own reading of a request."""
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    request = ChatCompletionRequest.from_openai(list(messages), tools)
    return len(_tekken().encode_chat_completion(request).tokens)


@lru_cache(maxsize=1)
def _tekken() -> Any:
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    return MistralTokenizer.v3(is_tekken=True)


@pytest.mark.parametrize(
    ("model", "estimated"), [("mistral-small-2409", False), ("a-model-of-tomorrow", True)]
)
async def test_a_whole_conversation_is_counted_in_the_models_template_or_in_tekkens_as_an_estimate(
    model: str, estimated: bool
) -> None:
    said = Message("assistant", "It does.")
    expected = in_template(
        {"role": "system", "content": SYSTEM.content},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": said.content},
        {"role": "user", "content": TEXT},
    )
    counted = await mistral_tokens(model, [SYSTEM, Message("user", "Why?"), said, USER])
    assert counted == TokenCount(expected, estimated)


async def test_tools_are_counted_in_the_template_as_the_package_reads_them() -> None:
    wire = {"role": "user", "content": TEXT}
    (tool,) = wire_tools([SEARCH])
    counted = await mistral_tokens("mistral-small-2409", [USER], [SEARCH])
    assert counted == TokenCount(in_template(wire, tools=[tool]))
    assert counted.tokens > in_template(wire)


async def test_tools_beside_part_of_a_prompt_are_counted_by_their_json() -> None:
    bare = _tekken().instruct_tokenizer.tokenizer
    spelled = len(bare.encode(json.dumps(wire_tools([SEARCH])), bos=False, eos=False))
    alone, beside = [
        await mistral_tokens("m", [Message("assistant", TEXT)], tools) for tools in ((), (SEARCH,))
    ]
    assert beside.tokens - alone.tokens == spelled + 4


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
    assert 0 < count.tokens < longer.tokens
    assert count.estimated


async def test_the_parts_of_a_prompt_are_not_less_than_the_whole() -> None:
    """A budget that is filled by parts holds for the prompt that is sent."""
    parts = [await mistral_tokens("mistral-small-latest", [one]) for one in (SYSTEM, USER)]
    whole = await mistral_tokens("mistral-small-latest", [SYSTEM, USER])
    assert sum(part.tokens for part in parts) >= whole.tokens


async def test_without_the_tokenizers_package_it_is_an_estimate_by_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_model: str) -> Any:
        raise ImportError("No module named 'mistral_common'")

    monkeypatch.setattr(tokens, "_tokenizer", missing)
    for tools in ((), (SEARCH,)):
        counted = await mistral_tokens("mistral-small-2409", [SYSTEM, USER], tools)
        assert counted == estimate([SYSTEM, USER], tools)


async def test_a_known_model_whose_tokenizer_cannot_be_loaded_is_counted_as_an_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loaded(model: str | None) -> Any:
        if model is not None:
            raise ImportError("sentencepiece")
        return _tekken()

    monkeypatch.setattr(tokens, "_loaded", loaded)
    counted = await mistral_tokens("mistral-tiny-2407", [USER])
    assert counted == TokenCount(in_template({"role": "user", "content": TEXT}), estimated=True)


def test_an_estimate_is_marked() -> None:
    assert estimate([SYSTEM, USER]) == TokenCount(estimated_tokens([SYSTEM, USER]), estimated=True)


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("grâce à lui\n" * 10, 0.255 * 120), ("2.5 × 10¹²", 0.255 * 2 + 1.36 * 8)]
)
def test_letters_and_blanks_are_about_a_quarter_and_other_signs_more_than_one(
    text: str, tokens: float
) -> None:
    assert estimated_tokens([Message("user", text)]) == 4 + math.ceil(tokens)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_paragraph_of_the_handbook_takes_more_tokens_than_its_estimate(language: str) -> None:
    """In a message of its own, as Tekken counts it: its text, and 3 tokens that begin and end the message."""
    bare, counted, estimates = _tekken().instruct_tokenizer.tokenizer, 0, 0
    paragraphs = _paragraphs(language)
    assert len(paragraphs) > 250
    for text in paragraphs:
        true, estimated = (
            len(bare.encode(text, bos=False, eos=False)) + 3,
            estimated_tokens([Message("user", text)]),
        )
        assert estimated >= true, text
        counted, estimates = counted + true, estimates + estimated
    assert estimates < 1.4 * counted  # or it would waste budgets


def _paragraphs(language: str) -> list[str]:
    pages = [path.read_text(encoding="utf-8") for path in sorted(HANDBOOK.rglob("*.md"))]
    return [
        text
        for page in pages
        if f"\nlang: {language}\n" in page
        for text in re.split(r"\n\s*\n", page.strip())
    ]


def _twice(message: Message) -> Message:
    return Message(message.role, message.content * 2, message.tool_calls, message.tool_call_id, message.name)
