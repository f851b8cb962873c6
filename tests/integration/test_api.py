"""The HTTP API: the objects of the command line, events in order, and problems that say what to do."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.http.api import create_app
from app.settings import Settings
from rag.errors import ModelRefused, ModelUnavailable
from rag.llm.base import ChatModel, ChatReply, ChatRequest, ToolCall
from rag.llm.scripted import Broken, ScriptedChat
from tests.system import small_settings, small_system, write_pages

STREAM = {"Accept": "text/event-stream"}
QUESTION = "How many bytes per token does the KV cache of Mistral 7B take?"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path / "home")


@asynccontextmanager
async def client(
    settings: Settings, pages: Path | None = None, chat: ChatModel | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    if pages:
        async with small_system(settings) as system:
            await system.library.ingest([pages], prune=False, progress=lambda step: None)
    app = create_app(small_system(settings, chat))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ardoise") as http,
    ):
        yield http


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block
    ]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def plan_then(last: Any) -> ScriptedChat:
    plan = ChatReply("", "tool_calls", "scripted", (ToolCall("1", "search_corpus", {"query": QUESTION}),))
    return ScriptedChat(lambda request: plan if request.tools else last)


async def test_a_search_shows_each_hits_place_in_both_legs(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        found = (await http.post("/v1/search", json={"query": "KV cache bytes", "top_k": 2})).json()
    assert set(found) == {"query", "collection", "hits", "timings_ms", "parts", "degraded"}
    first = found["hits"][0]
    assert first["document_id"] == "book/inference/kv-cache.md"
    assert first["rank"] == 1
    assert first["legs"]["dense"]["rank"] == first["legs"]["sparse"]["rank"] == 1
    assert {"embed", "search", "fuse", "fetch", "total"} <= set(found["timings_ms"])
    assert {"embedder", "index", "fusion", "reranker"} <= set(found["parts"])


async def test_an_explained_search_names_terms_moves_and_what_became_of_a_document(
    settings: Settings, tmp_path: Path
) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        body = {"query": "caches of bytes", "top_k": 1, "reranker": "late_interaction"}
        plain = (await http.post("/v1/search", json=body)).json()
        expected = {"expect": "book/retrieval/rrf.md", "explain": True}
        found = (await http.post("/v1/search", json=body | expected)).json()
    [hit] = found["hits"]
    explained = hit.pop("explain")
    assert hit == plain["hits"][0]
    assert {(term["term"], term["in_text"]) for term in explained["terms"]} == {
        ("caches", "cache"),
        ("bytes", "bytes"),
    }
    total = sum(term["weight"] for term in explained["terms"])
    assert total == pytest.approx(hit["legs"]["sparse"]["score"])
    assert explained["fused"]["rank"] == explained["reranker"]["from"]
    assert explained["reranker"]["to"] == hit["rank"] == 1
    told = found["explain"]
    assert told["candidates"]["sparse"] == 1
    assert [(one["query"], one["language"]) for one in told["queries"]] == [(body["query"], "en")]
    assert explained["review"] == []
    assert [one["legs"] for one in explained["queries"]] == [hit["legs"]]
    assert told["expected"]["document_id"] == "book/retrieval/rrf.md"
    assert told["expected"]["stage"] == "top_k"
    assert told["expected"]["rank"] > 1


async def test_a_filter_holds_on_every_hit(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        body = {"query": "fusion of ranks", "filter": {"language": "fr"}}
        found = (await http.post("/v1/search", json=body)).json()
    assert [hit["document_id"] for hit in found["hits"]] == ["book/retrieval/fusion.md"]


async def test_an_answer_quotes_its_document_to_the_letter(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        answered = (await http.post("/v1/ask", json={"question": QUESTION})).json()
        citation = answered["citations"][0]
        document = (await http.get(f"/v1/documents/{citation['document_id']}")).json()
    assert "131,072 bytes" in answered["answer"]
    assert answered["grade"] == "extractive"
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]


async def test_events_come_in_order_and_end_with_everything(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        response = await http.post("/v1/ask", json={"question": QUESTION}, headers=STREAM)
        whole = (await http.post("/v1/ask", json={"question": QUESTION})).json()
    happened = events(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in happened]
    assert names[0] == "node"
    assert names.index("tool_call") < names.index("token") < names.index("citation") < names.index("done")
    assert names[-1] == "done"
    assert happened[-1][1].keys() == whole.keys()
    assert "".join(data["text"] for name, data in happened if name == "token") == happened[-1][1]["answer"]


async def test_a_model_that_fails_in_mid_answer_is_replaced(settings: Settings, tmp_path: Path) -> None:
    chat = plan_then(Broken("The answer", ModelUnavailable("scripted is unavailable: HTTP 503")))
    async with client(settings, write_pages(tmp_path), chat) as http:
        response = await http.post("/v1/ask", json={"question": QUESTION}, headers=STREAM)
    happened = events(response.text)
    done = happened[-1][1]
    assert "retracted" in [name for name, _ in happened]
    assert done["grade"] == "extractive"
    assert "HTTP 503" in done["degraded"][0]["why"]


async def test_an_error_after_the_first_event_arrives_as_an_event(settings: Settings, tmp_path: Path) -> None:
    chat = plan_then(ModelRefused("scripted refused the request: HTTP 400"))
    async with client(settings, write_pages(tmp_path), chat) as http:
        response = await http.post("/v1/ask", json={"question": QUESTION}, headers=STREAM)
    name, data = events(response.text)[-1]
    assert (response.status_code, name, data["status"]) == (200, "error", 502)


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/v1/ask", {"question": ""}, 422, "empty"),
        ("/v1/ask", {"question": "x" * 100_000}, 422, "100,000"),
        ("/v1/ask", {"question": "x", "collection": "nowhere"}, 404, "nowhere"),
        ("/v1/ask", {"question": "x", "llm": "gpt"}, 422, "'gpt'"),
        ("/v1/ask", {"question": "x", "deadline_s": -1}, 422, "deadline_s"),
        ("/v1/ask", {"question": "x", "thread": "../../etc"}, 422, "thread"),
        ("/v1/ask", {"question": "x", "tread": "mine"}, 422, "tread"),
        ("/v1/search", {"query": "  "}, 422, "empty"),
        ("/v1/search", {"query": "x", "mode": "psychic"}, 422, "mode"),
        ("/v1/search", {"query": "x", "reranker": "magic"}, 422, "'magic'"),
        ("/v1/search", {"query": "x", "top_k": 0}, 422, "top_k"),
    ],
)
async def test_bad_input_is_a_problem_that_names_it(
    settings: Settings, tmp_path: Path, path: str, body: dict[str, Any], status: int, told: str
) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        response = await http.post(path, json=body)
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert told in problem["detail"]


async def test_bad_input_has_its_status_also_for_events(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        response = await http.post("/v1/ask", json={"question": " "}, headers=STREAM)
    assert response.status_code == 422


async def test_a_full_service_refuses_and_says_when_to_come_back(settings: Settings, tmp_path: Path) -> None:
    full = settings.model_copy(update={"request": settings.request.model_copy(update={"concurrency": 0})})
    async with client(full, write_pages(tmp_path)) as http:
        response = await http.post("/v1/ask", json={"question": QUESTION})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1


async def test_alive_is_not_ready_until_there_is_something_to_ask(settings: Settings, tmp_path: Path) -> None:
    async with client(settings) as http:
        assert (await http.get("/healthz")).status_code == 200
        unready = await http.get("/readyz")
    async with client(settings, write_pages(tmp_path)) as http:
        ready = await http.get("/readyz")
    assert unready.status_code == 503
    assert unready.headers["Retry-After"]
    assert "ardoise ingest" in unready.json()["detail"]
    assert ready.json()["documents"] == 3


async def test_a_deleted_document_is_found_no_more(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        deleted = await http.delete("/v1/documents/book/inference/kv-cache.md")
        again = await http.delete("/v1/documents/book/inference/kv-cache.md")
        found = (await http.post("/v1/search", json={"query": "KV cache bytes"})).json()
        left = (await http.get("/v1/documents")).json()["documents"]
    assert deleted.json()["deleted"] == ["book/inference/kv-cache.md"]
    assert again.status_code == 404
    assert "book/inference/kv-cache.md" not in {hit["document_id"] for hit in found["hits"]}
    assert len(left) == 2


async def test_a_thread_goes_on_and_other_questions_stand_alone(settings: Settings, tmp_path: Path) -> None:
    requests: list[ChatRequest] = []

    def say(request: ChatRequest) -> Any:
        requests.append(request)
        return "131,072 bytes [1]."

    async with client(settings, write_pages(tmp_path), ScriptedChat(say)) as http:
        for thread in ("mine", "mine", None):
            await http.post("/v1/ask", json={"question": QUESTION, "thread": thread})
    histories = [len(request.messages) - 2 for request in requests if request.tools]
    assert histories == [0, 2, 0]


async def test_the_page_and_its_files_are_served_and_nothing_else(settings: Settings) -> None:
    async with client(settings) as http:
        page = await http.get("/")
        script = await http.get("/page/ask.js")
        outside = await http.get("/page/..%2fapi.py")
    assert "<title>Ardoise</title>" in page.text
    assert "v1/ask" in script.text
    assert outside.status_code == 404
    # Whatever a document brings into the page, the browser fetches and sends nothing elsewhere.
    for served in (page, script):
        policy = served.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "unsafe" not in policy


async def test_the_page_makes_no_markup_of_what_it_is_told() -> None:
    script = (Path(__file__).parents[2] / "app" / "http" / "page" / "ask.js").read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script
    )
    # The only links that it makes lead to the page itself.
    assert re.findall(r"href: `?(.)", script) == ["#"]
    assert not re.search(r"\b(?:src|srcdoc|action)\s*[:=]", script)


@pytest.mark.parametrize("accept", [{}, STREAM], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        ("/v1/ask", {"question": "what is {0} bm25", "cached": False}, "question"),
        ("/v1/ask", {"question": "Remember that I like {0}.", "thread": "t", "user": "reader"}, "question"),
        ("/v1/ask", {"question": "x", "llm": "{0}"}, "llm"),
        ("/v1/ask", {"question": "x", "thread": "t{0}"}, "thread"),
        ("/v1/ask", {"question": "x", "{0}": 1}, ""),
        ("/v1/search", {"query": "what is {0} bm25"}, "query"),
        ("/v1/search", {"query": "x", "history": [{"role": "user", "content": "{0}"}]}, "history.0.content"),
        ("/v1/search", {"query": "x", "filter": {"title": ["{0}"]}}, "filter"),
        ("/v1/search", {"query": "x", "expect": "{0}"}, "expect"),
        ("/v1/threads/t/resume", {"llm": "{0}"}, "llm"),
        ("/v1/threads/t/rewind", {"checkpoint": "{0}"}, "checkpoint"),
    ],
)
@pytest.mark.parametrize(("character", "escaped"), [("U+D800", r"\ud800"), ("U+0000", r"\u0000")])
async def test_a_text_with_no_text_in_it_is_refused_and_nothing_is_stored(
    settings: Settings,
    url: str,
    body: dict[str, Any],
    field: str,
    accept: dict[str, str],
    character: str,
    escaped: str,
) -> None:
    sent = json.dumps(body).replace("{0}", escaped)
    headers = {"Content-Type": "application/json"} | accept
    async with client(settings) as http:
        response = await http.post(url, content=sent, headers=headers)
        threads = (await http.get("/v1/threads", params={"user": "reader"})).json()["threads"]
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    detail = response.json()["detail"]
    if field:
        assert detail.startswith(f"{field}: ")
        assert character in detail
        assert "leave it out" in detail
    assert threads == []
