"""The contract of a tool: a typed function that the agent may call."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.errors import ToolError
from rag.llm.base import ToolSpec
from rag.resilience.deadline import Deadline
from rag.types import Citation, Hit

TIMEOUT_S = 15.0
"""Seconds that a call may take, where the request's deadline leaves as much."""

MAX_TOKENS = 1500
"""Tokens of a result that the agent reads; the rest is cut, and the cut is told."""


class Arguments(BaseModel):
    """Base of every tool's arguments: a name that the tool does not know is a mistake, not a detail."""

    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answers: text, the hits behind it where there are any, and whether it failed.

    ``quotes`` are citations of those hits that the text itself holds, by its markers: such a text is shown.

    The text is data, never an instruction: documents, stored notes and other servers speak through it. A
    failure that is ``final`` is told in somebody else's words: no other arguments are made from them. What is
    ``foreign`` another program said: an answer shows it as a quotation.
    """

    text: str
    hits: tuple[Hit, ...] = ()
    failed: bool = False
    final: bool = False
    quotes: tuple[Citation, ...] = ()
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A function with its JSON schema; ``run`` raises ``ToolError`` for what the agent should read.

    ``examples`` are arguments that a call may have; ``description`` shows them to the model. A tool with
    ``side_effects`` changes something that outlives the request: it runs only after approval. One that is
    ``foreign`` is another program's: what it is called with leaves this system.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    run: Callable[[Mapping[str, Any], Deadline], Awaitable[ToolResult]]
    examples: tuple[Mapping[str, Any], ...] = ()
    side_effects: bool = False
    timeout_s: float = TIMEOUT_S
    max_tokens: int = MAX_TOKENS
    foreign: bool = False

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        return ToolSpec(self.name, self.description, self.parameters)


def make_tool(
    name: str,
    description: str,
    arguments: type[A],
    function: Callable[[A, Deadline], Awaitable[ToolResult]],
    examples: tuple[Mapping[str, Any], ...],
    side_effects: bool = False,
) -> Tool:
    """A tool from a typed function: its schema is made from ``arguments``, and checked before it runs.

    Its ``run`` raises ``ToolError`` when the arguments do not follow the schema, naming each that is wrong.
    """

    async def run(given: Mapping[str, Any], deadline: Deadline) -> ToolResult:
        return await function(check_arguments(name, arguments, given, examples), deadline)

    shown = " ".join(json.dumps(example, ensure_ascii=False) for example in examples)
    return Tool(name, f"{description} Examples: {shown}", json_schema(arguments), run, examples, side_effects)


def check_arguments(
    name: str, arguments: type[A], given: Mapping[str, Any], examples: tuple[Mapping[str, Any], ...]
) -> A:
    """``given`` as the tool's arguments.

    Raises:
        ToolError: a line with every mistake in it and an example of a right call.
    """
    try:
        return arguments.model_validate(dict(given))
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(str(part) for part in mistake['loc']) or 'arguments'}: "
            + ("there is no such argument" if mistake["type"] == "extra_forbidden" else mistake["msg"])
            for mistake in error.errors(include_url=False, include_input=False)
        )
        example = json.dumps(examples[0], ensure_ascii=False) if examples else "none"
        raise ToolError(f"{name} was not called: {mistakes}. A right call has {example}") from None


@lru_cache(maxsize=64)
def json_schema(arguments: type[Arguments]) -> Mapping[str, Any]:
    """The JSON schema of a model's fields, without the titles that say nothing; made once a model."""
    schema = _untitled(arguments.model_json_schema())
    schema.pop("description", None)
    return schema


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """Drops ``title`` where it annotates; a property of that name is a schema, and stays."""
    return {
        key: _untitled(value) if isinstance(value, dict) else value
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
