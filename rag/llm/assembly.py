"""Puts a streamed reply together: text, tool calls however their deltas are split, finish reason, usage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.errors import ContentFiltered, ModelCut
from rag.llm.base import ChatReply, FinishReason, ToolCall
from rag.llm.failures import Source
from rag.llm.reading import read_json
from rag.llm.repetition import RepetitionGuard
from rag.types import Usage

_FINISH: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",  # Mistral's word for a full context window
    "tool_calls": "tool_calls",
}
_FILTERED = "content_filter"
_SHOWN = 80  # characters of a faulty reply that are passed on
# What stands for "no id in this delta": nothing, or the default that mistralai fills in.
_NO_ID = {"", "null"}
# Far beyond what any question needs, and little enough to be put together while others wait.
_MOST_CALLS = 64
_MOST_ARGUMENTS = 100_000  # characters, of all calls
_MOST_TOKENS = 10**9  # that are believed of a usage


@dataclass(slots=True)
class _PartialCall:
    index: int
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Assembly:
    """Collects the pieces of one reply, and lets nothing in that could not be passed on.

    Text, names and arguments lose the key of ``source`` and halves of characters. What is of another type
    than the protocol says raises ``TypeError``.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._model = source.model
        self._text: list[str] = []
        self._held = ""
        self._written = 0
        self._calls: list[_PartialCall] = []
        self._finish: str | None = None
        self._usage = Usage()
        self._guard = RepetitionGuard()

    def add(
        self, text: str = "", finish: str | None = None, model: str | None = None, usage: object = None
    ) -> str:
        """Takes in one event, and returns the text to be shown; what it does not carry stays as it was.

        An end that may be the beginning of the key is held back until the next event, or the finish reason.

        Raises:
            ModelCut: the text has begun to repeat itself without end.
        """
        self._finish = self._source.clean(finish) if finish else self._finish
        self._model = self._source.clean(model) if model else self._model
        self._usage = _usage(usage) if usage else self._usage
        text = self._source.clean(self._held + text)
        self._held = "" if self._finish else self._source.begun(text)
        text = text.removesuffix(self._held)
        if text:
            self._text.append(text)
            unit = self._guard.endless(text)
            if unit is not None:
                raise self._useless(f"the reply repeats {unit[:_SHOWN]!r} without end")
        return text

    def add_call(
        self, index: int, id: str | None, name: str | None, arguments: str | Mapping[str, Any] | None
    ) -> None:
        """Takes in a piece of a tool call; any of its parts may be missing.

        Raises:
            ModelCut: too many calls, or too much in them.
        """
        known = "" if id is None or id in _NO_ID else self._source.clean(id)
        # Some servers leave the index out: then another id under the same index is another call.
        same = [c for c in self._calls if c.index == index and (not known or c.id in ("", known))]
        call = same[-1] if same else _PartialCall(index, known)
        if not same:
            self._calls.append(call)
        call.id = call.id or known
        call.name = call.name or self._source.clean(name or "")
        if arguments is not None:
            call.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))
            self._written += len(call.arguments[-1])
        if len(self._calls) > _MOST_CALLS or self._written > _MOST_ARGUMENTS:
            raise self._useless(
                f"more than {_MOST_CALLS} tool calls, or {_MOST_ARGUMENTS:,} characters in their arguments"
            )

    def reply(self, tool_required: bool = False) -> ChatReply:
        """The whole reply.

        Raises:
            ModelCut: no finish reason came, one that means no success, nothing was said, or a tool call is
                broken off (also when one was required and none came).
            ContentFiltered: the finish reason says that a filter has cut or withheld the reply.
        """
        if self._finish == _FILTERED:
            raise ContentFiltered(f"{self._source}: the provider's content filter withheld the reply")
        finish = _FINISH.get(self._finish or "")
        if finish is None:
            how = f"with {self._finish!r}" if self._finish else "without a finish reason"
            raise self._source.cut(f"the reply ended {how}")
        calls = tuple(self._whole(call, number) for number, call in enumerate(self._calls))
        if tool_required and not calls:
            raise self._useless(f"a tool call was required and the reply holds none ({finish})")
        if calls and finish == "stop":
            finish = "tool_calls"  # vLLM says "stop" after a call that was required
        text = "".join(self._text)
        if not calls and not text.strip():
            raise self._useless(f"an empty answer ({finish})")
        return ChatReply(text, finish, self._model, calls, self._usage)

    def _useless(self, why: str) -> ModelCut:
        return self._source.cut(why, by_content=True)

    def _whole(self, call: _PartialCall, number: int) -> ToolCall:
        written = "".join(call.arguments)
        try:
            # Cleaned with its escapes undone, as the key or half a character may be written in them.
            arguments = read_json(
                self._source.clean(json.dumps(read_json(written or "{}"), ensure_ascii=False))
            )
        except ValueError:
            arguments = None
        if not call.name or not isinstance(arguments, dict):
            raise self._useless(
                f"the call of the tool {call.name[:_SHOWN]!r} is broken off: its arguments are"
                f" {self._source.clean(written)[:_SHOWN]!r}, not a JSON object"
            )
        return ToolCall(call.id or f"call{number}", call.name, arguments)


def _usage(told: object) -> Usage:
    """The usage that a client's object tells: servers leave fields out, and may write anything into them."""
    return Usage(*(_tokens(getattr(told, name, 0)) for name in ("prompt_tokens", "completion_tokens")))


def _tokens(told: object) -> int:
    return min(max(told, 0), _MOST_TOKENS) if isinstance(told, int) else 0
