"""Retrieval as a tool: the agent decides what to look for, the retriever finds it."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from rag.errors import BadInput, ToolError
from rag.index.filters import Filter
from rag.resilience.deadline import Deadline
from rag.types import Hit

Condition = str | int | float | list[str]


class Search(Protocol):
    """Looks a query up in the collection of this request; whoever runs the agent provides it."""

    async def __call__(self, query: str, deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        """The hits for a query that pass ``filter``, best first."""


class Query(Arguments):
    """What to look for, and among which documents."""

    query: str = Field(description="the question, self-contained", min_length=1, max_length=2000)
    filters: dict[str, Condition] = Field(
        default_factory=dict,
        description="conditions that all hold: document_id, language, mime, page, or a document's metadata",
        max_length=8,
    )
    about: str = Field(
        default="",
        description="a question of the conversation: only documents that answer it are searched",
        max_length=2000,
    )


_ABOUT = 2
"""Documents that ``about`` leaves to search: the handbook's dev follow-ups stay in the first or second."""


def search_corpus(search: Search) -> Tool:
    """The tool that looks up passages with ``search``."""

    async def run(asked: Query, deadline: Deadline) -> ToolResult:
        try:
            filters = asked.filters
            if asked.about:
                near = await search(asked.about, deadline, filter=Filter.of(filters))
                documents = list(dict.fromkeys(hit.chunk.document_id for hit in near))[:_ABOUT]
                filters = {**filters, "document_id": documents} if documents else filters
            hits = await search(asked.query, deadline, filter=Filter.of(filters))
        except BadInput as error:
            raise ToolError(f"{error}: ask in other words, or without filters") from error
        among = f" with {filters}" if filters else ""
        return ToolResult(f"{len(hits)} passages found for {asked.query!r}{among}", tuple(hits))

    return make_tool(
        "search_corpus",
        "Finds the passages of the collection that bear on a question. Use it for every question about the "
        "collection's subjects; filters keep to some documents or to one language.",
        Query,
        run,
        (
            {"query": "How does paged attention avoid fragmentation?"},
            {"query": "prix par token", "filters": {"language": "fr"}},
        ),
    )
