"""A chat model as the judge of citations: it reads each sentence beside its quote, all in one call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from rag.errors import ModelCut
from rag.llm.base import ChatModel, ChatRequest, Message
from rag.llm.reading import read_json
from rag.resilience.deadline import Deadline
from rag.types import Citation, Usage

MOST = 24
"""Citations that one call asks about; an answer that has more is judged on the first of them."""

_SHOWN = 1200  # characters of a sentence and of a quote
_DELIMITER = re.compile(r"<(?=\s*/?\s*(?:pair|sentence|quote)\b)", re.IGNORECASE)


async def judged(
    citations: Sequence[Citation], chat: ChatModel, deadline: Deadline
) -> tuple[tuple[bool, ...], Usage]:
    """Whether each quote supports its claim, in order, and the tokens that this took.

    Raises:
        ModelCut: the reply is no list of as many verdicts.
        ModelError, DeadlineExceeded: as the model raises them.
    """
    request = ChatRequest(
        (Message("user", _prompt(citations)),),
        deadline,
        schema=_schema(len(citations)),
        max_tokens=32 + 8 * len(citations),
    )
    reply = await chat.complete(request)
    return _verdicts(reply.text, len(citations), chat.name), reply.usage


def _prompt(citations: Sequence[Citation]) -> str:
    pairs = "\n\n".join(
        f'<pair n="{number}">\n<sentence>{_data(one.claim)}</sentence>\n'
        f"<quote>{_data(one.quote)}</quote>\n</pair>"
        for number, one in enumerate(citations, 1)
    )
    template = Template(files("rag.prompts").joinpath("judge.md").read_text(encoding="utf-8"))
    return template.substitute(count=len(citations), pairs=pairs)


def _data(text: str) -> str:
    """The text between delimiters that it cannot close."""
    return _DELIMITER.sub("&lt;", " ".join(text.split())[:_SHOWN])


def _schema(count: int) -> Mapping[str, Any]:
    verdicts = {"type": "array", "items": {"type": "boolean"}, "minItems": count, "maxItems": count}
    return {
        "type": "object",
        "properties": {"supported": verdicts},
        "required": ["supported"],
        "additionalProperties": False,
    }


def _verdicts(text: str, count: int, name: str) -> tuple[bool, ...]:
    try:
        value = read_json(text)
    except ValueError:
        value = None
    said = value.get("supported") if isinstance(value, dict) else None
    if not isinstance(said, list) or len(said) != count or not all(isinstance(one, bool) for one in said):
        raise ModelCut(f"{name}: the reply is no list of {count} verdicts: {text[:120]!r}")
    return tuple(said)
