"""The provider's embeddings, in the wire format that Mistral and OpenAI share.

``model`` answers, with vectors that are not of unit length. ``fault-few`` gives one vector, ``fault-none`` no
data, ``fault-zero`` zeros; the other faults are those of ``tests/servers/faults.py``.
"""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.responses import JSONResponse, Response

from tests.servers.faults import error, refusal

DIMENSION = 8
MODELS = ("model", "fault-few", "fault-none", "fault-zero")


async def embeddings(body: dict[str, Any]) -> Response:
    """The answer to a request whose key is right."""
    model = body["model"]
    if model not in MODELS:
        return await refusal(model) or error(404, f"Invalid model: {model}")
    rows = [
        {"object": "embedding", "index": place, "embedding": _vector(text, model)}
        for place, text in enumerate(body["input"])
    ]
    tokens = sum(len(text.split()) for text in body["input"])
    reply = {
        "id": "1",
        "object": "list",
        "model": model,
        "usage": {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens},
        # Which text a vector belongs to, its index says and not its place.
        "data": {"fault-few": rows[:1], "fault-none": []}.get(model, rows[::-1]),
    }
    return JSONResponse(reply)


def _vector(text: str, model: str) -> list[float]:
    if model == "fault-zero":
        return [0.0] * DIMENSION
    return [float(byte) - 128 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSION]]
