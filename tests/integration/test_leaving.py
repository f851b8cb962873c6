"""A client that hangs up before its answer is there: what was asked of the model for it ends too."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.http.api import create_app
from app.http.streaming import EVENT_STREAM
from app.requests import AskRequest
from app.settings import Settings
from rag.llm.base import ChatDelta, ChatRequest
from rag.llm.vllm import VllmChat
from tests.integration.test_api import QUESTION
from tests.servers.provider import KEY, running_provider
from tests.servers.service import running_service
from tests.system import small_settings, small_system, write_pages

pytestmark = pytest.mark.socket


class Announced(VllmChat):
    """Tells when the first words are there."""

    def __init__(self, *given: str) -> None:
        super().__init__(*given)
        self.speaks = threading.Event()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        async for delta in super().stream(request):
            self.speaks.set()
            yield delta


def _asked(wire: socket.socket, path: str, body: dict[str, Any], accept: str = "*/*") -> None:
    sent = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nContent-Type: application/json\r\n"
    wire.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)


def _connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0))


def _filled(settings: Settings, folder: Path) -> None:
    """Ingests the pages and asks the first question of the thread ``t``."""

    async def fill() -> None:
        async with small_system(settings) as system:
            await system.library.ingest([write_pages(folder)], prune=False, progress=lambda step: None)
            await system.ask(AskRequest(question=QUESTION, thread="t"))

    asyncio.run(fill())


def _counted_as_left(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        # The connection is closed first, and the request ends a few turns of the loop later.
        pages = (http.get("/metrics").text for _ in range(100))
        assert any('ardoise_requests_total{outcome="left",request="ask"} 1.0' in one for one in pages)
        assert "ardoise_requests_in_flight 0.0" in http.get("/metrics").text


def test_when_the_client_of_a_whole_answer_leaves_the_models_connection_is_freed(tmp_path: Path) -> None:
    settings = small_settings(tmp_path / "home")
    _filled(settings, tmp_path)
    with running_provider() as provider:
        chat = Announced("fault-stall", provider.url, KEY)
        with running_service(create_app(small_system(settings, chat))) as (url, _):
            with _connected(url) as wire:
                _asked(wire, "/v1/ask", {"question": QUESTION, "agent": False})
                assert chat.speaks.wait(10)
            assert provider.idle.wait(10)
            _counted_as_left(url)


def test_when_the_client_of_a_stream_leaves_before_its_first_event_the_models_connection_is_freed(
    tmp_path: Path,
) -> None:
    settings = small_settings(tmp_path / "home")
    _filled(settings, tmp_path)
    with running_provider() as provider:
        chat = VllmChat("fault-slow", provider.url, KEY)
        with running_service(create_app(small_system(settings, chat))) as (url, _):
            with _connected(url) as wire:
                # What that points to is asked of the model before anything is told.
                _asked(wire, "/v1/ask", {"question": "Why is that?", "thread": "t"}, EVENT_STREAM)
                assert provider.busy.wait(10)
                wire.setblocking(False)
                with pytest.raises(BlockingIOError):
                    wire.recv(1)
            assert provider.idle.wait(10)
            _counted_as_left(url)
