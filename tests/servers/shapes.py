"""Answers that are JSON and keep to no protocol: ``fault-shape-…``, whole, or as the one event of a stream.

``null`` and ``content``, a number for the text, cannot be read; ``deep`` is nested past any parser's bound;
``key`` has the caller's key for a finish reason. ``usage`` and ``surrogate`` can be read: a count below zero
and one of 400 digits; and, but for mistralai, half a character in the text.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

SHAPES = tuple(f"fault-shape-{what}" for what in ("null", "content", "deep", "key", "usage", "surrogate"))


def shaped(model: str, text: str, key: str, stream: bool) -> Response:
    """The answer; ``text`` is what it says where it says anything, ``key`` the caller's."""
    body = _shape(model, text, key)
    if stream:
        return Response(b"data: " + body + b"\n\ndata: [DONE]\n\n", media_type="text/event-stream")
    return Response(body, media_type="application/json")


def _shape(model: str, text: str, key: str) -> bytes:
    said: dict[str, Any] = {"role": "assistant", "content": text}
    finish, prompt, completion = "stop", 1, 1
    match model.removeprefix("fault-shape-"):
        case "null":
            return b"null"
        case "deep":
            return b'{"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        case "content":
            said["content"] = 5
        case "key":
            finish = key
        case "usage":
            prompt, completion = -5, 10**400
        case "surrogate":
            said["content"] = f"\ud800{text}"
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": 2}
    # Both of the protocol's forms in one: a stream's reader looks at the delta, the other at the message.
    choice = {"index": 0, "delta": said, "message": said, "finish_reason": finish}
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": model}
    return json.dumps({**reply, "choices": [choice], "usage": usage}).encode()
