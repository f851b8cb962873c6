"""Tools of a real MCP server, over a real transport."""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.tools import carry_out
from agents.tools.connections import McpConnections
from agents.tools.mcp import McpServer, mcp_tools
from app.examination import examine_server
from app.parts import build_mcp_servers
from app.requests import AskRequest, ResumeRequest
from app.settings import load_settings
from rag.errors import ConfigurationError
from rag.llm.base import ChatReply, ToolCall
from rag.llm.scripted import ScriptedChat
from rag.resilience.deadline import Deadline
from tests.clocks import ManualClock
from tests.system import small_settings, small_system, write_pages

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
    hinted = replace(server, approval="unless_read_only")
    async with mcp_tools(hinted, connect_s=30) as offered:
        tools = {tool.name: tool for tool in offered.tools}
        assert all(tool.foreign for tool in offered.tools)
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
        pytest.param(
            McpServer("x", url="http://127.0.0.1:9/mcp"),
            "cannot be reached.*: ConnectError: .*: start it",
            marks=pytest.mark.socket,
        ),
        (McpServer("x", command="/nonexistent/program"), "cannot be reached"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named(server: McpServer, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        async with mcp_tools(server, connect_s=5):
            pass


async def test_only_the_tools_that_are_named_are_taken_and_each_call_waits_for_a_yes() -> None:
    async with mcp_tools(replace(STDIO, tools=("read_ticket",), timeout_s=3.0), connect_s=30) as offered:
        assert [(tool.name, tool.side_effects, tool.timeout_s) for tool in offered.tools] == [
            ("tickets__read_ticket", True, 3.0)
        ]


async def test_a_tool_that_is_named_and_not_there_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"no tool reopen.*it has close_ticket"):
        async with mcp_tools(replace(STDIO, tools=("reopen",)), connect_s=30):
            pass


async def test_a_tool_whose_schema_is_wrong_is_left_out_and_named() -> None:
    wrong = ({"type": "strng"}, {"type": "string", "pattern": "("})
    schemas = [json.dumps({"type": "object", "properties": {"text": one}}) for one in wrong]
    connections = McpConnections(
        [replace(STDIO, arguments=(str(PROGRAM), "schemas", *schemas))], connect_s=30
    )
    offered = await connections.offered()
    assert {tool.name for tool in offered.tools} == {"tickets__read_ticket", "tickets__close_ticket"}
    assert set(offered.left_out) == {"tickets__odd0", "tickets__odd1"}
    for why in offered.left_out.values():
        assert "its schema is wrong at $.properties.text" in why
    await connections.close()


@pytest.mark.socket
async def test_what_a_schema_refers_to_is_not_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/schema"
        schemas = ({"$ref": address}, {"$ref": "#/$defs/none"}, {"$ref": "#/properties/text"})
        odd = [json.dumps({"type": "object", "properties": {"text": one}}) for one in schemas]
        server = replace(STDIO, arguments=(str(PROGRAM), "schemas", *odd))
        async with mcp_tools(server, connect_s=30) as offered:
            tools = {tool.name: tool for tool in offered.tools}
            for number in range(len(schemas)):
                call = ToolCall("1", f"tickets__odd{number}", {"text": "x"})
                result = await carry_out(call, tools, Deadline.after(5))
                assert (result.failed, "refers to what is not in it" in result.text) == (True, True)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


async def test_connections_serve_other_tasks_until_they_are_closed() -> None:
    connections = McpConnections([STDIO])

    async def ask() -> str:
        tools = {tool.name: tool for tool in (await connections.offered()).tools}
        return (await tools["tickets__read_ticket"].run({"number": 1}, Deadline.after(20))).text

    assert await asyncio.gather(*(asyncio.create_task(ask()) for _ in range(3))) == ["The cache is full."] * 3
    await connections.close()


async def test_a_server_that_is_down_is_named_and_left_out_and_tried_again_after_a_while(
    tmp_path: Path,
) -> None:
    late = tmp_path / "late.py"
    clock = ManualClock()
    down = McpServer("late", command=sys.executable, arguments=(str(late),))
    connections = McpConnections([down, STDIO], connect_s=30, retry_s=60, clock=clock)
    first = await connections.offered()
    assert {tool.name for tool in first.tools} == {"tickets__read_ticket", "tickets__close_ticket"}
    assert "'late' cannot be reached" in first.left_out["late"]
    late.write_text(PROGRAM.read_text(encoding="utf-8"), encoding="utf-8")
    assert set((await connections.offered()).left_out) == {"late"}
    clock.now += 60
    later = await connections.offered()
    assert (later.left_out, len(later.tools)) == ({}, 4)
    await connections.close()


async def test_a_server_that_ends_fails_its_call_and_is_left_out_after_it() -> None:
    dying = replace(STDIO, arguments=(*STDIO.arguments, "dying"))
    connections = McpConnections([dying], connect_s=30)
    [ending] = [tool for tool in (await connections.offered()).tools if tool.name == "tickets__end"]
    result = await carry_out(ToolCall("1", ending.name, {}), {ending.name: ending}, Deadline.after(20))
    assert (result.failed, result.final) == (True, True)
    for _ in range(1000):  # turns of the loop until the connection is closed
        if (offered := await connections.offered()).left_out:
            break
        await asyncio.sleep(0)
    assert (offered.tools, "was lost" in offered.left_out["tickets"]) == ([], True)
    await connections.close()


async def test_an_agent_asks_before_it_calls_and_says_which_server_is_left_out(tmp_path: Path) -> None:
    servers = {"tickets": STDIO, "late": McpServer("late", command="/nonexistent/program")}
    connections = McpConnections(list(servers.values()), connect_s=30)
    call = ToolCall("1", "tickets__close_ticket", {"number": 1})
    chat = ScriptedChat(lambda request: ChatReply("", "tool_calls", "scripted", (call,)))
    request = AskRequest(question="Close ticket 1.", thread="t")
    async with small_system(small_settings(tmp_path / "home"), chat, foreign=connections) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        waits = await system.ask(request)
        assert waits["waiting"] == [{"name": "tickets__close_ticket", "arguments": {"number": 1}}]
        assert "cannot be reached" in waits["parts"]["mcp.late_left_out"]
        done = await system.resume("t", ResumeRequest(approve=True))
        assert done["answer"] == "tickets__close_ticket:\n> ticket 1 is closed"
        plain = await system.ask(AskRequest(question="KV cache?", agent=False))
        assert "mcp.late_left_out" not in plain["parts"]


async def test_offline_a_tool_is_called_by_its_name(tmp_path: Path) -> None:
    connections = McpConnections([replace(STDIO, approval="unless_read_only")], connect_s=30)
    async with small_system(small_settings(tmp_path / "home"), foreign=connections) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
        done = await system.ask(AskRequest(question="Use tickets__read_ticket with number 1."))
        lacking = await system.ask(AskRequest(question="Use tickets__read_ticket."))
    assert done["answer"] == "tickets__read_ticket:\n> The cache is full."
    assert (done["abstained"], done["grade"], done["degraded"]) == (False, "extractive", [])
    assert "'number' is a required property" in json.dumps(lacking)


def test_settings_name_servers_in_a_file_or_in_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "ardoise.toml"
    file.write_text('[mcp.tickets]\ncommand = ["python", "a b.py"]\ntools = ["read"]\napproval = "never"\n')
    environ = {"ARDOISE_MCP__WEB__URL": "http://localhost:1/mcp", "ARDOISE_MCP__WEB__TIMEOUT_S": "3"}
    assert build_mcp_servers(load_settings(environ, file=file)) == (
        McpServer("tickets", command="python", arguments=("a b.py",), tools=("read",), approval="never"),
        McpServer("web", url="http://localhost:1/mcp", timeout_s=3.0),
    )
    words = load_settings({"ARDOISE_MCP__X__COMMAND": "python 'a b.py'", "ARDOISE_MCP__X__TOOLS": "a, b"})
    [server] = build_mcp_servers(words)
    assert (server.command, server.arguments, server.tools) == ("python", ("a b.py",), ("a", "b"))


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"ARDOISE_MCP__X__TOOLS": "a"}, "one of the two"),
        ({"ARDOISE_MCP__X__URL": "http://a", "ARDOISE_MCP__X__COMMAND": "b"}, "one of the two"),
        ({"ARDOISE_MCP__X_Y__URL": "http://a"}, "pattern"),
        ({"ARDOISE_MCP__X__URLL": "http://a"}, "no such setting"),
    ],
)
def test_a_server_that_is_set_up_wrongly_fails_at_start(environ: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load_settings(environ)


async def test_doctor_names_servers_and_what_they_offer(tmp_path: Path) -> None:
    environ = {
        "ARDOISE_HOME": str(tmp_path),
        "ARDOISE_MCP__TICKETS__COMMAND": shlex.join([sys.executable, str(PROGRAM)]),
        "ARDOISE_MCP__LATE__COMMAND": "/nonexistent/program",
    }
    settings = load_settings(environ)
    checks = [await examine_server(server, settings) for server in build_mcp_servers(settings)]
    assert {check.part: check.status for check in checks} == {"mcp.tickets": "ok", "mcp.late": "fallback"}
    assert checks[0].what == "2 tools, approval always: tickets__read_ticket, tickets__close_ticket"
    assert "cannot be reached" in checks[1].why
