"""The contract of a chat model, the same for a hosted API, a local server and the offline default."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rag.resilience.deadline import Deadline
from rag.types import Usage

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for; ``arguments`` is the JSON object it wrote, parsed."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation; a ``tool`` message carries the id of the call it answers."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it: ``parameters`` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered passage of the prompt: ``[marker]`` in an answer points to it."""

    marker: int
    text: str
    title: str
    language: str
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer may rest on, in the structure that the prompt's text was made from.

    Real models read the messages, which hold the same; the extractive backend reads this. ``language`` is
    the question's, and so the answer's. ``parts`` are its clauses that ask, where the agent took it apart.
    """

    question: str
    passages: tuple[Passage, ...]
    language: str = "en"
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request. ``tool_choice`` ``required`` forces some tool; ``schema`` forces JSON of that schema.

    ``idle_s`` is the longest silence of a stream, before its first event and between two; unset, only the
    deadline ends it.
    """

    messages: tuple[Message, ...]
    deadline: Deadline
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: Literal["auto", "none", "required"] = "auto"
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 1024
    temperature: float = 0.0
    evidence: Evidence | None = None
    idle_s: float | None = None


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of a prompt; ``estimated`` where neither the model's own tokenizer nor its server counted."""

    tokens: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A whole reply; ``model`` is the name that the backend reports. ``length`` as finish is not success.

    ``hedged``: two calls were made, as the first was slow to begin.
    """

    text: str
    finish: FinishReason
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    hedged: bool = False


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a streamed reply: some text, or at the end ``reply`` with everything assembled.

    The last delta of a complete stream, and only that one, has ``reply``.
    """

    text: str = ""
    reply: ChatReply | None = None


class ChatModel(Protocol):
    """A chat backend. Both calls stay within ``request.deadline``.

    Raises:
        ModelRefused: the backend says that the request is wrong (400, 401, 403, 404).
        ModelUnavailable: down, slow, limited or broken.
        ModelCut: a reply without finish reason, empty, repeating itself without end, or a broken tool call.
        ContentFiltered: the provider's filter withheld the reply, or stopped the prompt.
        PromptTooLong: the prompt does not fit the model's window.
        DeadlineExceeded: no complete reply in time.
    """

    @property
    def name(self) -> str:
        """Backend and model, for ``parts``."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply at once."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply as it is written; closing the iterator frees the connection."""

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """Tokens of the prompt that these messages and tools make, and whether that is an estimate."""

    async def window(self) -> int | None:
        """Tokens that a prompt and its reply may take together; ``None`` where that is not known.

        Whatever is wrong with the backend, this raises nothing.
        """

    async def close(self) -> None:
        """Lets go of connections."""
