"""The tools beside the calculator: formulas, documents, comparison, memory, and how a call is carried out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore

from agents.memory.store import SqliteStore
from agents.tools import Tool, ToolResult, carry_out
from agents.tools.base import MAX_TOKENS
from agents.tools.calling import truncated
from agents.tools.compare import compare
from agents.tools.documents import list_documents, read_document
from agents.tools.gpu_memory import gpu_memory
from agents.tools.kv_cache_size import kv_cache_size
from agents.tools.memory import recall, remember
from agents.tools.model_cards import LLAMA_2_7B, MISTRAL_7B, MIXTRAL_8X7B
from agents.tools.model_flops import model_flops
from agents.tools.search_corpus import search_corpus
from agents.tools.selection import index_tools, rank_tools, select_tools
from rag.errors import DeadlineExceeded, ToolError
from rag.index.filters import Filter
from rag.llm.base import ToolCall
from rag.resilience.deadline import Deadline
from rag.types import Chunk, Hit
from tests.contracts.test_tool_contract import TEXTS, Shelf, tools
from tests.fakes import HashingEmbedder

KV = 2 * 32 * 8 * 128 * 2  # bytes a token of Mistral 7B in fp16


async def said(tool: Tool, **arguments: Any) -> str:
    return (await tool.run(arguments, Deadline.after(10))).text


async def read(**arguments: Any) -> Chunk:
    [hit] = (await read_document(Shelf()).run(arguments, Deadline.after(10))).hits
    return hit.chunk


class TestFormulas:
    def test_cards_hold_as_many_parameters_as_the_pages_say(self) -> None:
        assert MISTRAL_7B.parameters == 7_241_732_096
        assert MIXTRAL_8X7B.parameters == 46_702_792_704
        assert LLAMA_2_7B.parameters == 6_738_415_616

    @pytest.mark.parametrize(
        ("arguments", "size"),
        [
            ({"model": "mistral-7b"}, KV),
            ({"model": "Mixtral 8x7B", "tokens": 32768, "gpus": 2}, KV * 32768 // 2),
            ({"model": "mistral-7b", "tokens": 32768, "window": 4096}, KV * 4096),
            ({"model": "llama-2-7b", "dtype": "int8", "sequences": 3}, 2 * 32 * 32 * 128 * 3),
            ({"layers": 48, "kv_heads": 8, "head_dim": 160, "dtype": "bf16"}, 2 * 48 * 8 * 160 * 2),
        ],
    )
    async def test_the_cache_has_the_size_of_the_formula(self, arguments: dict[str, Any], size: int) -> None:
        assert f"= {size:,} bytes" in await said(kv_cache_size(), **arguments)

    async def test_flops_count_weights_and_attention(self) -> None:
        decode = 2 * MISTRAL_7B.multiplied + 4 * 4096 * 4096 * 32
        text = await said(model_flops(), model="mistral-7b", context=4096)
        assert text.endswith(f"together = {decode / 1e9:.6g} GFLOP = {decode:.6g} FLOP")
        training = 6 * 70e9 * 1.4e12
        text = await said(model_flops(), parameters=70e9, tokens=1.4e12, phase="training")
        assert f"= {training:.6g} FLOP" in text

    async def test_memory_counts_weights_cache_and_training_states(self) -> None:
        weights = MISTRAL_7B.parameters * 2
        text = await said(gpu_memory(), model="mistral-7b", tokens=4096)
        assert f"{weights:,} bytes" in text
        assert "; together = " in text
        assert text.endswith(f" = {weights + KV * 4096:,} bytes")
        text = await said(gpu_memory(), parameters=7.5e9, purpose="training", zero_stage=1, gpus=64)
        assert f"{4 * 7.5 + 12 * 7.5 / 64:.6g} GB" in text

    @pytest.mark.parametrize(
        ("tool", "arguments"),
        [
            (kv_cache_size(), {"layers": 32}),
            (kv_cache_size(), {"model": "mistral-7b", "layers": 32}),
            (kv_cache_size(), {"model": "gpt-9"}),
            (model_flops(), {}),
            (gpu_memory(), {"parameters": float("inf")}),
        ],
    )
    async def test_a_model_that_is_not_given_whole_is_refused(
        self, tool: Tool, arguments: dict[str, Any]
    ) -> None:
        with pytest.raises(ToolError):
            await tool.run(arguments, Deadline.after(1))


class TestDocuments:
    @pytest.mark.parametrize("name", ["cheat sheet", "Formulas CHEAT", "röofline"])
    async def test_words_of_a_name_are_enough_where_no_other_document_has_them(self, name: str) -> None:
        assert (await read(document=name)).text

    async def test_words_that_several_documents_have_mean_none_of_them(self) -> None:
        with pytest.raises(ToolError, match="3 documents are called 'handbook'"):
            await read_document(Shelf()).run({"document": "handbook"}, Deadline.after(1))

    async def test_a_section_ends_at_the_next_heading_of_its_rank(self) -> None:
        chunk = await read(document="kv-cache", heading="the trade-off")
        assert chunk.text == "## The trade-off\n\nMemory for time."
        assert TEXTS[chunk.document_id][chunk.start : chunk.end] == chunk.text

    async def test_a_page_is_read_by_its_number(self) -> None:
        chunk = await read(document="formulas-cheat-sheet.pdf", page=2)
        assert (chunk.text, chunk.page) == ("page two", 2)

    async def test_what_is_longer_than_one_reading_is_cut_between_words_and_the_cut_is_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = "handbook/inference/roofline.md"
        monkeypatch.setitem(TEXTS, name, "word " * 2000)
        result = await read_document(Shelf()).run({"document": name}, Deadline.after(1))
        assert result.hits[0].chunk.text.endswith(" word")
        assert len(result.hits[0].chunk.text) <= 4 * MAX_TOKENS
        assert f"of {5 * 2000:,}: ask for a part" in result.text

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ({"document": "kv-cach.md"}, "did you mean"),
            ({"document": "zzz"}, "list_documents"),
            ({"document": "kv-cache.md", "heading": "Nope"}, "'The trade-off'"),
            ({"document": "kv-cache.md", "page": 1}, "no pages"),
            ({"document": "formulas-cheat-sheet.pdf", "page": 3}, "2 pages"),
        ],
    )
    async def test_what_is_not_there_is_told_with_what_is(self, arguments: dict[str, Any], told: str) -> None:
        with pytest.raises(ToolError, match=told):
            await read_document(Shelf()).run(arguments, Deadline.after(1))

    async def test_documents_are_listed_by_words_and_language(self) -> None:
        assert (await said(list_documents(Shelf()), containing="ROOF")).startswith("1 documents\n")
        assert await said(list_documents(Shelf()), language="fr") == "0 documents"


async def test_filters_reach_the_search() -> None:
    seen: list[Filter | None] = []

    async def spy(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        seen.append(filter)
        return []

    await said(search_corpus(spy), query="x", filters={"language": "fr"})
    assert seen == [Filter.of({"language": "fr"})]


async def test_a_search_about_something_keeps_to_the_documents_that_it_finds() -> None:
    seen: list[tuple[str, Filter | None]] = []

    async def spy(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        seen.append((query, filter))
        return [Hit(Chunk(str(n), f"doc{n // 2}", "text", 0, 4), 1.0) for n in range(6)]

    await said(search_corpus(spy), query="why?", about="paging", filters={"language": "en"})
    first, second = (
        Filter.of({"language": "en"}),
        Filter.of({"language": "en", "document_id": ["doc0", "doc1"]}),
    )
    assert seen == [("paging", first), ("why?", second)]


async def test_a_search_about_what_nothing_answers_keeps_to_no_document() -> None:
    seen: list[Filter | None] = []

    async def spy(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        seen.append(filter)
        return []

    await said(search_corpus(spy), query="why?", about="paging")
    assert seen == [Filter.of({})] * 2


async def test_a_comparison_quotes_a_sentence_for_each_and_says_where_it_stands() -> None:
    async def found(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        text = f"Nothing to see. {query} wins in speed." if "GPTQ" in query else "Other things."
        return [Hit(Chunk(query, f"doc/{query[:4]}", text, 0, len(text)), 1.0)]

    result = await compare(found).run({"entities": ["GPTQ", "AWQ"], "aspects": ["speed"]}, Deadline.after(1))
    assert "GPTQ speed wins in speed. [1]" in result.text
    assert "nothing found" in result.text
    assert len(result.hits) == 2
    assert result.quotes == ()  # one side alone is no comparison


async def test_each_cell_of_a_comparison_is_cited_and_none_breaks_the_table() -> None:
    async def found(query: str, _deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        text = f"{query} | wins [2]. So {query} is fast."
        return [Hit(Chunk(query, f"doc/{query}", text, 7, 7 + len(text)), 1.0)]

    result = await compare(found).run({"entities": ["GPTQ", "AWQ"]}, Deadline.after(1))
    assert result.text.splitlines()[-1] == "|  | So GPTQ is fast. [1] | So AWQ is fast. [2] |"
    first, second = result.quotes
    assert (first.quote, first.document_id, second.marker) == ("So GPTQ is fast.", "doc/GPTQ", 2)
    assert first.start == 7 + len("GPTQ | wins [2]. ")


async def test_notes_stay_with_their_user() -> None:
    store = InMemoryStore()
    await said(remember(store, "ada"), text="likes  French")
    await said(remember(store, "ada"), text="Likes French")
    assert await said(recall(store, "ada"), query="language") == "remembered earlier: Likes French"
    assert "nothing" in await said(recall(store, "bob"), query="language")


async def test_only_notes_on_what_is_asked_are_recalled_and_all_of_them_where_nothing_is(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "memories.sqlite", HashingEmbedder())
    for text in ("our cards are two RTX 4090", "the deadline is in March"):
        await said(remember(store, "ada"), text=text)
    assert await said(recall(store, "ada"), query="what are our cards") == (
        "remembered earlier: our cards are two RTX 4090"
    )
    assert await said(recall(store, "ada"), query="peanut allergy") == "nothing of this is remembered"
    assert (await said(recall(store, "ada"))).count(";") == 1
    await store.close()


class TestCalling:
    async def test_a_tool_that_takes_too_long_is_a_result_and_no_error(self) -> None:
        async def hang(_arguments: Any, _deadline: Deadline) -> ToolResult:
            await asyncio.Event().wait()
            raise AssertionError

        slow = Tool("slow", "", {}, hang, timeout_s=0.01)
        result = await carry_out(ToolCall("1", "slow", {}), {"slow": slow}, Deadline.after(30))
        assert result.failed
        assert "took more than 0.01 s" in result.text

    async def test_when_the_request_has_no_time_left_it_is_told(self) -> None:
        with pytest.raises(DeadlineExceeded):
            await carry_out(
                ToolCall("1", "calculator", {"expression": "1"}), tools(), Deadline(0.0, lambda: 1.0)
            )

    async def test_a_tool_that_is_not_there_is_told_with_those_that_are(self) -> None:
        result = await carry_out(ToolCall("1", "rm", {}), tools(), Deadline.after(1))
        assert result.failed
        assert "calculator" in result.text

    def test_a_long_text_is_cut_and_says_so(self) -> None:
        cut = truncated("word " * 1000, 50)
        assert len(cut) <= 50 * 4
        assert "cut: 5,000 characters" in cut
        assert truncated("short", 50) == "short"


class TestSelection:
    async def test_the_tool_whose_words_are_asked_for_comes_first(self) -> None:
        index = await index_tools(list(tools().values()))
        for question, name in [
            ("Which documents are in the collection?", "list_documents"),
            ("How large is the KV cache?", "kv_cache_size"),
        ]:
            assert (await rank_tools(question, index))[0].name == name

    async def test_few_are_kept_and_the_indispensable_always(self) -> None:
        index = await index_tools(list(tools().values()))
        kept = await select_tools("What do you know about me?", index, k=4)
        assert len(kept) == 4
        assert {"search_corpus", "calculator", "recall"} <= set(kept)
        assert set(await select_tools("x", index, k=50)) == set(tools())

    async def test_one_that_the_question_names_is_kept_whatever_else_it_speaks_of(self) -> None:
        index = await index_tools(list(tools().values()))
        question = "Size of the KV cache, GPU memory of the model, its FLOPs: use list_documents"
        assert (await rank_tools(question, index))[0].name != "list_documents"
        assert "list_documents" in await select_tools(question, index, k=3)
