"""A run as server-sent events: typed, in order, and stopped when the client leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from agents.events import Event
from app.http import problems
from app.views import Json, event_views
from rag.errors import ArdoiseError

EVENT_STREAM = "text/event-stream"

Happenings = AsyncGenerator[tuple[Event, Json | None]]


class EventStream(StreamingResponse):
    """Tells ``happenings`` as they come; ends them, and so the run, as soon as the client leaves.

    Also while there is nothing to send to it: Starlette waits for a failing send, and a server may drop what
    is sent to nobody. Then a run would go on to its deadline.
    """

    def __init__(self, happenings: Happenings) -> None:
        self._events = _events(happenings)
        super().__init__(self._events, headers={"Cache-Control": "no-store"}, media_type=EVENT_STREAM)

    async def stream_response(self, send: Send) -> None:
        """Sends the status with the first event, so that a bad request still gets its own."""
        # One task takes every event: a time-out inside the run cancels the task that it began in.
        self.body_iterator = _chained(await anext(self._events), self._events)
        await super().stream_response(send)

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until all is told or the client is gone; raises what fails before the first event."""
        sending = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()  # nothing happens to one that is done
            await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            sending.result()


async def _events(happenings: Happenings) -> AsyncGenerator[bytes]:
    async with aclosing(happenings):
        async for event, done in happenings:
            for name, data in event_views(event, done):
                yield _sse(name, data)


async def _chained(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """The stream once its status is sent: what fails from here on is an ``error`` event."""
    # A client that leaves cancels whoever sends; the run is closed here and now, not when it is collected.
    async with aclosing(rest):
        yield first
        try:
            async for event in rest:
                yield event
        except ArdoiseError as error:
            yield _sse("error", problems.problem(error))
        except Exception as error:
            # The status is sent: the caller learns of the failure here, and the service's log holds the rest.
            yield _sse("error", problems.UNEXPECTED | {"detail": f"an unexpected {type(error).__name__}"})
            raise


def _sse(name: str, data: Json) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))
