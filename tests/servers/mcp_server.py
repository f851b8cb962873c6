"""A small MCP server, over its input and output, or over streamable HTTP.

``mcp_server.py [PORT|dying|schemas SCHEMA...]``: ``dying`` adds a tool that ends the program, ``schemas``
the tools ``odd0``, ``odd1`` … with these JSON texts as their input schemas.
"""

from __future__ import annotations

import json
import os
import sys

from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations


def odd() -> int:
    """Takes whatever its schema says."""
    return 0


def odd_tools(schemas: list[str]) -> list[Tool]:
    """A tool for each input schema."""
    made = [Tool.from_function(odd, name=f"odd{number}") for number in range(len(schemas))]
    return [
        tool.model_copy(update={"parameters": json.loads(schema)})
        for tool, schema in zip(made, schemas, strict=True)
    ]


SERVER = MCPServer("tickets", tools=odd_tools(sys.argv[2:] if sys.argv[1:2] == ["schemas"] else []))
TICKETS = {1: "The cache is full."}


@SERVER.tool(annotations=ToolAnnotations(read_only_hint=True))
def read_ticket(number: int) -> str:
    """Reads a ticket."""
    if number not in TICKETS:
        raise ValueError(f"there is no ticket {number}")
    return TICKETS[number]


@SERVER.tool()
def close_ticket(number: int) -> str:
    """Closes a ticket."""
    return f"ticket {number} is closed"


def end() -> str:
    """Ends this program."""
    os._exit(1)


if __name__ == "__main__":
    if sys.argv[1:] == ["dying"]:
        SERVER.tool()(end)
        SERVER.run("stdio")
    elif sys.argv[1:] and sys.argv[1].isdigit():
        SERVER.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        SERVER.run("stdio")
