"""What the test provider can be told to do wrong: refusals at once, and faults inside a reply.

At once: ``fault-400`` ``-401`` ``-403`` ``-422`` ``-429`` ``-429-date`` ``-500`` ``-503`` ``-html``
``-html-403`` ``-html-429`` ``-html-502`` ``-redirect``, and ``fault-too-long`` and ``fault-filter-400``, 400s
about the prompt; ``fault-slow`` says nothing, ``fault-hung`` not even how many tokens a prompt has, and
``fault-drip`` sends a blank now and then, without end.
After the first words: ``fault-cut`` ends without a finish reason, ``fault-drop`` breaks the connection,
``fault-midstream-error`` sends an error line and ``[DONE]``, ``fault-malformed`` sends no JSON,
``fault-bytes`` no UTF-8, ``fault-stall`` falls silent, ``fault-endless`` says the same without end.
``fault-error-first`` sends the error line before any word. ``fault-empty`` says nothing and stops;
``fault-length`` stops at ``max_tokens``, ``fault-filter`` as a content filter does, ``fault-error`` with the
finish reason ``error``; ``fault-broken-call`` breaks off in a tool call's JSON; ``fault-schema`` keeps to no
schema.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

SILENCE_S = 3600
_DRIP_S = 0.3
TOO_LONG = "This model's maximum context length is 2048 tokens"
ENDLESS = "the cache grows and "
BREAKING = (
    "fault-cut",
    "fault-drop",
    "fault-midstream-error",
    "fault-error-first",
    "fault-malformed",
    "fault-bytes",
    "fault-stall",
)
"""Faults after which a stream does not go on."""
SILENT = ("fault-slow", "fault-hung")
FINISH = {"fault-length": "length", "fault-filter": "content_filter", "fault-error": "error"}
"""Finish reasons other than ``stop``."""
ODD = (*SILENT, *FINISH, "fault-broken-call", "fault-empty", "fault-endless", "fault-schema")
_PAGE = "<html><body>Welcome to the guest network</body></html>"
_LIMITED = "Requests rate limit exceeded"
_REFUSALS: dict[str, Callable[[], Response]] = {
    "fault-400": lambda: _openai_error(400, "temperature must not be negative"),
    "fault-too-long": lambda: _openai_error(400, TOO_LONG),
    "fault-filter-400": lambda: _openai_error(400, "The prompt was filtered", "content_filter"),
    "fault-401": lambda: error(401, "Unauthorized"),
    "fault-403": lambda: error(403, "this key may not use the model"),
    "fault-422": lambda: JSONResponse({"detail": [{"loc": ["body"], "msg": "too large", "type": "v"}]}, 422),
    "fault-429": lambda: error(429, _LIMITED, {"Retry-After": "7"}),
    "fault-429-date": lambda: error(429, _LIMITED, {"Retry-After": _in_a_minute()}),
    "fault-500": lambda: error(500, "Internal server error"),
    "fault-503": lambda: error(503, "Service unavailable"),
    "fault-html": lambda: HTMLResponse(_PAGE),
    "fault-html-403": lambda: HTMLResponse(_PAGE, 403),
    "fault-html-502": lambda: HTMLResponse(_PAGE, 502),
    "fault-html-429": lambda: HTMLResponse(_PAGE, 429, {"Retry-After": "7"}),
    "fault-drip": lambda: StreamingResponse(_drops(), media_type="application/json"),
    "fault-redirect": lambda: RedirectResponse("/login", 302),
}


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error as Mistral's API writes it."""
    return JSONResponse({"object": "error", "message": message, "type": "error"}, status, headers)


async def refusal(model: str) -> Response | None:
    """The answer of a model that fails at once."""
    if model in SILENT:
        await asyncio.sleep(SILENCE_S)
    return _REFUSALS[model]() if model in _REFUSALS else None


async def breaking(model: str) -> AsyncIterator[bytes]:
    """What a model that breaks sends in place of the rest of its stream."""
    match model:
        case "fault-cut":
            yield b"data: [DONE]\n\n"
        case "fault-midstream-error" | "fault-error-first":
            said = {"message": "EngineCore encountered an issue", "type": "InternalServerError", "code": 500}
            yield f"data: {json.dumps({'error': said})}\n\n".encode()
            yield b"data: [DONE]\n\n"
        case "fault-malformed":
            yield b"data: {not json\n\n"
        case "fault-bytes":
            yield b'data: {"id": "\xff\xfe"}\n\n'
        case "fault-drop":
            raise ConnectionResetError("dropped on purpose")
        case "fault-stall":
            await asyncio.sleep(SILENCE_S)


async def _drops() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(_DRIP_S)


def _openai_error(status: int, message: str, code: str | None = None) -> Response:
    said = {"message": message, "type": "BadRequestError", "code": code or status}
    return JSONResponse({"error": said}, status)


def _in_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
