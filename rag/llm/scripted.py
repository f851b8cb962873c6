"""A chat model that says what a test wrote down, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.errors import ArdoiseError, ModelRefused
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.tokens import estimate

_PIECE = 7  # characters of a streamed piece: short enough to split words, markers and accents


@dataclass(frozen=True, slots=True)
class Broken:
    """A reply that says ``text`` and then fails with ``error``."""

    text: str
    error: ArdoiseError


Scripted = str | ChatReply | ArdoiseError | Broken


class ScriptedChat:
    """Answers with ``script``: replies in their order, or a function from request to reply.

    A string is a whole reply; an error is raised. ``requests`` holds every request so far.
    """

    name = "scripted"

    def __init__(
        self, script: Sequence[Scripted] | Callable[[ChatRequest], Scripted], window: int | None = None
    ) -> None:
        self._script = script if callable(script) else _reader(iter(script))
        self._window = window
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The next reply.

        Raises:
            ModelRefused: the script is at its end.
            DeadlineExceeded: the deadline had passed.
        """
        async with request.deadline.limit("scripted"):
            _, end = self._next(request)
        if isinstance(end, ArdoiseError):
            raise end
        return end

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The next reply in pieces of a few characters; raises as ``complete`` does."""
        async with request.deadline.limit("scripted"):
            text, end = self._next(request)
        for start in range(0, len(text), _PIECE):
            yield ChatDelta(text[start : start + _PIECE])
        if isinstance(end, ArdoiseError):
            raise end
        yield ChatDelta(reply=end)

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """An estimate."""
        return estimate(messages, tools)

    async def window(self) -> int | None:
        """As it was given."""
        return self._window

    async def close(self) -> None:
        """Nothing to let go of."""

    def _next(self, request: ChatRequest) -> tuple[str, ChatReply | ArdoiseError]:
        self.requests.append(request)
        said = self._script(request)
        match said:
            case str():
                return said, ChatReply(said, "stop", self.name)
            case ChatReply():
                return said.text, said
            case Broken():
                return said.text, said.error
            case _:
                return "", said


def _reader(replies: Iterator[Scripted]) -> Callable[[ChatRequest], Scripted]:
    over = ModelRefused("the script is at its end: give it one more reply")
    return lambda _: next(replies, over)
