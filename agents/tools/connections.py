"""Connections to servers of tools for as long as a service lives; one that is down is left out, and named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from agents.tools.base import Tool
from agents.tools.mcp import CONNECT_S, McpServer, Offered, first_cause, mcp_tools
from rag.errors import ArdoiseError

RETRY_S = 60.0
"""Seconds until a server that could not be reached is tried again: no question waits for it before."""


class ToolSource(Protocol):
    """Whoever has tools beside our own."""

    async def offered(self) -> Offered:
        """The tools that can be called now."""

    async def close(self) -> None:
        """Lets go of connections."""


class McpConnections:
    """Each server is connected to at the first call, by a task of its own that requests call through.

    A connection belongs to the task that opened it, and so cannot be made and closed by requests.
    """

    def __init__(
        self,
        servers: Sequence[McpServer],
        connect_s: float = CONNECT_S,
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = {
            server.name: _Connection(server, connect_s, retry_s, clock) for server in servers
        }

    async def offered(self) -> Offered:
        """The tools of all servers that answer, in the order of the settings."""
        states = await asyncio.gather(*(one.state() for one in self._connections.values()))
        tools, left_out = list[Tool](), dict[str, str]()
        for name, state in zip(self._connections, states, strict=True):
            if isinstance(state, str):
                left_out[name] = state
            else:
                tools += state.tools
                left_out |= state.left_out
        return Offered(tools, left_out)

    async def close(self) -> None:
        """Ends the connections, and the programs that were started for them."""
        await asyncio.gather(*(one.close() for one in self._connections.values()))


class _Connection:
    """One server: its tools while it answers, else why not."""

    def __init__(
        self, server: McpServer, connect_s: float, retry_s: float, clock: Callable[[], float]
    ) -> None:
        self._server = server
        self._connect_s = connect_s
        self._retry_s = retry_s
        self._clock = clock
        self._over = asyncio.Event()
        self._holder: asyncio.Task[None] | None = None
        self._state: asyncio.Future[Offered | str] | None = None
        self._tried = 0.0

    async def state(self) -> Offered | str:
        # Nothing is awaited before the task is there: two requests at once start one connection.
        ended = self._holder is None or self._holder.done()
        if self._state is None or (ended and self._clock() - self._tried >= self._retry_s):
            self._tried = self._clock()
            self._over.clear()
            self._state = asyncio.get_running_loop().create_future()
            self._holder = asyncio.create_task(self._hold(self._state))
        return await asyncio.shield(self._state)

    async def close(self) -> None:
        self._over.set()
        if self._holder is not None:
            await self._holder

    async def _hold(self, state: asyncio.Future[Offered | str]) -> None:
        why = f"the connection to MCP server {self._server.name!r} was lost: it is tried again soon"
        try:
            async with mcp_tools(self._server, self._connect_s, self._over.set) as found:
                state.set_result(found)
                await self._over.wait()
        # A missing package is told like a server that is down: both leave the other tools alone.
        except ArdoiseError as error:
            why = str(error)
        # A foreign program's transport may fail in any way while it closes: there is nothing left to lose.
        except Exception as error:  # noqa: BLE001 - see above
            why = f"{why} ({first_cause(error)})"
        if not state.done():
            state.set_result(why)
        else:
            self._state = asyncio.get_running_loop().create_future()
            self._state.set_result(why)
