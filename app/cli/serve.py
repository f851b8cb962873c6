"""``ardoise serve``: the HTTP API and the web page."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import err, errors_told
from app.settings import Settings, load_settings
from rag.errors import ArdoiseError, BadInput

if TYPE_CHECKING:
    from app.system import System

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)]


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the API and the page until Ctrl-C."""
    with errors_told():
        listener = listen(host, port)
        serve_on(listener, load_settings(), host, port)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, made before anything else starts, so that a taken port is told at once.

    Raises:
        ArdoiseError: the port is taken.
        BadInput: the port is not allowed, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from error
    return listener


def serve_on(listener: socket.socket, settings: Settings, host: str, port: int) -> None:
    """Runs the service on a bound socket until it is told to stop.

    Raises:
        ArdoiseError: the service cannot be started, or another process listens on the port by now.
    """
    shown = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    with closing(listener), suppress(KeyboardInterrupt):
        try:
            asyncio.run(_serve(listener, settings, url))
        except OSError as error:
            raise _refused(error, host, port) from error


async def _serve(listener: socket.socket, settings: Settings, url: str) -> None:
    import uvicorn

    from app.http.api import create_app
    from app.system import open_system

    class Server(uvicorn.Server):
        """Tells the address once somebody listens there."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            err.print(f"Ardoise serves {url} (Ctrl-C stops it)", markup=False)

    # Opened here and not by the application, whose server would tell a missing key by a traceback.
    async with AsyncExitStack() as opened:
        system = await opened.enter_async_context(open_system(settings, owner="ardoise serve", url=url))
        await system.warm_up()
        await opened.enter_async_context(_beside(system.warm_up_formulas()))
        config = uvicorn.Config(
            create_app(_until_stopped(system, opened)), log_level="warning", timeout_graceful_shutdown=5
        )
        await Server(config).serve(sockets=[listener])


@asynccontextmanager
async def _until_stopped(system: System, opened: AsyncExitStack) -> AsyncIterator[System]:
    """The open system; closed with the application, since the signal that stops a server then ends us too."""
    async with opened:
        yield system


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Does ``work`` while the body runs; what is not done at its end is left."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _refused(error: OSError, host: str, port: int) -> ArdoiseError:
    if error.errno == errno.EADDRINUSE:
        return ArdoiseError(f"port {port} is taken: choose another with --port (make demo PORT=…)")
    return BadInput(f"cannot listen on {host} port {port}: {error.strerror or error}")
