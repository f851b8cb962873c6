"""What a sweep of answers needs of a configuration: who answers, what shapes it, what it may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from eval.answers import Asked
from eval.beir import Dataset
from eval.diagnosis import Seen
from eval.index import Cut
from eval.judges.base import Judge
from eval.questions import Question
from eval.sweep.space import Values
from rag.index.base import Index
from rag.retriever import SearchResult
from rag.types import Hit

Found = Mapping[str, tuple[Hit, ...]]
"""The passages that were found for questions, by the questions' texts."""


class Respondent(Protocol):
    """Answers labelled questions as a configuration does. All three raise as its parts do."""

    async def passages(self, question: Question) -> SearchResult:
        """What the chain's one search finds."""

    async def ask(self, question: Question) -> Asked:
        """The answer of the configuration's own model.

        Raises:
            ModelError: its model failed; what another part said in its place is no answer of it.
        """

    async def look_back(self, question: Question, asked: Asked) -> Seen:
        """What each stage had of the passages that the question needed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a respondent stands on: a cut corpus and the index of it; ``found`` saves it from searching."""

    dataset: Dataset
    cut: Cut
    index: Index
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """Calls of a model, and their tokens: expected of one question."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def times(self, number: int) -> Spending:
        """The same for so many questions."""
        return Spending(self.calls * number, self.prompt_tokens * number, self.completion_tokens * number)

    def __add__(self, other: Spending) -> Spending:
        return Spending(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class AnswerKit:
    """How a configuration answers.

    An ``agent`` searches for itself; the chain is given what one search found. ``model`` names backend and
    model; where ``by_rule``, nothing is left to chance and an answer comes out alike each time. ``finding``
    are the settings that shape which passages are found, ``saying`` those that shape what is said of them,
    ``judging`` those of a judge. ``modules`` hold code that answers and that no part of the kit leads to.
    ``concurrency`` questions are asked at a time. ``to_find`` and ``to_say`` are what searching and answering
    are expected to take; ``passages`` are how many an answer rests on, and the tokens of each.
    """

    agent: bool
    model: str
    by_rule: bool
    respondent: Callable[[Ground], AbstractAsyncContextManager[Respondent]]
    judge: Callable[[str, tuple[str, ...]], AbstractAsyncContextManager[Judge | None]]
    judge_model: str = ""
    finding: Values = field(default_factory=dict)
    saying: Values = field(default_factory=dict)
    judging: Values = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    concurrency: int = 1
    passages: tuple[int, int] = (8, 200)
    to_find: Spending = field(default_factory=Spending)
    to_say: Spending = field(default_factory=Spending)

    @property
    def graph(self) -> str:
        """``agent`` or ``chain``."""
        return "agent" if self.agent else "chain"
