"""Labelled questions: the rows of a ``questions.jsonl``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.rows import Row, read_rows
from rag.errors import BadInput

Split = Literal["dev", "test"]
Text = Field(pattern=r"\S")


class _Labelled(BaseModel):
    # A field that nobody knows is a misspelt one, and what it holds would be lost without a word.
    model_config = ConfigDict(extra="forbid", frozen=True)


class Turn(_Labelled):
    """A message of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: str = Text


class ToolUse(_Labelled):
    """A tool call that the right answer needs."""

    name: str = Text
    arguments: dict[str, Any] = Field(default_factory=dict)


class Gold(_Labelled):
    """A passage that the answer rests on; ``quote`` stands in the document to the letter."""

    document_id: str = Text
    quote: str = Text


class Question(_Labelled):
    """A question and what a right answer looks like.

    ``value``, ``unit`` and ``tolerance`` (absolute) belong to questions with a number for an answer,
    ``standalone`` is a follow-up as it reads without its ``turns``, ``difficulty`` goes from 1 to 3,
    ``topics`` are what the system is there for, and ``synthetic`` marks a question that a program drafted.
    """

    id: str = Text
    question: str = Text
    lang: str = Field("en", pattern=r"^[a-z]{2,3}$")
    type: str = Field("fact", pattern=r"\S")
    split: Split | None = None
    answer: str = ""
    value: float | None = Field(None, allow_inf_nan=False)
    unit: str | None = None
    tolerance: float | None = Field(None, ge=0, allow_inf_nan=False)
    turns: tuple[Turn, ...] = ()
    standalone: str | None = Field(None, pattern=r"\S")
    tools: tuple[ToolUse, ...] = ()
    gold: tuple[Gold, ...] = ()
    answerable: bool
    difficulty: int = Field(1, ge=1, le=3)
    topics: tuple[str, ...] = ()
    synthetic: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Question:
        if self.answerable and not self.gold:
            raise ValueError("gold: an answerable question has at least one gold quote")
        if self.type == "numeric" and self.answerable and self.value is None:
            raise ValueError("value: a numeric question has the number that is the answer")
        if self.type == "follow_up" and not (self.turns and self.standalone):
            raise ValueError("turns: a follow-up has the turns before it and its standalone form")
        return self


def read_questions(path: Path, split: Split | None = None) -> tuple[Question, ...]:
    """The questions of a file in its order; with ``split``, those of that split.

    Raises:
        BadInput: the file cannot be read, a row is not a question (line and field are named), an id
            stands twice, or no question is left.
    """
    rows = list(read_rows(path))
    questions = [_question(row) for row in rows]
    lines: dict[str, int] = {}
    for row, question in zip(rows, questions, strict=True):
        if question.id in lines:
            raise row.wrong("id", f"{question.id!r} stands on line {lines[question.id]} already")
        lines[question.id] = row.line
    chosen = tuple(question for question in questions if split in (None, question.split))
    if not chosen:
        raise BadInput(f"{path}: it has no questions" + (f" of the split {split!r}" if split else ""))
    return chosen


def _question(row: Row) -> Question:
    try:
        return Question.model_validate(row.fields)
    except ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in mistake["loc"])
        what = str(mistake["msg"]).removeprefix("Value error, ")
        if not field:
            field, _, what = what.partition(": ")
        shown = (
            "" if mistake["type"] in ("missing", "value_error") else f", not {str(mistake['input'])[:80]!r}"
        )
        raise row.wrong(field, what + shown) from None
