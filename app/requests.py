"""What a caller may ask for, checked once for the command line and the HTTP API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rag.index.names import NAME_PATTERN

NAME = f"^{NAME_PATTERN}$"
"""Names of collections and threads: they become names of files."""

Value = str | int | float | bool
FilterValue = Value | list[Value] | dict[Literal["gte", "gt", "lte", "lt"], int | float | str]
FILTER_HELP = (
    "Conditions on a chunk's fields (document_id, language, mime, page, title and its document's metadata),"
    " all of which must hold: a value, a list of which any will do, or bounds on a number or an ISO date."
)
FILTER_EXAMPLES: list[dict[str, FilterValue]] = [
    {"language": ["en", "fr"], "year": {"gte": 2020, "lt": 2023}, "date": {"gte": "2024-01-01"}}
]


_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Checked(BaseModel):
    """Unknown fields are refused, and texts that cannot be written as UTF-8 or hold a NUL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        for text in _texts(value):
            if found := _NO_TEXT.search(text):
                kind = "NUL" if found[0] == "\0" else "half of a surrogate pair"
                raise ValueError(
                    f"character {found.start() + 1} is U+{ord(found[0]):04X}, {kind}, which is no text:"
                    " leave it out, or send the text as valid UTF-8"
                )
        return value


def _texts(value: Any) -> Iterator[str]:
    """The strings in a field of a request; a nested request checks its own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, held in value.items():
            yield from _texts(name)
            yield from _texts(held)
    elif isinstance(value, list | tuple):
        for held in value:
            if not isinstance(held, Mapping):
                yield from _texts(held)


class Request(Checked):
    """What every request may hold."""

    collection: str | None = Field(None, pattern=NAME)


class Turn(Checked):
    """A message of the conversation that goes before a question."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=10_000)


class SearchRequest(Request):
    """``POST /v1/search`` and ``ardoise search``; what is left out comes from the settings.

    ``history`` is read where the settings expand a question by it (``retrieval.expansion``).
    """

    query: str
    history: tuple[Turn, ...] = Field((), max_length=50)
    top_k: int | None = Field(None, ge=1, le=1000)
    mode: Literal["hybrid", "dense", "sparse"] | None = None
    reranker: str | None = None
    filter: dict[str, FilterValue] = Field(
        default_factory=dict, description=FILTER_HELP, examples=FILTER_EXAMPLES
    )
    explain: bool = False
    expect: str | None = Field(None, min_length=1, description="a document's id: what became of it")


class AskRequest(Request):
    """``POST /v1/ask`` and ``ardoise ask``; a ``thread`` continues the conversation of that name.

    ``user`` is whose conversation it is, and whose memories may be read and added to; without one the
    conversation is anybody's, and there are no memories. Who may say that name is not decided here.
    """

    question: str
    thread: str | None = Field(None, pattern=NAME)
    llm: str | None = None
    agent: bool = True
    deadline_s: float | None = Field(None, gt=0, le=3600)
    user: str | None = Field(None, pattern=NAME)
    cached: bool = Field(True, description="an answer given before to the same question will do")


class ResumeRequest(Request):
    """``POST /v1/threads/{thread}/resume``: go on with a run that waits for approval or was cut short."""

    approve: bool | None = Field(None, description="the yes or no that the thread waits for")
    llm: str | None = None
    agent: bool = Field(True, description="as the question was asked")
    deadline_s: float | None = Field(None, gt=0, le=3600)
    user: str | None = Field(None, pattern=NAME)


class RewindRequest(Request):
    """``POST /v1/threads/{thread}/rewind``: back to the end of a turn."""

    checkpoint: str = Field(min_length=1, max_length=100)
    user: str | None = Field(None, pattern=NAME, description="whose conversation it is")
