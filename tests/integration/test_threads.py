"""Conversations over HTTP: one client at a time, approval, going back, memories, and a client that leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.ask import print_waiting
from app.http.api import create_app
from app.remote import ask_remotely, resume_remotely
from app.requests import AskRequest, ResumeRequest
from app.settings import Settings
from rag.errors import IndexInUse
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, TokenCount, ToolCall
from rag.llm.scripted import ScriptedChat
from tests.integration.test_api import QUESTION, STREAM, client, events
from tests.servers.service import running_service
from tests.system import small_settings, small_system, write_pages

REMEMBER = ChatReply(
    "", "tool_calls", "scripted", (ToolCall("1", "remember", {"text": "The user prefers French."}),)
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path / "home")


def remembering() -> ScriptedChat:
    return ScriptedChat(lambda request: REMEMBER if request.tools else '{"query": "x"}')


async def test_what_changes_something_waits_and_goes_on_over_the_api(
    settings: Settings, tmp_path: Path
) -> None:
    asked = {"question": "Remember that I prefer French.", "thread": "t", "user": "ann"}
    async with client(settings, write_pages(tmp_path), remembering()) as http:
        waits = (await http.post("/v1/ask", json=asked)).json()
        assert waits["waiting"] == [{"name": "remember", "arguments": {"text": "The user prefers French."}}]
        assert (await http.get("/v1/memory?user=ann")).json()["memories"] == []
        again = await http.post("/v1/ask", json=asked)
        assert (again.status_code, "approval" in again.json()["detail"]) == (409, True)
        assert (await http.get("/v1/threads/t?user=ann")).json()["state"] == "waiting"
        happened = await http.post(
            "/v1/threads/t/resume", json={"approve": True, "user": "ann"}, headers=STREAM
        )
        names = [name for name, _ in events(happened.text)]
        assert (names[0], names.index("tool_call") < names.index("token"), names[-1]) == (
            "node",
            True,
            "done",
        )
        done = events(happened.text)[-1][1]
        assert done["answer"] == "remembered: The user prefers French."
        assert "waiting" not in done
        [kept] = (await http.get("/v1/memory?user=ann")).json()["memories"]
        assert kept["text"] == "The user prefers French."
        assert (await http.get("/v1/memory?user=bob")).json()["memories"] == []
        assert (await http.delete(f"/v1/memory/{kept['key']}?user=bob")).status_code == 404
        assert (await http.delete(f"/v1/memory/{kept['key']}?user=ann")).json()["deleted"] == 1
        assert (await http.get("/v1/memory?user=ann")).json()["memories"] == []


async def test_a_users_threads_and_memories_are_out_of_others_reach(
    settings: Settings, tmp_path: Path
) -> None:
    asked = {"question": "Remember that I prefer French.", "thread": "t", "user": "ann"}
    async with client(settings, write_pages(tmp_path), remembering()) as http:
        await http.post("/v1/ask", json=asked)
        for whose, user in (("?user=bob", {"user": "bob"}), ("", {})):
            assert (await http.get(f"/v1/threads{whose}")).json() == {"threads": []}
            assert (await http.get(f"/v1/threads/t{whose}")).status_code == 404
            resumed = await http.post("/v1/threads/t/resume", json={"approve": True, **user})
            rewound = await http.post("/v1/threads/t/rewind", json={"checkpoint": "x", **user})
            deleted = await http.delete(f"/v1/threads/t{whose}")
            assert [resumed.status_code, rewound.status_code, deleted.status_code] == [404] * 3
        assert (await http.get("/v1/threads/ann/t")).status_code == 404
        [listed] = (await http.get("/v1/threads?user=ann")).json()["threads"]
        assert listed == {
            "thread": "t",
            "state": "waiting",
            "question": "Remember that I prefer French.",
            "last": None,
        }
        # Bob's thread of the same name is another one: Ann's yes is not for it.
        own = await http.post("/v1/ask", json=asked | {"user": "bob"})
        assert own.json()["waiting"]
        await http.post("/v1/threads/t/resume", json={"approve": True, "user": "ann"})
        [kept] = (await http.get("/v1/memory?user=ann")).json()["memories"]
        assert (await http.get("/v1/memory?user=bob")).json()["memories"] == []
        assert (await http.delete(f"/v1/memory/{kept['key']}?user=bob")).status_code == 404
        assert (await http.delete("/v1/memory?user=bob")).json()["deleted"] == 0
        assert (await http.get("/v1/memory?user=ann")).json()["memories"] == [kept]
        assert (await http.get("/v1/memory?user=an")).json()["memories"] == []
        assert (await http.get("/v1/memory?user=ann%1fx")).status_code == 422


async def test_denied_it_is_not_done(settings: Settings, tmp_path: Path) -> None:
    asked = {"question": "Remember that I prefer French.", "thread": "t", "user": "ann"}
    async with client(settings, write_pages(tmp_path), remembering()) as http:
        await http.post("/v1/ask", json=asked)
        denied = (await http.post("/v1/threads/t/resume", json={"approve": False, "user": "ann"})).json()
        assert (await http.get("/v1/memory?user=ann")).json()["memories"] == []
        once_more = await http.post("/v1/threads/t/resume", json={"approve": True, "user": "ann"})
    assert "was not approved" in denied["trace"][0]["node"] or not denied["citations"]
    assert once_more.status_code == 409


async def test_threads_are_listed_shown_taken_back_and_deleted(settings: Settings, tmp_path: Path) -> None:
    async with client(settings, write_pages(tmp_path)) as http:
        for question in (QUESTION, "What does paging remove?"):
            await http.post("/v1/ask", json={"question": question, "thread": "t"})
        [listed] = (await http.get("/v1/threads")).json()["threads"]
        shown = (await http.get("/v1/threads/t")).json()
        first, second = shown["turns"]
        assert listed == {"thread": "t", "state": "answered", "question": second["question"], "last": second}
        assert "131,072" in first["answer"]
        back = await http.post("/v1/threads/t/rewind", json={"checkpoint": first["checkpoint"]})
        assert [turn["question"] for turn in back.json()["turns"]] == [QUESTION]
        gone = await http.post("/v1/threads/t/rewind", json={"checkpoint": second["checkpoint"]})
        assert gone.status_code == 404
        assert (await http.delete("/v1/threads/t")).json() == {"deleted": "t"}
        assert (await http.get("/v1/threads/t")).status_code == 404
        assert (await http.get("/v1/threads")).json() == {"threads": []}


class Slow:
    """A model that plans at once, then writes without end; it knows whether it was stopped."""

    name = "slow"

    def __init__(self) -> None:
        self.writing = asyncio.Event()
        self.stopped = asyncio.Event()

    async def complete(self, request: ChatRequest) -> ChatReply:
        return ChatReply("", "tool_calls", "slow", (ToolCall("1", "search_corpus", {"query": QUESTION}),))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        try:
            yield ChatDelta("The ")
            self.writing.set()
            await asyncio.Event().wait()
            yield ChatDelta("end")
        finally:
            self.stopped.set()

    async def window(self) -> None:
        pass

    async def count_tokens(self, messages: Any, tools: Any = ()) -> TokenCount:
        return TokenCount(1)

    async def close(self) -> None:
        pass


async def test_of_two_clients_on_one_thread_the_second_is_told_to_wait(
    settings: Settings, tmp_path: Path
) -> None:
    slow = Slow()
    asked = {"question": QUESTION, "thread": "t"}
    async with client(settings, write_pages(tmp_path), slow) as http:
        first = asyncio.create_task(http.post("/v1/ask", json=asked))
        await slow.writing.wait()
        second = await http.post("/v1/ask", json=asked)
        deleted = await http.delete("/v1/threads/t")
        elsewhere = asyncio.create_task(http.post("/v1/ask", json=asked | {"thread": "other"}))
        first.cancel()
        await slow.stopped.wait()
        elsewhere.cancel()
        await asyncio.gather(first, elsewhere, return_exceptions=True)
        shown = (await http.get("/v1/threads/t")).json()
    assert (second.status_code, "answering another question" in second.json()["detail"]) == (409, True)
    assert deleted.status_code == 409
    assert shown["state"] == "cut"


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[tuple[str, Any, Slow, asyncio.AbstractEventLoop]]:
    """A service on a real socket with a model that never ends."""

    async def fill() -> None:
        async with small_system(settings) as system:
            await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)

    asyncio.run(fill())
    slow = Slow()
    app = create_app(small_system(settings, slow))
    with running_service(app) as (url, loop):
        yield url, app, slow, loop


@pytest.mark.socket
def test_a_command_beside_a_running_service_says_yes_through_it(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fill() -> None:
        async with small_system(settings) as system:
            await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)

    asyncio.run(fill())
    question = AskRequest(question="Remember that I prefer French.", thread="t", user="ann")
    with running_service(create_app(small_system(settings, remembering()))) as (url, _):
        owner = IndexInUse("in use", url)
        print_waiting(asyncio.run(ask_remotely(question, settings, owner)))
        assert "remember {'text': 'The user prefers French.'}" in capsys.readouterr().out
        yes = ResumeRequest(approve=True, user="ann")
        done = asyncio.run(resume_remotely("t", yes, settings, owner))
    assert done["answer"] == "remembered: The user prefers French."


@pytest.mark.socket
def test_when_the_client_leaves_the_run_stops_and_frees_its_place_and_thread(
    served: tuple[str, Any, Slow, asyncio.AbstractEventLoop], settings: Settings
) -> None:
    url, app, slow, loop = served
    body = {"question": QUESTION, "thread": "t"}
    with (
        httpx.Client(base_url=url, trust_env=False) as http,
        http.stream("POST", "/v1/ask", json=body, headers=STREAM) as response,
    ):
        for line in response.iter_lines():
            if line == "event: token":
                break
    asyncio.run_coroutine_threadsafe(slow.stopped.wait(), loop).result(10)

    async def freed() -> bool:
        # The model is closed first and the thread a few turns of the loop later.
        for _ in range(1000):
            if app.state.system._places == settings.request.concurrency:
                async with (await app.state.system.conversations.threads()).claim("default/t"):
                    return True
            await asyncio.sleep(0)
        return False

    assert asyncio.run_coroutine_threadsafe(freed(), loop).result(10)
    with httpx.Client(base_url=url, trust_env=False) as http:
        assert http.get("/v1/threads/t").json()["state"] == "cut"
