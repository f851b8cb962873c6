"""What a run of the graph knows: a narrow input, the wider state, and the reducers that keep it small."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict

from agents.bounds import Bounds, Spent
from agents.tools.base import Tool, ToolResult
from rag.answer.answerer import Answerer
from rag.llm.base import ChatModel, Message, ToolCall
from rag.resilience.deadline import Deadline
from rag.telemetry.stages import Stages
from rag.types import Answer, Degradation, TraceStep

MAX_HISTORY = 40
"""Messages of a conversation that are kept word for word, however short; ``finish`` folds older ones."""

Offer = Callable[[str, Mapping[str, Tool]], Awaitable[Mapping[str, Tool]]]
"""A question and the tools there are, to those that are offered for it."""

Known = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Ids of documents, to those of them that the collection has."""

Route = Literal["direct", "single", "decomposed", "tools", "out_of_scope"]
Verdict = Literal["sufficient", "partial", "thin", "stopped"]
Way = Literal["other_tool", "widen", "rewrite", "hop"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tool call and what came of it; one that was ``denied`` was not carried out."""

    call: ToolCall
    result: ToolResult
    denied: bool = False


def keep_recent(history: list[Message], new: list[Message]) -> list[Message]:
    """Reducer of ``history``: appends and drops the oldest beyond ``MAX_HISTORY``."""
    return [*history, *new][-MAX_HISTORY:]


class InputState(TypedDict):
    """What a caller gives: a question, and what was said before as far as the thread does not know it.

    ``turns`` are the checkpoints at which the thread's earlier questions were answered, oldest first.
    """

    question: str
    history: Annotated[list[Message], keep_recent]
    turns: list[str]


class State(InputState, total=False):
    """What the nodes share. ``history``, ``summary`` and ``turns`` live as long as the thread.

    ``query`` is the question made self-contained; ``calls`` are those of the round under way, ``waiting``
    those of them that need approval; ``results`` are those of all rounds of this question, ``tried`` the
    ways back that were taken, whether or not they led to a new search; ``parts`` are the clauses that
    ask, where the agent took the question apart, ``leads`` the arguments of the searches that the passages
    found lead to.
    """

    summary: str
    language: str
    query: str
    route: Route
    said: str
    calls: list[ToolCall]
    waiting: list[ToolCall]
    results: Annotated[list[Outcome], operator.add]
    verdict: Verdict
    tried: list[Way]
    parts: list[str]
    leads: list[Mapping[str, Any]]
    spent: Annotated[Spent, operator.add]
    degraded: Annotated[list[Degradation], operator.add]
    trace: Annotated[list[TraceStep], operator.add]
    answer: Answer


class CallState(TypedDict):
    """What one parallel ``act`` is sent: its call, what was spent before, and how many act beside it.

    ``own_words`` are the user's in this conversation.
    """

    call: ToolCall
    query: str
    own_words: str
    spent: Spent
    beside: int


@dataclass(frozen=True, slots=True)
class Context:
    """What the nodes work with: the parts, and this request's deadline and stopwatch. Never checkpointed.

    ``planner`` chooses tools by rule when the chat model cannot be reached. ``resumable``: the run has a
    thread in which it can wait for approval. ``offer`` picks the tools that the model is shown where there
    are too many to show them all. ``history_tokens``: of the conversation kept word for word.
    ``keep_turns``: turns of a thread that can be gone back to. ``thin_cosine``: below this similarity of the
    best passage to the question, evidence counts as thin. ``known`` tells which documents there are; without
    it no link between them is followed.
    """

    chat: ChatModel
    planner: ChatModel
    tools: Mapping[str, Tool]
    answerer: Answerer
    deadline: Deadline
    stages: Stages = field(default_factory=Stages)
    bounds: Bounds = field(default_factory=Bounds)
    offer: Offer | None = None
    resumable: bool = False
    history_tokens: int = 2000
    keep_turns: int = 20
    thin_cosine: float = 0.35
    known: Known | None = None
