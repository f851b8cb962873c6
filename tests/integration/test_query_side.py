"""Expansion and review through the whole system: chosen by settings, seen in what a search returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.passages import dataset_sources
from app.requests import SearchRequest, Turn
from app.settings import Settings, load_settings
from app.sweeping import SettingsKits
from app.views import Json
from rag.errors import ConfigurationError
from rag.llm.scripted import ScriptedChat
from tests.fakes_index import FakeIndex
from tests.system import small_system, write_pages
from tests.unit.eval.parts import write_collection


def settings(home: Path, **retrieval: Any) -> Settings:
    chosen = {f"retrieval.{name}": value for name, value in retrieval.items()}
    return load_settings({"ARDOISE_HOME": str(home)}, {"chunking.size": 16, "chunking.overlap": 2, **chosen})


async def found(
    tmp_path: Path, asked: SearchRequest, chat: ScriptedChat | None = None, **retrieval: Any
) -> Json:
    async with small_system(settings(tmp_path / "home", **retrieval), chat) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        view = await system.search(asked)
        for hit in view["hits"]:
            assert hit["text"] in (await system.library.document(hit["document_id"]))["text"]
    return view


async def test_a_question_of_two_parts_is_looked_up_in_three_queries(tmp_path: Path) -> None:
    asked = SearchRequest(query="KV cache vs rank fusion: what does it need?", top_k=2)
    view = await found(tmp_path, asked, expansion="decompose")
    assert view["expansion"]["queries"] == [
        asked.query,
        "KV cache: what does it need?",
        "rank fusion: what does it need?",
    ]
    assert view["parts"]["expansion"] == "decompose(4, rule)"
    assert "expand" in view["timings_ms"]


async def test_a_follow_up_is_looked_up_with_what_it_follows(tmp_path: Path) -> None:
    asked = SearchRequest(
        query="And why is that?", history=(Turn(role="user", content="What does paging remove?"),), top_k=1
    )
    view = await found(tmp_path, asked, expansion="rewrite")
    assert view["expansion"]["queries"] == ["What does paging remove? And why is that?"]
    assert view["hits"][0]["document_id"] == "book/inference/kv-cache.md"


async def test_a_model_s_passage_is_looked_up_where_a_model_is_chosen(tmp_path: Path) -> None:
    passage = "Paging removes the fragmentation of the KV cache."
    chat = ScriptedChat([json.dumps({"texts": [passage]})])
    choice = {"generation.llm": "vllm", "generation.model": "m", "retrieval.expansion": "hyde"}
    chosen = load_settings({"ARDOISE_HOME": str(tmp_path / "home")}, choice)
    async with small_system(chosen, chat) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        view = await system.search(SearchRequest(query="Why pages?", mode="dense", top_k=1))
    assert view["expansion"]["hypothetical"] == [passage]
    assert view["hits"][0]["document_id"] == "book/inference/kv-cache.md"


@pytest.mark.parametrize("expansion", ["multi_query", "hyde"])
def test_without_a_model_what_needs_one_is_refused_at_the_start(tmp_path: Path, expansion: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{expansion} needs a language model"):
        settings(tmp_path, expansion=expansion)


async def test_hits_grow_to_their_section_and_stay_passages_of_their_document(tmp_path: Path) -> None:
    asked = SearchRequest(query="paging", top_k=2, mode="sparse")
    small = await found(tmp_path, asked)
    grown = await found(tmp_path, asked, widen="parents")
    assert len(grown["hits"][0]["text"]) > len(small["hits"][0]["text"])
    assert small["hits"][0]["text"] in grown["hits"][0]["text"]
    assert grown["hits"][0]["chunk_id"] == small["hits"][0]["chunk_id"]
    assert grown["parts"]["review"] == "parents"


async def test_the_sources_of_a_data_set_are_its_texts(tmp_path: Path) -> None:
    dataset = write_collection(tmp_path / "data")
    sources = await dataset_sources(dataset, FakeIndex())(["cat", "nothing"])
    assert list(sources) == ["cat"]
    assert sources["cat"].text == next(one.text for one in dataset.documents() if one.id == "cat")


@pytest.mark.parametrize(
    ("name", "value"), [("expansion", "decompose"), ("collapse", 0.8), ("mmr", 0.5), ("widen", "parents")]
)
def test_a_sweep_says_that_it_has_no_stage_for_them(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"retrieval\.{name}.*eval run --set"):
        SettingsKits().settings({f"retrieval.{name}": value})
