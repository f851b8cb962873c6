"""A small MCP server, over its input and output, or over streamable HTTP: ``mcp_server.py [PORT|dying]``.

``dying`` adds a tool that ends the program.
"""

from __future__ import annotations

import os
import sys

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

SERVER = MCPServer("tickets")
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
    elif len(sys.argv) > 1:
        SERVER.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        SERVER.run("stdio")
