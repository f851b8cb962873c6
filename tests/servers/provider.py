"""A chat-completions server for tests: Mistral's and OpenAI's wire protocol, told what to do by model name.

``model`` answers; ``no-tokenize`` counts no tokens; ``vllm-calls`` splits its tool calls as vLLM does,
``two-calls`` makes two with their deltas interleaved; ``mends`` breaks its schema until it is told so;
``flaky-2`` fails twice with 500, then answers; ``slow-first-…`` is silent once, then answers. ``fault-…``
fails as ``tests/servers/faults.py`` and ``shapes.py`` say, ``load:…`` as ``tests/servers/load.py`` says; a
name that is none of these is unknown.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.servers.embeddings import embeddings
from tests.servers.faults import BREAKING, ENDLESS, FINISH, ODD, SILENT, TOO_LONG, breaking, error, refusal
from tests.servers.load import PREFIX, Gauge, Load
from tests.servers.shapes import SHAPES, shaped

KEY = "sk-test-0123456789"
TEXT = "Le cache KV « grandit » avec le contexte [1]. Élémentaire."
CALL = {"query": "cache KV é"}
COMPLETION_TOKENS = 7
MODELS = ("model", "vllm-calls", "two-calls", "mends")
_FLAKY = "flaky-"
_SLOW_FIRST = "slow-first-"
_PIECES = 100_000  # of an endless reply: a client that does not hang up gets no more


@dataclass
class Provider:
    """The server's state: where it listens, what it was asked, how many streams and silent calls are open."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    gauges: dict[str, Gauge] = field(default_factory=dict)  # by model under load
    busy: threading.Event = field(default_factory=threading.Event)  # set once one was opened
    idle: threading.Event = field(default_factory=threading.Event)  # set while none is open any more
    structured: Callable[[dict[str, Any]], str] | None = None  # answers requests for JSON of a schema
    window: int = 131_072  # tokens of a prompt and its reply; what is longer is refused, as vLLM refuses it
    listing: str = ""  # the fault with which the list of models answers
    counted: int | None = None  # what it says that a prompt takes, in place of the truth
    listed: int = 0  # how often it was asked for
    _open: int = 0
    _asked: Counter[str] = field(default_factory=Counter)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/embeddings", self._embed, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/tokenize", self._tokenize, methods=["POST"]),
            ]
        )

    async def _tokenize(self, request: Request) -> Response:
        body = await request.json()
        if body["model"].startswith(("fault-html", "fault-redirect", "fault-hung", "fault-drip")) and (
            page := await refusal(body["model"])
        ):
            return page  # a proxy answers so on every path
        if body["model"] == "no-tokenize":
            return error(404, "Not Found")
        told = self.counted
        return JSONResponse({"count": prompt_tokens(body) if told is None else told})

    async def _models(self, request: Request) -> Response:
        """As vLLM lists what it serves; of ``no-tokenize`` it tells no window, as other servers do not."""
        self.listed += 1
        if self.listing:
            return await refusal(self.listing) or error(404, "Not Found")
        cards = [{"id": name, "object": "model", "max_model_len": self.window} for name in MODELS]
        return JSONResponse({"object": "list", "data": [*cards, {"id": "no-tokenize", "object": "model"}]})

    async def _embed(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return error(401, "Unauthorized: no such key")
        return await embeddings(body)

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        model = body["model"]
        if request.headers.get("authorization") != f"Bearer {KEY}":
            sent = request.headers.get("authorization", "")
            return error(401, f"Unauthorized: no such key {sent.removeprefix('Bearer ')}")
        if model.startswith(PREFIX):
            return await self._loaded(body)
        self.requests.append(body)
        self._asked[model] += 1
        if model.startswith(_FLAKY) and self._asked[model] <= int(model.removeprefix(_FLAKY)):
            return error(500, "Internal server error")
        if model in SILENT or (model.startswith(_SLOW_FIRST) and self._asked[model] == 1):
            return await self._silence(request)
        if model not in (*MODELS, *BREAKING, *ODD, *SHAPES) and not model.startswith((_FLAKY, _SLOW_FIRST)):
            return await refusal(model) or error(404, f"Invalid model: {model}")
        return self._reply(body)

    def _reply(self, body: dict[str, Any]) -> Response:
        if prompt_tokens(body) + body.get("max_tokens", 0) > self.window:
            return error(400, TOO_LONG)
        if body["model"] in SHAPES:
            return shaped(body["model"], TEXT, KEY, bool(body.get("stream")))
        if body.get("stream"):
            return StreamingResponse(self._counted(_stream(body)), media_type="text/event-stream")
        if self.structured and body.get("response_format"):
            said = {"role": "assistant", "content": self.structured(body)}
            return JSONResponse(_completion(body, said, "stop"))
        return _whole(body)

    async def _loaded(self, body: dict[str, Any]) -> Response:
        model = body["model"]
        load, gauge = Load.of(model), self.gauges.setdefault(model, Gauge.fresh())
        if load.is_down(gauge.age):
            gauge.failed += 1
            return error(503, "Service unavailable")
        if load.at and gauge.now >= load.at:
            gauge.refused += 1
            return error(429, "Requests rate limit exceeded", {"Retry-After": str(load.retry)})
        gauge.now += 1
        gauge.peak = max(gauge.peak, gauge.now)
        return StreamingResponse(_paced(body, load, gauge), media_type=_media_type(body))

    async def _counted(self, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        with self._opened():
            async for event in events:
                yield event

    async def _silence(self, request: Request) -> Response:
        """Says nothing until the caller hangs up."""
        with self._opened():
            while (await request.receive())["type"] != "http.disconnect":
                pass
        return Response()

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self._open += 1
        self.idle.clear()
        self.busy.set()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self.idle.set()


def prompt_tokens(body: dict[str, Any]) -> int:
    """What a prompt takes here: the words of its messages, and of its tools' JSON."""
    said = [message["content"] for message in body["messages"]]
    said += [json.dumps(body["tools"])] if body.get("tools") else []
    return sum(len(text.split()) for text in said)


def _usage(body: dict[str, Any]) -> dict[str, int]:
    """The tokens of a request and its reply, as the reply tells them."""
    prompt = prompt_tokens(body)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": COMPLETION_TOKENS,
        "total_tokens": prompt + COMPLETION_TOKENS,
    }


def _media_type(body: dict[str, Any]) -> str:
    return "text/event-stream" if body.get("stream") else "application/json"


async def _paced(body: dict[str, Any], load: Load, gauge: Gauge) -> AsyncIterator[bytes]:
    """A reply of so many tokens, each after its time; the place is free when it ends or its caller leaves."""
    model, stream = body["model"], bool(body.get("stream"))
    try:
        for number in range(load.tokens):
            await load.pace()
            if stream:
                yield _line(model, {"content": f"word{number} "})
        if stream:
            yield _line(model, {"content": ""}, "stop", usage=_usage(body))
            yield b"data: [DONE]\n\n"
        else:
            text = " ".join(f"word{number}" for number in range(load.tokens))
            yield json.dumps(_completion(body, {"role": "assistant", "content": text}, "stop")).encode()
        gauge.answered += 1
    finally:
        gauge.now -= 1


def _forced(body: dict[str, Any]) -> bool:
    return bool(body.get("tools")) and body.get("tool_choice") in ("any", "required")


def _completion(body: dict[str, Any], message: dict[str, Any], finish: str) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return {**reply, "choices": [choice], "usage": _usage(body)}


def _whole(body: dict[str, Any]) -> Response:
    model = body["model"]
    if model == "fault-drop":
        return StreamingResponse(_half_a_body(), media_type="application/json")
    if model == "fault-bytes":
        return Response(b'{"id": "\xff\xfe"}', media_type="application/json")
    if model in BREAKING:
        return JSONResponse({"id": "1", "model": model, "choices": []})
    message: dict[str, Any] = {"role": "assistant", "content": _text(body)}
    finish = FINISH.get(model, "stop")
    if _forced(body):
        calls = [{"id": key, "type": "function", "function": f} for key, f in _calls(body).items()]
        message |= {"content": "", "tool_calls": calls}
        finish = "tool_calls"
    return JSONResponse(_completion(body, message, finish))


async def _half_a_body() -> AsyncIterator[bytes]:
    yield b'{"id": "1", "choi'
    raise ConnectionResetError("dropped on purpose")


def _told(body: dict[str, Any]) -> bool:
    return len(body["messages"]) > 1 and "not valid" in body["messages"][-1]["content"]


def _wrong(body: dict[str, Any]) -> bool:
    return body["model"] == "fault-schema" or (body["model"] == "mends" and not _told(body))


def _text(body: dict[str, Any]) -> str:
    if body["model"] == "fault-empty":
        return ""
    if body["model"] == "fault-endless":
        return ENDLESS * 100
    if not body.get("response_format"):
        return TEXT
    return json.dumps({"question": 1} if _wrong(body) else {"query": "cache"})


def _calls(body: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The functions that are called, by the ids of their calls."""
    name, arguments = body["tools"][0]["function"]["name"], json.dumps({} if _wrong(body) else CALL)
    if body["model"] == "fault-broken-call":
        arguments = arguments[:8]
    calls = {"abc123def": {"name": name, "arguments": arguments}}
    if body["model"] == "two-calls":
        calls["xyz456uvw"] = {"name": name, "arguments": json.dumps({"query": "second"})}
    return calls


def _line(model: str, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}
    return f"data: {json.dumps({**chunk, **more}, ensure_ascii=False)}\n\n".encode()


async def _stream(body: dict[str, Any]) -> AsyncIterator[bytes]:
    model = body["model"]
    yield _line(model, {"role": "assistant", "content": ""})
    if _forced(body):
        for delta in _call_deltas(body):
            yield _line(model, {"tool_calls": [delta]})
        yield _line(model, {}, "tool_calls", usage=_usage(body))
    elif model == "fault-endless":
        for _ in range(_PIECES):
            await asyncio.sleep(0)  # else nobody on this loop could notice that the client has hung up
            yield _line(model, {"content": ENDLESS})
    else:
        text = _text(body)
        if model != "fault-error-first":
            async for event in _pieces(model, text[:12]):
                yield event
        async for event in breaking(model):
            yield event
        if model in BREAKING:
            return
        async for event in _pieces(model, text[12:]):
            yield event
        yield _line(model, {"content": ""}, FINISH.get(model, "stop"), usage=_usage(body))
    yield b"data: [DONE]\n\n"


async def _pieces(model: str, text: str) -> AsyncIterator[bytes]:
    """Three characters an event, and each event in two writes that split its JSON, or a character."""
    for start in range(0, len(text), 3):
        event = _line(model, {"content": text[start : start + 3]})
        cut = next((i for i, byte in enumerate(event) if byte >= 0xC0), 9) + 1
        yield event[:cut]
        yield event[cut:]


def _call_deltas(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Mistral sends a call whole; vLLM its name first, without arguments, then the JSON in pieces."""
    whole = body["model"] not in ("vllm-calls", "two-calls")
    calls = list(_calls(body).items())
    for index, (key, function) in enumerate(calls):
        # mistralai's parser refuses a delta without arguments, so two-calls has them empty.
        first = {"name": function["name"], **({} if body["model"] == "vllm-calls" else {"arguments": ""})}
        yield {"index": index, "id": key, "type": "function", "function": function if whole else first}
    longest = 0 if whole else max(len(function["arguments"]) for _, function in calls)
    for start in range(0, longest, 4):
        for index, (_, function) in enumerate(calls):
            if piece := function["arguments"][start : start + 4]:
                yield {"index": index, "function": {"name": "", "arguments": piece}}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The provider on a real socket of the loopback interface, in a thread of its own."""
    provider = Provider()
    config = uvicorn.Config(
        provider.app(),
        host="127.0.0.1",
        port=0,
        log_level="critical",
        timeout_graceful_shutdown=0,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def announced(*args: Any, **kwargs: Any) -> None:
        await startup(*args, **kwargs)
        ready.set()

    server.startup = announced  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the test provider did not start within 10 s")
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.url = f"http://127.0.0.1:{port}"
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(10)
