"""The page as a person uses it, in a real browser on the real service; only the model is scripted."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from agents.tools import Tool, ToolResult
from agents.tools.connections import ToolSource
from agents.tools.mcp import Offered
from app.http.api import create_app
from app.settings import Settings
from rag.errors import ModelRefused
from rag.llm.base import ChatDelta, ChatModel, ChatReply, ChatRequest, ToolCall
from rag.llm.scripted import Scripted, ScriptedChat
from rag.resilience.deadline import Deadline
from tests.servers.browser import PATIENCE_S, Browser, Page, program, running_browser
from tests.servers.service import running_service
from tests.system import small_settings, small_system, write_pages

pytestmark = pytest.mark.socket

QUESTION = "How many bytes per token does the KV cache of Mistral 7B take?"
SAID = "The KV cache of Mistral 7B takes 131,072 bytes per token [1]."
PLANTED = "<img src=x onerror=window.planted=1><script>window.planted=1</script>"
IDLE = "!document.querySelector('#send').disabled"
TOOLS_IN_USE = """
window.used = [];
new MutationObserver((changes) => {
  for (const { target, addedNodes } of changes)
    if (target.className === "doing") for (const text of addedNodes) used.push(text.textContent);
}).observe(document.body, { subtree: true, childList: true });
"""
Visit = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program()
    if path is None:
        pytest.skip("there is no chromium here")
    with running_browser(path) as running:
        yield running


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a system that has read the pages, and one that would be more than text."""
    folder = tmp_path_factory.mktemp("page")
    made = small_settings(folder / "home")

    async def fill() -> None:
        async with small_system(made) as system:
            book = write_pages(folder)
            (book / "zebras.md").write_text(f"# Zebras\n\nZebras are striped {PLANTED} everywhere.\n")
            await system.library.ingest([book], prune=False, progress=lambda step: None)

    asyncio.run(fill())
    return made


@pytest.fixture
def visit(browser: Browser, settings: Settings) -> Visit:
    """Opens the page of a service of its own; whatever it is shown, none of its scripts may fail."""

    @contextmanager
    def opened(chat: ChatModel, foreign: ToolSource | None = None, path: str = "") -> Iterator[Page]:
        app = create_app(small_system(settings, chat, foreign=foreign))
        with running_service(app) as (url, _), closing(Page(browser, f"{url}/{path}")) as page:
            yield page
            assert page.thrown() == []

    return opened


def planned(tool: str, **arguments: Any) -> ChatReply:
    return ChatReply("", "tool_calls", "scripted", (ToolCall("1", tool, arguments),))


def answering(said: Scripted, query: str = QUESTION) -> ScriptedChat:
    plan = planned("search_corpus", query=query)
    return ScriptedChat(lambda request: plan if request.tools else said)


class Halting(ScriptedChat):
    """Says the first words of ``SAID``, and goes on when it is let; it knows when nobody listens any more."""

    def __init__(self) -> None:
        plan = planned("search_corpus", query=QUESTION)
        super().__init__(lambda request: plan if request.tools else SAID)
        self.let, self.left = threading.Event(), threading.Event()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        try:
            async for delta in super().stream(request):
                yield delta
                await asyncio.to_thread(self.let.wait, PATIENCE_S)
        finally:
            self.left.set()


class Desk:
    """One tool, which changes something, and what it was called with."""

    def __init__(self) -> None:
        self.closed: list[Mapping[str, Any]] = []

    async def offered(self) -> Offered:
        tool = Tool("close_ticket", "Closes a ticket.", {"type": "object"}, self._run, side_effects=True)
        return Offered([tool])

    async def close(self) -> None:
        pass

    async def _run(self, arguments: Mapping[str, Any], _: Deadline) -> ToolResult:
        self.closed.append(arguments)
        return ToolResult(f"ticket {arguments['number']} is closed")


@pytest.mark.parametrize(
    ("question", "said", "uri"),
    [
        (QUESTION, SAID, "book/inference/kv-cache.md"),
        (
            "Que fait la fusion par rang réciproque ?",
            "La fusion par rang réciproque additionne l'inverse des rangs de chaque liste [1].",
            "book/retrieval/fusion.md",
        ),
    ],
)
def test_an_answer_is_shown_with_citations_that_lead_to_their_quotes(
    visit: Visit, question: str, said: str, uri: str
) -> None:
    with visit(answering(said, question)) as page:
        assert page.until("document.querySelector('#corpus').textContent.startsWith('4 documents')")
        page.type(question)
        page.click(".answer a")
        cited = page.text(".sources li:target")
        assert cited.startswith(f"[1] {uri}")
        assert said.removesuffix(" [1].") in cited
        assert (page.text(".asked"), page.text(".answer")) == (question, said)
        assert "search_corpus" in page.text(".how")


def test_the_question_of_a_link_and_that_of_an_example_are_asked(visit: Visit) -> None:
    with visit(answering(SAID), path="?q=" + quote(QUESTION)) as page:
        page.until(IDLE)
        page.click("#examples button")
        page.until(f"document.querySelectorAll('.answer a').length === 2 && {IDLE}")
        asked = page.evaluate("[...document.querySelectorAll('.asked')].map((it) => it.textContent)")
        assert asked == [page.text("#examples button"), QUESTION]


def test_words_are_shown_as_they_are_written_and_the_tool_in_use_before_them(visit: Visit) -> None:
    with visit(chat := Halting()) as page:
        page.evaluate(TOOLS_IN_USE)
        page.type(QUESTION)
        begun = page.text(".answer")
        assert SAID.startswith(begun)
        assert len(begun) < len(SAID)
        assert page.evaluate(IDLE) is False
        assert f"search_corpus: {QUESTION}" in page.evaluate("used")
        chat.let.set()
        page.until(IDLE)
        assert page.text(".answer") == SAID


def test_stop_ends_the_answer_on_both_sides(visit: Visit) -> None:
    with visit(chat := Halting()) as page:
        page.type(QUESTION)
        page.text(".answer")
        page.click("#stop")
        assert page.text(".notes .error") == "stopped"
        chat.let.set()
        assert chat.left.wait(PATIENCE_S)
        page.until(f"document.querySelector('#stop').hidden && {IDLE}")


@pytest.mark.parametrize(
    ("place", "closed", "told"),
    [(1, [{"number": 7}], "ticket 7 is closed"), (2, [], "Not done: close_ticket was not approved.")],
    ids=["yes", "no"],
)
def test_what_changes_something_waits_for_a_yes(
    visit: Visit, place: int, closed: list[Any], told: str
) -> None:
    call = planned("close_ticket", number=7)
    with visit(ScriptedChat(lambda request: call if request.tools else SAID), desk := Desk()) as page:
        page.type("Close ticket 7.")
        assert page.text(".waiting code") == 'close_ticket {"number":7}'
        page.until(IDLE)
        assert desk.closed == []
        page.click(f".waiting button:nth-of-type({place})")
        page.until(f"document.querySelector('.answer').textContent.includes({json.dumps(told)}) && {IDLE}")
        assert desk.closed == closed
        assert page.evaluate("document.querySelectorAll('.waiting button').length") == 0


def test_what_looks_like_a_page_is_shown_as_text(visit: Visit) -> None:
    said = f"Zebras are striped {PLANTED} everywhere [1]."
    path = "?q=" + quote(f"Where are zebras striped {PLANTED}?")
    with visit(answering(said, "Where are zebras striped?"), path=path) as page:
        page.until(f"document.querySelector('.sources li') && {IDLE}")
        assert [PLANTED in page.text(shown) for shown in (".asked", ".sources")] == [True, True]
        assert "Zebras are striped" in page.text(".answer")
        assert page.evaluate("document.querySelectorAll('#conversation :is(img, script)').length") == 0
        assert page.evaluate("window.planted") is None


def test_a_model_that_refuses_is_told(visit: Visit) -> None:
    with visit(answering(ModelRefused("scripted refused the request: HTTP 400"))) as page:
        page.type(QUESTION)
        assert "HTTP 400" in page.text(".notes .error")
        page.until(IDLE)


def test_a_service_that_is_gone_is_told(browser: Browser, settings: Settings) -> None:
    with running_service(create_app(small_system(settings, answering(SAID)))) as (url, _):
        page = Page(browser, url)
    with closing(page):
        page.type(QUESTION)
        assert page.text(".notes .error") == "Failed to fetch"
        page.until(IDLE)
