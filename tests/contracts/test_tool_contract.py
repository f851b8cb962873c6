"""What every tool keeps to: a strict schema, examples that run, mistakes told in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from langgraph.store.memory import InMemoryStore

from agents.tools import Listed, Tool, carry_out, default_tools
from rag.errors import NotFound
from rag.index.filters import Filter
from rag.llm.base import ToolCall
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Document, Hit, Page

NAMES = (
    "search_corpus", "calculator", "kv_cache_size", "model_flops", "gpu_memory", "compare", "read_document",
    "list_documents", "remember", "recall",
)  # fmt: skip
TEXTS = {
    "handbook/kv-cache.md": "# KV cache\n\nIt holds keys.\n\n## The trade-off\n\nMemory for time.\n",
    "handbook/formulas-cheat-sheet.pdf": "page one\npage two",
    "handbook/inference/roofline.md": "# Roofline\n\nBytes and FLOPs.\n",
}


class Shelf:
    """A library in memory."""

    async def documents(self) -> list[Listed]:
        return [Listed(name, name.rsplit("/", 1)[-1], "en") for name in TEXTS]

    async def document(self, document_id: str, /) -> Document:
        if document_id not in TEXTS:
            raise NotFound(document_id)
        pages = (Page(1, 0, 8), Page(2, 9, 17)) if document_id.endswith("pdf") else ()
        return Document(document_id, TEXTS[document_id], document_id, "text/plain", "en", pages=pages)


async def search(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
    text = f"{query} is a way to serve models."
    return [Hit(Chunk("c1", "handbook/kv-cache.md", text, 0, len(text)), 0.5)]


def tools() -> Mapping[str, Tool]:
    return default_tools(search, Shelf(), InMemoryStore(), "ada")


def test_these_are_the_tools() -> None:
    assert set(tools()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestEveryTool:
    def test_its_schema_is_strict_and_fits_its_examples(self, name: str) -> None:
        tool = tools()[name]
        Draft202012Validator.check_schema(dict(tool.parameters))
        assert tool.parameters["type"] == "object"
        assert tool.parameters["additionalProperties"] is False
        assert len(tool.examples) >= 2
        for example in tool.examples:
            assert not list(Draft202012Validator(tool.parameters).iter_errors(example))
            assert json.dumps(example, ensure_ascii=False) in tool.description

    async def test_its_examples_run(self, name: str) -> None:
        tool = tools()[name]
        for example in tool.examples:
            result = await tool.run(example, Deadline.after(10))
            assert result.text
            assert not result.failed

    @pytest.mark.parametrize("wrong", [{"no_such": 1}, {"expression": 3, "query": [], "text": None}])
    async def test_wrong_arguments_are_told_with_a_right_example(
        self, name: str, wrong: dict[str, Any]
    ) -> None:
        given = tools()
        result = await carry_out(ToolCall("1", name, wrong), given, Deadline.after(10))
        assert result.failed
        assert f"{name} was not called" in result.text
        assert json.dumps(given[name].examples[0], ensure_ascii=False) in result.text


def test_only_remember_changes_something() -> None:
    assert [name for name, tool in tools().items() if tool.side_effects] == ["remember"]
