"""A Qdrant server that is slow, full, limited, of another version or no Qdrant: told, and in time."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from rag.errors import ArdoiseError, DeadlineExceeded, IndexUnavailable, StorageFull
from rag.index.qdrant import QdrantStore
from rag.resilience.deadline import Deadline

pytestmark = pytest.mark.socket
_SILENCE_S = 3600


@contextmanager
def server(answer: Callable[[], Response], version: str = "1.20.0", silent: bool = False) -> Iterator[str]:
    """A server that says its version at ``/`` and ``answer`` everywhere else, or nothing at all."""

    async def root(request: Request) -> Response:
        return JSONResponse({"title": "qdrant", "version": version})

    async def other(request: Request) -> Response:
        if silent:
            await asyncio.sleep(_SILENCE_S)
        return answer()

    routes = [Route("/", root), Route("/{path:path}", other, methods=["GET", "PUT", "POST"])]
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), log_level="critical", timeout_graceful_shutdown=0)
    )
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


def status(code: int, error: str) -> Response:
    return JSONResponse({"status": {"error": error}, "time": 0}, code)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (lambda: status(500, "No space left on device"), StorageFull, "no space left"),
        (lambda: status(507, "quota"), StorageFull, "no space left"),
        (lambda: status(500, "panic"), IndexUnavailable, "answered 500"),
        (lambda: status(403, "no"), IndexUnavailable, "refuses the API key"),
        (
            lambda: JSONResponse({"status": {"error": "slow down"}}, 429, {"Retry-After": "3"}),
            IndexUnavailable,
            "takes no more requests",
        ),
        (lambda: HTMLResponse("<h1>It works!</h1>"), IndexUnavailable, "does not speak as a Qdrant server"),
        (lambda: JSONResponse({"result": 3}), IndexUnavailable, "does not speak as a Qdrant server"),
    ],
)
async def test_what_goes_wrong_there_is_told(
    answer: Callable[[], Response], kind: type[ArdoiseError], told: str
) -> None:
    with server(answer) as url:
        store = QdrantStore(url)
        with pytest.raises(kind, match=told) as error:
            await store.names()
        assert url in str(error.value)
        await store.close()


@pytest.mark.parametrize("version", ["1.18.4", "0.9.1", "2.0.0", "dev", ""])
async def test_a_server_of_another_version_is_refused_before_anything_is_asked(version: str) -> None:
    with server(lambda: status(500, "asked"), version) as url:
        store = QdrantStore(url)
        with pytest.raises(IndexUnavailable, match=rf"version '{version}', and this program needs 1\.19"):
            await store.create("c", 3)
        await store.close()


async def test_a_server_that_is_silent_is_given_up_at_its_time_limit() -> None:
    with server(lambda: status(200, ""), silent=True) as url:
        store = QdrantStore(url, timeout_s=1)
        with pytest.raises(IndexUnavailable, match="no answer in time"):
            await store.names()
        await store.close()


async def test_a_request_stops_waiting_at_its_deadline() -> None:
    with server(lambda: status(200, ""), silent=True) as url:
        store = QdrantStore(url, timeout_s=60)
        with pytest.raises(DeadlineExceeded, match="search"):
            async with Deadline.after(0.2).limit("search"):
                await store.names()
        await store.close()
