"""Tools of other programs, over the Model Context Protocol: listed with their schemas, called like our own.

A server is named in the settings by whoever runs the service, never by a document or a question. What it
says of its tools (``readOnlyHint``) is a hint, which counts only where the settings say so: else each call of
a tool needs approval. What it says in a result is data, and no reason to call it again in another way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agents.tools.base import TIMEOUT_S, Tool, ToolResult
from agents.tools.foreign_schema import check_arguments, check_schema
from rag.errors import ConfigurationError, MissingExtra
from rag.resilience.deadline import Deadline

if TYPE_CHECKING:
    import mcp
    from mcp.types import CallToolResult
    from mcp.types import Tool as ServerTool

MAX_TOOLS = 100
"""Tools that are taken of one server."""

MAX_DESCRIPTION = 1000
"""Characters of a description that a model reads."""

MAX_ERROR = 500
"""Characters of what a server says of a failure."""

MAX_NAME = 64
"""Characters of a tool's name that providers take."""

CONNECT_S = 10.0
Approval = Literal["always", "unless_read_only", "never"]
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class McpServer:
    """Where a server is: a ``url`` (streamable HTTP), or a ``command`` with its input and output.

    Of its tools, those named in ``tools`` are taken, or all where none is named. ``approval`` says whose
    calls wait for a yes; ``unless_read_only`` takes the server's word for what only reads.
    """

    name: str
    url: str = ""
    command: str = ""
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    timeout_s: float = TIMEOUT_S
    approval: Approval = "always"


@dataclass(frozen=True, slots=True)
class Offered:
    """Tools of other programs, and what is left out, by name, with why: a server or one of its tools."""

    tools: Sequence[Tool] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def mcp_tools(
    server: McpServer, connect_s: float = CONNECT_S, lost: Callable[[], None] = lambda: None
) -> AsyncIterator[Offered]:
    """The server's tools, each called ``server__tool``; the connection closes with the context.

    A tool whose schema cannot be checked against is left out. ``lost`` is told when a call finds the
    connection gone.

    Raises:
        MissingExtra: the package ``mcp`` is not installed.
        ConfigurationError: the server has no address or two, cannot be reached, or lacks a tool named for it.
    """
    async with _connected(server, connect_s) as (client, found):
        names = {one.name for one in found}
        missing = [name for name in server.tools if name not in names]
        if not missing:
            wanted = [one for one in found if not server.tools or one.name in server.tools]
            yield _offered(server, client, wanted, lost)
            return
    # Not raised before: the connection would wrap it in a group of its own.
    raise ConfigurationError(
        f"MCP server {server.name!r} has no tool {', '.join(missing)}: it has {', '.join(sorted(names))}"
    )


@asynccontextmanager
async def _connected(
    server: McpServer, connect_s: float
) -> AsyncIterator[tuple[mcp.Client, list[ServerTool]]]:
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
                found = await _listed(client)
        # Whatever a foreign program or its transport does on the way: the user is told which server it was.
        except Exception as error:
            raise ConfigurationError(
                f"MCP server {server.name!r} cannot be reached at {server.url or server.command}: "
                f"{first_cause(error)}: start it, or take it out of the settings"
            ) from error
        yield client, found


def first_cause(error: BaseException) -> str:
    """What went wrong, also where a task group wraps it in groups that say nothing."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {str(error)[:MAX_ERROR]}" if str(error) else type(error).__name__


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


def _offered(
    server: McpServer, client: mcp.Client, wanted: Sequence[ServerTool], lost: Callable[[], None]
) -> Offered:
    tools, left_out = [], {}
    for one in wanted:
        tool = _tool(server, client, one, lost)
        try:
            check_schema(tool.parameters)
            tools.append(tool)
        except ConfigurationError as error:
            left_out[tool.name] = f"MCP server {server.name!r}, tool {one.name[:MAX_NAME]!r}: {error}"
    return Offered(tools, left_out)


def _tool(server: McpServer, client: mcp.Client, one: ServerTool, lost: Callable[[], None]) -> Tool:
    name = f"{_NAME.sub('_', server.name)}__{_NAME.sub('_', one.name)}"[:MAX_NAME]
    schema = {"additionalProperties": False, **one.input_schema}

    async def run(arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
        check_arguments(name, arguments, schema)
        from mcp import MCPError
        from mcp.types import CONNECTION_CLOSED

        try:
            result = await client.call_tool(
                one.name, dict(arguments), read_timeout_seconds=max(deadline.remaining, 0.001)
            )
        # A refusal, a program that ended, a connection that broke: the agent goes on without this tool.
        except Exception as error:  # noqa: BLE001 - see above
            if not isinstance(error, MCPError) or error.code == CONNECTION_CLOSED:
                lost()
            why = f"{server.name} failed: {type(error).__name__}: {str(error)[:MAX_ERROR]}"
            return ToolResult(why, failed=True, final=True)
        return _read(result, server)

    says_reads = one.annotations is not None and one.annotations.read_only_hint is True
    waits = server.approval == "always" or (server.approval == "unless_read_only" and not says_reads)
    description = (one.description or one.title or one.name)[:MAX_DESCRIPTION]
    return Tool(name, description, schema, run, side_effects=waits, timeout_s=server.timeout_s, foreign=True)


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
        return ToolResult(f"{server.name} says: {text[:MAX_ERROR]}", failed=True, final=True)
    return ToolResult(text)
