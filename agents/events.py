"""What a run tells while it goes on, in order: nodes, tool calls, tokens, citations, at last the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.llm.base import ToolCall
from rag.types import Answer, Citation, Hit, TraceStep


@dataclass(frozen=True, slots=True)
class NodeDone:
    """A node of the graph has finished."""

    step: TraceStep


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool is about to be called."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Retracted:
    """What was streamed so far is void: the model failed in mid-answer and another way is taken."""

    why: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of the answer, checked."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer and the hits it was written from; the last event of a run.

    ``waiting`` are the calls that need approval before there can be an answer: the run goes on when its
    thread is resumed.
    """

    answer: Answer
    hits: tuple[Hit, ...] = ()
    waiting: tuple[ToolCall, ...] = ()


Event = NodeDone | ToolUse | Token | Retracted | Cited | Done
