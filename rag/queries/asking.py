"""Asking a model for texts: a prompt of ours, the conversation, and a reply read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

from rag.errors import ModelCut
from rag.llm.base import ChatModel, ChatRequest, Message
from rag.resilience.deadline import Deadline

_TURNS = 6
"""Messages of the conversation that the model is shown, the last ones."""
_SHOWN = 600
"""Characters of a message that it is shown."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is asked for by ``rag/prompts/<prompt>.md``: at most ``most`` texts of about ``words``."""

    prompt: str
    most: int
    words: int


async def ask(
    chat: ChatModel, task: Task, question: str, history: Sequence[Message], deadline: Deadline
) -> tuple[str, ...]:
    """The texts of the reply, in its order; blank ones and repetitions are left out.

    Raises:
        ModelCut: the reply is not of the form that was asked for, or holds no text.
        ModelError, DeadlineExceeded: as the model raises them.
    """
    template = Template(files("rag.prompts").joinpath(f"{task.prompt}.md").read_text(encoding="utf-8"))
    prompt = template.substitute(
        count=task.most, conversation=_shown(history) or "(nothing)", question=question
    )
    longest = 20 * task.words  # characters: words are shorter, and a reply without end is none
    request = ChatRequest(
        (Message("user", prompt),),
        deadline,
        schema=_schema(task.most, longest),
        max_tokens=32 + 3 * task.words * task.most,
    )
    reply = await chat.complete(request)
    texts = _texts(reply.text, task.most, longest)
    if not texts:
        raise ModelCut(f"{chat.name}: the reply to {task.prompt} holds no usable text: {reply.text[:120]!r}")
    return texts


def distinct(texts: Sequence[str], most: int) -> tuple[str, ...]:
    """The first ``most`` texts, white space made single, without those that are blank or there already."""
    found: dict[str, str] = {}
    for text in texts:
        plain = " ".join(text.split())
        if plain:
            found.setdefault(plain.casefold(), plain)
    return tuple(found.values())[:most]


def _shown(history: Sequence[Message]) -> str:
    told = [message for message in history if message.role in ("user", "assistant")][-_TURNS:]
    return "\n".join(f"{one.role}: {' '.join(one.content.split())[:_SHOWN]}" for one in told)


def _schema(most: int, longest: int) -> Mapping[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": longest}
    return {
        "type": "object",
        "properties": {"texts": {"type": "array", "items": text, "minItems": 1, "maxItems": most}},
        "required": ["texts"],
        "additionalProperties": False,
    }


def _texts(reply: str, most: int, longest: int) -> tuple[str, ...]:
    try:
        value = json.loads(reply)
    except ValueError:
        return ()
    texts = value.get("texts") if isinstance(value, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return ()
    return distinct([text for text in texts if len(text) <= longest], most)
