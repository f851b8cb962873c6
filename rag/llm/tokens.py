"""Counting tokens: Mistral's tokenizers where the model is one of theirs, an estimate elsewhere."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rag.llm.base import Message, TokenCount, ToolSpec
from rag.llm.wire import wire_messages, wire_tools

# Fitted by linear programming: the least that no paragraph of the handbook exceeds, English or French, by the
# Tekken of mistral-common. In all, 38% too much for English, 28% for French; a quarter of the characters is
# too little for 25% and 38% of the paragraphs, since a digit is a token and some symbols are three.
_PROSE = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ\s]+")
_PER_LETTER = 0.255  # or blank
_PER_SIGN = 1.36  # anything else
_TOKENS_PER_MESSAGE = 4  # role markers and separators of the usual chat templates


def estimated_tokens(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> int:
    """An estimate for models whose tokenizer is not at hand, rather too high than too low: it fills budgets.

    0.255 for each Latin letter or blank, 1.36 for anything else, and 4 per message. All tools are one message
    more, of the JSON that is sent. A vocabulary far smaller than Tekken's 131k may take more.
    """
    return sum(_estimated(text) + _TOKENS_PER_MESSAGE for text in _texts(messages, tools))


def estimate(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
    """``estimated_tokens``, marked as what it is."""
    return TokenCount(estimated_tokens(messages, tools), estimated=True)


async def mistral_tokens(
    model: str, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()
) -> TokenCount:
    """Tokens by ``mistral-common``, whose package carries the tokenizers, loaded at the first count.

    A conversation that ends with a question or a tool's result is counted in the template of the model where
    the package knows the model: that is no estimate. Else the template is that of Tekken, the vocabulary of
    Mistral's later models. Of other messages, as parts of a prompt that is not whole yet, each text is
    counted, and 4 tokens for its markers. Without the package the estimate is by characters.
    """

    def count() -> TokenCount:
        try:
            tokenizer, own = _tokenizer(model)
        except ImportError:
            return estimate(messages, tools)
        whole = _in_template(tokenizer, messages, tools)
        tokens = _by_text(tokenizer, messages, tools) if whole is None else whole
        return TokenCount(tokens, estimated=whole is None or not own)

    return await asyncio.to_thread(count)


def _estimated(text: str) -> int:
    prose = sum(map(len, _PROSE.findall(text)))
    return math.ceil(_PER_LETTER * prose + _PER_SIGN * (len(text) - prose))


def _texts(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[str]:
    said = [message.content for message in messages]
    return [*said, json.dumps(wire_tools(tools), ensure_ascii=False)] if tools else said


def _in_template(tokenizer: Any, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
    """Tokens of a whole conversation; ``None`` where the template takes no such messages."""
    from mistral_common.exceptions import MistralCommonException
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    try:
        request = ChatCompletionRequest.from_openai(wire_messages(messages), wire_tools(tools) or None)
        return len(tokenizer.encode_chat_completion(request).tokens)
    except (MistralCommonException, ValueError):
        return None


def _by_text(tokenizer: Any, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
    bare = tokenizer.instruct_tokenizer.tokenizer
    return sum(
        len(bare.encode(text, bos=False, eos=False)) + _TOKENS_PER_MESSAGE for text in _texts(messages, tools)
    )


def _tokenizer(model: str) -> tuple[Any, bool]:
    """The tokenizer for a model, and whether it is the model's own."""
    from mistral_common.tokens.tokenizers.mistral import MODEL_NAME_TO_TOKENIZER_CLS

    if model in MODEL_NAME_TO_TOKENIZER_CLS:
        try:
            return _loaded(model), True
        except ImportError:  # models of before 2024-07 need the sentencepiece package
            pass
    return _loaded(None), False


@lru_cache(maxsize=2)
def _loaded(model: str | None) -> Any:
    """The tokenizer of a model that the package knows, or Tekken, once for all others: it takes seconds."""
    from mistral_common.tokens.tokenizers.mistral import MODEL_NAME_TO_TOKENIZER_CLS, MistralTokenizer

    return MistralTokenizer.v3(is_tekken=True) if model is None else MODEL_NAME_TO_TOKENIZER_CLS[model]()
