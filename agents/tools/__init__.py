"""What the agent can do: one file a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.tools.base import Tool, ToolResult
from agents.tools.calculator import calculator
from agents.tools.calling import carry_out
from agents.tools.compare import compare
from agents.tools.documents import Library, Listed, list_documents, read_document
from agents.tools.gpu_memory import gpu_memory
from agents.tools.kv_cache_size import kv_cache_size
from agents.tools.memory import recall, remember
from agents.tools.model_flops import model_flops
from agents.tools.search_corpus import Search, search_corpus

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore

__all__ = ["Library", "Listed", "Search", "Tool", "ToolResult", "carry_out", "default_tools"]


def default_tools(
    search: Search, library: Library | None = None, store: BaseStore | None = None, user: str = ""
) -> dict[str, Tool]:
    """The tools of a run, by name: those that read documents or memory only where there are any.

    ``remember`` and ``recall`` reach the notes of ``user`` in ``store`` and no one else's; without a user
    there is no memory to reach.
    """
    tools = [
        search_corpus(search),
        calculator(),
        kv_cache_size(),
        model_flops(),
        gpu_memory(),
        compare(search),
    ]
    if library is not None:
        tools += [read_document(library), list_documents(library)]
    if store is not None and user:
        tools += [remember(store, user), recall(store, user)]
    return {tool.name: tool for tool in tools}
