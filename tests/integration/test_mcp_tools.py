"""Tools of a real MCP server, over a real transport."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.tools import carry_out
from agents.tools.mcp import McpConnections, McpServer, mcp_tools
from rag.errors import ConfigurationError
from rag.llm.base import ToolCall
from rag.resilience.deadline import Deadline

PROGRAM = Path(__file__).parents[1] / "servers" / "mcp_server.py"
STDIO = McpServer("tickets", command=sys.executable, arguments=(str(PROGRAM),))


@pytest.fixture
async def http() -> AsyncIterator[McpServer]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(port),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while b"running on" not in (line := await process.stderr.readline()):
            assert line, "the server ended before it listened"
    yield McpServer("tickets", url=f"http://127.0.0.1:{port}/mcp")
    process.terminate()
    await process.communicate()


async def check(server: McpServer) -> None:
    async with mcp_tools([server], connect_s=30) as found:
        tools = {tool.name: tool for tool in found}
        assert {name: tool.side_effects for name, tool in tools.items()} == {
            "tickets__read_ticket": False,
            "tickets__close_ticket": True,
        }
        assert tools["tickets__read_ticket"].parameters["properties"]["number"]["type"] == "integer"

        async def text(arguments: dict[str, object]) -> tuple[str, bool]:
            call = ToolCall("1", "tickets__read_ticket", arguments)
            result = await carry_out(call, tools, Deadline.after(20))
            return result.text, result.failed

        assert await text({"number": 1}) == ("The cache is full.", False)
        said, failed = await text({"number": 7})
        assert failed
        assert "tickets says" in said
        said, failed = await text({"number": "one", "url": "http://127.0.0.1"})
        assert failed
        assert "was not called" in said


async def test_tools_of_a_program_are_listed_and_called() -> None:
    await check(STDIO)


@pytest.mark.socket
async def test_tools_of_a_service_are_listed_and_called(http: McpServer) -> None:
    await check(http)


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (McpServer("x"), "one of the two"),
        (McpServer("x", url="http://127.0.0.1:9/mcp"), "cannot be reached"),
        (McpServer("x", command="/nonexistent/program"), "cannot be reached"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named(server: McpServer, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        async with mcp_tools([server], connect_s=5):
            pass


async def test_connections_serve_other_tasks_until_they_are_closed() -> None:
    connections = McpConnections([STDIO])

    async def ask() -> str:
        tools = {tool.name: tool for tool in await connections.tools()}
        return (await tools["tickets__read_ticket"].run({"number": 1}, Deadline.after(20))).text

    assert await asyncio.gather(*(asyncio.create_task(ask()) for _ in range(3))) == ["The cache is full."] * 3
    await connections.close()


async def test_connections_tell_each_caller_which_server_is_down() -> None:
    connections = McpConnections([McpServer("x", command="/nonexistent/program")])
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="'x'"):
            await connections.tools()
    await connections.close()


async def test_two_servers_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="names of their own"):
        async with mcp_tools([STDIO, STDIO]):
            pass
