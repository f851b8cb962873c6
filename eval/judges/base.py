"""The contract of a judge: scores one answer, and says so when it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from eval.questions import ToolUse, Turn
from rag.types import Answer

Status = Literal["scored", "failed", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One metric of one row: ``value`` is there exactly when ``status`` is ``scored``; ``why`` otherwise."""

    status: Status
    value: float | None = None
    why: str = ""

    @classmethod
    def scored(cls, value: float) -> Judgement:
        """A value."""
        return cls("scored", float(value))

    @classmethod
    def failed(cls, why: str) -> Judgement:
        """No value, though there should be one."""
        return cls("failed", None, why)

    @classmethod
    def not_applicable(cls, why: str) -> Judgement:
        """No value, since the metric says nothing about such a row."""
        return cls("not_applicable", None, why)


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call on the way to an answer, and what the tool said."""

    name: str
    arguments: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a judge sees: ``contexts`` are the passages from which the answer was written.

    ``reference`` is the right answer and ``tools`` are the calls that it needs, as far as they are labelled;
    ``turns`` are the conversation before, ``calls`` the tool calls that were made, ``topics`` what the
    system is there for.
    """

    question: str
    answer: Answer
    contexts: tuple[str, ...]
    language: str
    reference: str = ""
    turns: tuple[Turn, ...] = ()
    tools: tuple[ToolUse, ...] = ()
    calls: tuple[Called, ...] = ()
    topics: tuple[str, ...] = ()


class Judge(Protocol):
    """Scores answers one at a time."""

    @property
    def name(self) -> str:
        """The method and its model, for the report."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of its metrics: the keys of every ``score``."""

    @property
    def spent(self) -> Mapping[str, int]:
        """What judging took so far: calls, cached replies, retries, tokens; empty without a model."""

    async def score(self, row: Row) -> Mapping[str, Judgement]:
        """A judgement for each of ``metrics``; what goes wrong is ``failed`` with a reason, never raised."""
