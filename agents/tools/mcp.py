"""Tools of other programs, over the Model Context Protocol: listed with their schemas, called like our own.

A server is named in the settings by whoever runs the service, never by a document or a question. What it
says of its tools (``readOnlyHint``) is a hint: a tool that does not say it only reads needs approval.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.tools.base import Tool, ToolResult
from rag.errors import ConfigurationError, MissingExtra, ToolError
from rag.resilience.deadline import Deadline

if TYPE_CHECKING:
    import mcp
    from mcp.types import CallToolResult
    from mcp.types import Tool as ServerTool

MAX_TOOLS = 100
"""Tools that are taken of one server."""

MAX_DESCRIPTION = 1000
"""Characters of a description that a model reads."""

CONNECT_S = 10.0
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class McpServer:
    """Where a server is: a ``url`` (streamable HTTP), or a ``command`` with its input and output."""

    name: str
    url: str = ""
    command: str = ""
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def mcp_tools(servers: Sequence[McpServer], connect_s: float = CONNECT_S) -> AsyncIterator[list[Tool]]:
    """The tools of all servers, each called ``server__tool``; the connections close with the context.

    Raises:
        MissingExtra: the package ``mcp`` is not installed.
        ConfigurationError: a server has no address or two, two have one name, or one cannot be reached.
    """
    names = [server.name for server in servers]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"MCP servers need names of their own, these are {', '.join(names)}")
    async with AsyncExitStack() as stack:
        tools: list[Tool] = []
        for server in servers:
            client = await stack.enter_async_context(_connected(server, connect_s))
            tools += [_tool(server, client, one) for one in await _listed(client)]
        yield tools


class McpConnections:
    """Connections to servers for as long as a service lives, made at the first use of their tools.

    A connection belongs to the task that opened it; one task of its own holds them all, and requests in other
    tasks call through it.
    """

    def __init__(self, servers: Sequence[McpServer]) -> None:
        self._servers = servers
        self._starting = asyncio.Lock()
        self._done = asyncio.Event()
        self._holder: asyncio.Task[None] | None = None
        self._tools: asyncio.Future[list[Tool]] | None = None

    async def tools(self) -> list[Tool]:
        """All tools of all servers; a server that could not be reached is tried again by the next call.

        Raises:
            MissingExtra, ConfigurationError: as ``mcp_tools`` raises them.
        """
        async with self._starting:
            if self._holder is None or self._holder.done():
                self._done.clear()
                self._tools = asyncio.get_running_loop().create_future()
                self._holder = asyncio.create_task(self._hold(self._tools))
        if self._tools is None:
            raise ConfigurationError("these connections were never opened")
        return await asyncio.shield(self._tools)

    async def close(self) -> None:
        """Ends the connections, and the programs that were started for them."""
        self._done.set()
        if self._holder is not None:
            await self._holder

    async def _hold(self, tools: asyncio.Future[list[Tool]]) -> None:
        try:
            async with mcp_tools(self._servers) as found:
                tools.set_result(found)
                await self._done.wait()
        except ConfigurationError as error:
            if not tools.done():
                tools.set_exception(error)


@asynccontextmanager
async def _connected(server: McpServer, connect_s: float) -> AsyncIterator[mcp.Client]:
    if bool(server.url) == bool(server.command):
        raise ConfigurationError(f"MCP server {server.name!r} needs a url or a command, one of the two")
    mcp = _package()
    where: Any = server.url or mcp.StdioServerParameters(
        command=server.command, args=list(server.arguments), env=dict(server.environment) or None
    )
    client = mcp.Client(where)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(connect_s):
                await stack.enter_async_context(client)
        # Whatever a foreign program or its transport does on the way: the user is told which server it was.
        except Exception as error:
            raise ConfigurationError(
                f"MCP server {server.name!r} cannot be reached at {server.url or server.command}: "
                f"{type(error).__name__}: start it, or take it out of the settings"
            ) from error
        yield client


async def _listed(client: mcp.Client) -> list[ServerTool]:
    """The server's tools, page by page, at most ``MAX_TOOLS``."""
    found: list[ServerTool] = []
    cursor: str | None = None
    while len(found) < MAX_TOOLS:
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if not cursor:
            break
    return found[:MAX_TOOLS]


def _tool(server: McpServer, client: mcp.Client, one: ServerTool) -> Tool:
    name = f"{_NAME.sub('_', server.name)}__{_NAME.sub('_', one.name)}"[:64]
    schema = {"additionalProperties": False, **one.input_schema}

    async def run(arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
        _check(name, arguments, schema)
        from mcp import MCPError

        try:
            result = await client.call_tool(
                one.name, dict(arguments), read_timeout_seconds=max(deadline.remaining, 0.001)
            )
        except MCPError as error:
            raise ToolError(f"{server.name} refused the call: {error}") from error
        return _read(result, server)

    reads = one.annotations is not None and one.annotations.read_only_hint is True
    description = (one.description or one.title or one.name)[:MAX_DESCRIPTION]
    return Tool(name, description, schema, run, side_effects=not reads)


def _check(name: str, arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    worst = best_match(Draft202012Validator(schema).iter_errors(dict(arguments)))
    if worst is not None:
        raise ToolError(f"{name} was not called: {worst.json_path}: {worst.message[:200]}")


def _package() -> Any:
    try:
        import mcp
    except ImportError as error:
        raise MissingExtra("a server of tools", "mcp", "mcp") from error
    return mcp


def _read(result: CallToolResult, server: McpServer) -> ToolResult:
    """The text of a result; pictures and other files are named, not read."""
    pieces = []
    for part in result.content:
        text = getattr(part, "text", None)
        pieces.append(text if isinstance(text, str) else f"[{part.type}, not shown]")
    text = "\n".join(pieces) or "(no text)"
    if result.is_error:
        raise ToolError(f"{server.name} says: {text[:500]}")
    return ToolResult(text)
