"""A run as server-sent events: it ends when its client leaves or its time is up, whichever event is next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from agents.events import Event, NodeDone
from app.http.streaming import EventStream
from app.views import Json
from rag.resilience.deadline import Deadline
from rag.types import TraceStep

FIRST = NodeDone(TraceStep("understand", 1.0))


async def _stays() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


async def test_a_deadline_that_passes_after_the_first_event_is_told_as_an_event() -> None:
    sent: list[dict[str, Any]] = []

    async def run() -> AsyncGenerator[tuple[Event, Json | None]]:
        async with Deadline.after(0.02).limit("the run of the graph"):
            yield FIRST, None
            await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await EventStream(run())({}, _stays, send)
    status, node, error, end = sent
    assert (status["status"], end["more_body"]) == (200, False)
    assert node["body"].startswith(b"event: node")
    name, data = error["body"].decode().strip().splitlines()
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: "))["status"] == 504


async def test_nothing_is_sent_to_a_client_that_leaves_before_the_first_event() -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def run() -> AsyncGenerator[tuple[Event, Json | None]]:
        try:
            asked.set()
            await asyncio.Event().wait()
            yield FIRST, None
        finally:
            ended.set()

    async def leaves() -> dict[str, Any]:
        await asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    async with asyncio.timeout(5):
        await EventStream(run())({}, leaves, send)
    assert ended.is_set()
