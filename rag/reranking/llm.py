"""Reranking by a language model that reads all passages at once and says their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from rag.errors import ModelCut
from rag.headed import passage_text
from rag.llm.base import ChatModel, ChatRequest, Message
from rag.reranking.base import reordered
from rag.resilience.deadline import Deadline
from rag.types import Hit

_SHOWN = 1200
"""Characters of a passage that the model is shown."""
_MOST_SECONDS = 60.0
"""A call's own bound, where whoever waits for it has none."""


class LlmReranker:
    """Listwise: one call for all hits, whose place in the reply is their score.

    Sun et al. 2023, "Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents",
    arXiv:2304.09542, without their sliding window: ``batch_size`` is the longest list.
    """

    batch_size = 1000

    def __init__(self, chat: ChatModel) -> None:
        self.name = f"llm({chat.name})"
        self._chat = chat

    async def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Best first as the model says; ``rerank_score`` falls from 1 in equal steps.

        Raises:
            ModelCut: the reply is not an order of exactly these passages.
            ModelError, DeadlineExceeded: as the model raises them.
        """
        if not hits:
            return []
        request = ChatRequest(
            (Message("user", _prompt(query, hits)),),
            Deadline.after(_MOST_SECONDS),
            schema=_schema(len(hits)),
            max_tokens=32 + 6 * len(hits),
        )
        reply = await self._chat.complete(request)
        order = _order(reply.text, len(hits), self.name)
        scores = [1 - place / len(hits) for place in range(len(hits))]
        return reordered([hits[number - 1] for number in order], scores)


def _prompt(query: str, hits: Sequence[Hit]) -> str:
    shown = (" ".join(passage_text(hit.chunk).split())[:_SHOWN] for hit in hits)
    passages = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(shown, 1))
    template = Template(files("rag.prompts").joinpath("rerank.md").read_text(encoding="utf-8"))
    return template.substitute(count=len(hits), question=query, passages=passages)


def _schema(count: int) -> Mapping[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": count}
    return {
        "type": "object",
        "properties": {"ranking": {"type": "array", "items": number, "minItems": count, "maxItems": count}},
        "required": ["ranking"],
        "additionalProperties": False,
    }


def _order(text: str, count: int, name: str) -> list[int]:
    """The numbers of a reply.

    Raises:
        ModelCut: it is anything but each number from 1 to ``count`` once.
    """
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    ranking = value.get("ranking") if isinstance(value, dict) else None
    # A bool is an int to Python, and True would pass for 1.
    numbers = [number for number in ranking if type(number) is int] if isinstance(ranking, list) else []
    if numbers != ranking or sorted(numbers) != list(range(1, count + 1)):
        raise ModelCut(f"{name}: the reply is no order of the passages 1 to {count}: {text[:120]!r}")
    return numbers
