"""Work for a caller that ends when the caller leaves: no model goes on writing to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.views import Json

_LEFT = 499  # as nginx logs it; nobody reads it


async def unless_left(caller: Request, work: Coroutine[Any, Any, Json]) -> Json | Response:
    """What ``work`` comes to. It is cancelled once the caller has hung up."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(caller))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        working.cancel()  # nothing happens to one that is done
        await asyncio.wait({working, leaving})
    return Response(status_code=_LEFT) if working.cancelled() else working.result()


async def _left(caller: Request) -> None:
    """Returns when the caller has hung up; nothing else is left to hear, as its body was read before."""
    while (await caller.receive())["type"] != "http.disconnect":
        pass
