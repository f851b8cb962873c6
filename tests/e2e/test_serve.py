"""``ardoise serve``: what it tells when it starts, when it cannot, and what it leaves when it stops."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from app import system
from app.cli.serve import listen, serve_on
from app.settings import Settings
from app.system import System
from rag.errors import ArdoiseError
from tests.e2e.conftest import Run, told
from tests.system import small_settings, small_system

HOST = "127.0.0.1"
Serve = Callable[[Callable[[str], Awaitable[None]]], str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(tmp_path / "home")


@pytest.fixture
def serve(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Runs the service on a free port as long as what is given its address does; returns the address."""
    monkeypatch.setattr(system, "open_system", small_system)

    def run(while_it_serves: Callable[[str], Awaitable[None]]) -> str:
        listener = listen(HOST, 0)
        port = listener.getsockname()[1]
        address = f"http://{HOST}:{port}"

        async def main_loop(_: uvicorn.Server) -> None:
            await while_it_serves(address)

        monkeypatch.setattr(uvicorn.Server, "main_loop", main_loop)
        serve_on(listener, settings, HOST, port)
        return address

    return run


@pytest.mark.socket
def test_the_address_is_told_when_somebody_listens_there(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before: list[str] = []
    startup = uvicorn.Server.startup

    async def watched(self: uvicorn.Server, sockets: Any = None) -> None:
        await startup(self, sockets)
        before.append(capsys.readouterr().err)

    monkeypatch.setattr(uvicorn.Server, "startup", watched)
    told_by_then: list[str] = []

    async def ask(address: str) -> None:
        told_by_then.append(capsys.readouterr().err)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{address}/healthz")).json() == {"status": "alive"}

    address = serve(ask)
    assert before == [""]
    assert told_by_then == [f"Ardoise serves {address} (Ctrl-C stops it)\n"]


@pytest.mark.socket
def test_formulas_are_warmed_up_beside_the_service_and_left_when_it_stops(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    async def without_end(_: System) -> None:
        happened.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            happened.append("left")

    async def close(_: System) -> None:
        happened.append("closed")

    monkeypatch.setattr(System, "warm_up_formulas", without_end)
    monkeypatch.setattr(System, "close", close)

    async def ask(address: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.get(f"{address}/healthz")
        happened.append("served")

    serve(ask)
    assert happened == ["begun", "served", "left", "closed"]


def test_a_taken_port_is_told_before_anything_starts(ardoise: Run) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        line = told(ardoise("serve", "--port", str(port)), 1)
    assert f"port {port} is taken" in line


def test_a_port_that_is_taken_while_the_service_starts_is_told_as_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "open_system", small_system)
    ours = listen(HOST, 0)
    port = ours.getsockname()[1]
    with listen(HOST, port) as other:
        other.listen()
        with pytest.raises(ArdoiseError, match=f"port {port} is taken"):
            serve_on(ours, settings, HOST, port)


def test_a_missing_key_is_told_in_one_line(ardoise: Run) -> None:
    with listen(HOST, 0) as free:
        port = str(free.getsockname()[1])
    assert "MISTRAL_API_KEY" in told(ardoise("serve", "--port", port, ARDOISE_LLM="mistral"), 1)
