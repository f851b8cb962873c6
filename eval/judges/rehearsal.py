"""What judging will take, told before it starts: the judge itself, with a model that answers by form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.answers import Asked, judged_row
from eval.judges.base import Called
from eval.judges.patient import PatientChat
from eval.judges.ragas import RagasJudge
from eval.prices import Prices, cost_view, model_of
from eval.questions import Question
from rag.embedding.base import Vectors
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.tokens import estimated_tokens
from rag.types import Answer, Usage

_ITEMS = 3
"""Statements, claims or topics that a text is taken to have."""
_WORDS_OF_REASON = "word " * 20
_CHARACTERS_PER_TOKEN = 4
_ANSWER = "A sentence that states something of the kind that was asked for. " * _ITEMS


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is not known before the questions are asked: ``passages`` an answer rests on, and their tokens."""

    passages: int
    passage_tokens: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What judging will take if nothing is in the cache and nothing fails."""

    judge: str
    model: str
    questions: int
    calls: int
    usage: Usage
    assumed: Assumed

    def view(self, prices: Prices) -> dict[str, Any]:
        """As a JSON object; ``cost`` is ``null`` when the model's price is not among ``prices``."""
        return {
            "judge": self.judge,
            "model": self.model,
            "questions": self.questions,
            "calls": self.calls,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "cost": cost_view(self.usage, self.model, prices),
            "assumed": {
                "passages": self.assumed.passages,
                "passage_tokens": self.assumed.passage_tokens,
                "statements_of_a_text": _ITEMS,
                "characters_per_token": _CHARACTERS_PER_TOKEN,
            },
        }


async def estimate(
    questions: Sequence[Question], chat_name: str, assumed: Assumed, metrics: Sequence[str] = ()
) -> Estimate:
    """Scores every question as if the reference were its answer, and counts what that asks of the model.

    ``chat_name`` is the judge's backend and model, ``metrics`` are those of RAGAS that are wanted.

    Raises:
        UnknownChoice, MissingExtra, ConfigurationError: as ``RagasJudge``.
    """
    chat = PatientChat(_FormChat(chat_name))
    judge = RagasJudge(chat, _NoEmbedder(), metrics=metrics)
    passage = "x" * assumed.passage_tokens * _CHARACTERS_PER_TOKEN
    for question in questions:
        asked = Asked(
            Answer(question.answer or _ANSWER),
            (passage,) * assumed.passages,
            (Called("search_corpus", {"query": question.question}, passage),),
        )
        await judge.score(judged_row(question, asked))
    spent = chat.spent
    return Estimate(judge.name, model_of(chat_name), len(questions), spent.calls, spent.usage, assumed)


class _FormChat:
    """Fills in the schema that it is asked for; counts characters as tokens."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: ChatRequest) -> ChatReply:
        schema = request.schema or {}
        text = json.dumps(_filled(schema, schema.get("$defs", {})))
        prompt = estimated_tokens(request.messages)
        usage = Usage(prompt, math.ceil(len(text) / _CHARACTERS_PER_TOKEN))
        return ChatReply(text, "stop", self.name, usage=usage)


def _filled(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    """A value of a JSON schema, with texts as long as a reason and lists of ``_ITEMS``."""
    if "$ref" in schema:
        return _filled(named[schema["$ref"].rpartition("/")[2]], named)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _filled(of, named) for name, of in schema["properties"].items()}
        case "array":
            return [_filled(schema["items"], named)] * _ITEMS
        case "integer" | "number":
            return 1
        case "boolean":
            return True
    return _WORDS_OF_REASON


class _NoEmbedder:
    """All texts alike: what an estimate needs no weights for."""

    name = "none"

    async def embed_query(self, text: str) -> Vectors:  # noqa: ARG002 - as every embedder
        return np.ones(1, dtype=np.float32)
