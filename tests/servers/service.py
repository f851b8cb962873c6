"""An ASGI application on a real socket of the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


@contextmanager
def running_service(app: FastAPI) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """The application's address, and the event loop that it runs on."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", loop
    finally:
        server.should_exit = True
        thread.join()
        loop.close()
