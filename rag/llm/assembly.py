"""Puts a streamed reply together: text, tool calls however their deltas are split, finish reason, usage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.errors import ContentFiltered, ModelCut
from rag.llm.base import ChatReply, FinishReason, ToolCall
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


@dataclass(slots=True)
class _PartialCall:
    index: int
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Assembly:
    """Collects the pieces of one reply; ``source`` names backend and model in errors."""

    def __init__(self, source: str, model: str) -> None:
        self._source = source
        self._model = model
        self._text: list[str] = []
        self._calls: list[_PartialCall] = []
        self._finish: str | None = None
        self._usage = Usage()
        self._guard = RepetitionGuard()

    def add(
        self, text: str = "", finish: str | None = None, model: str = "", usage: Usage | None = None
    ) -> None:
        """Takes in one event; what it does not carry stays as it was.

        Raises:
            ModelCut: the text has begun to repeat itself without end.
        """
        if text:
            self._text.append(text)
            unit = self._guard.endless(text)
            if unit is not None:
                raise self._useless(f"the reply repeats {unit[:_SHOWN]!r} without end")
        self._finish = finish or self._finish
        self._model = model or self._model
        self._usage = usage or self._usage

    def add_call(
        self, index: int, id: str | None, name: str | None, arguments: str | Mapping[str, Any] | None
    ) -> None:
        """Takes in a piece of a tool call; any of its parts may be missing."""
        known = "" if id is None or id in _NO_ID else id
        # Some servers leave the index out: then another id under the same index is another call.
        same = [c for c in self._calls if c.index == index and (not known or c.id in ("", known))]
        call = same[-1] if same else _PartialCall(index, known)
        if not same:
            self._calls.append(call)
        call.id = call.id or known
        call.name = call.name or (name or "")
        if arguments is not None:
            call.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))

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
            raise ModelCut(f"{self._source}: the reply ended {how}")
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
        return ModelCut(f"{self._source}: {why}", by_content=True)

    def _whole(self, call: _PartialCall, number: int) -> ToolCall:
        written = "".join(call.arguments)
        try:
            arguments = json.loads(written or "{}")
        except ValueError:
            arguments = None
        if not call.name or not isinstance(arguments, dict):
            raise self._useless(
                f"the call of the tool {call.name!r} is broken off: its arguments are {written[:_SHOWN]!r},"
                " not a JSON object"
            )
        return ToolCall(call.id or f"call{number}", call.name, arguments)
