"""The HTTP API: the same objects as the command line's ``--json``, and events while an answer is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.http import problems
from app.http.dependencies import Accept, TheSystem
from app.http.leaving import unless_left
from app.http.problems import RETRY_AFTER_S
from app.http.streaming import EVENT_STREAM, EventStream
from app.http.threads import add_memories, add_threads
from app.requests import AskRequest, SearchRequest
from app.system import System
from app.views import Json
from rag.errors import NotFound, Overloaded

PAGE = Path(__file__).parent / "page"

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The page shows documents as text; if it ever did not, a browser would still fetch and send nothing."""


def create_app(opening: AbstractAsyncContextManager[System]) -> FastAPI:
    """The service over a system that is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening as system:
            app.state.system = system
            yield

    app = FastAPI(title="Ardoise", lifespan=lifespan)
    problems.install(app)
    _add_health(app)
    _add_questions(app)
    _add_documents(app)
    add_threads(app)
    add_memories(app)
    _add_page(app)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz")
    async def alive() -> Json:
        """The process runs."""
        return {"status": "alive"}

    @app.get("/readyz")
    async def ready(system: TheSystem) -> Json:
        """Questions can be answered: the default collection is there and holds something; 503 until then."""
        try:
            return {"status": "ready", **await system.ready()}
        except NotFound as error:
            raise Overloaded(str(error), RETRY_AFTER_S) from error

    @app.get("/metrics", include_in_schema=False)
    async def metrics(system: TheSystem) -> Response:
        """What this process has counted, as Prometheus reads it."""
        return Response(generate_latest(system.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_questions(app: FastAPI) -> None:
    @app.post("/v1/search", response_model=None)
    async def search(request: SearchRequest, system: TheSystem, caller: Request) -> Json | Response:
        """The passages for a query."""
        return await unless_left(caller, system.search(request))

    @app.post("/v1/ask", response_model=None)
    async def ask(
        request: AskRequest, system: TheSystem, caller: Request, accept: Accept = ""
    ) -> Json | Response:
        """A cited answer: whole, or as server-sent events for ``Accept: text/event-stream``."""
        if EVENT_STREAM in accept:
            return EventStream(system.ask_events(request))
        return await unless_left(caller, system.ask(request))


def _add_documents(app: FastAPI) -> None:
    @app.get("/v1/collections")
    async def collections(system: TheSystem) -> Json:
        """The collections with their sizes."""
        return {"collections": await system.library.collections()}

    @app.get("/v1/documents")
    async def documents(system: TheSystem, collection: str | None = None) -> Json:
        """The documents of a collection."""
        return {"documents": await system.library.documents(collection)}

    @app.get("/v1/documents/{document_id:path}")
    async def document(document_id: str, system: TheSystem, collection: str | None = None) -> Json:
        """One document with its text."""
        return await system.library.document(document_id, collection)

    @app.delete("/v1/documents/{document_id:path}")
    async def delete(document_id: str, system: TheSystem, collection: str | None = None) -> Json:
        """Removes a document and its chunks."""
        return await system.library.delete_documents([document_id], collection)


def _add_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> Any:
        return FileResponse(PAGE / "index.html", headers=PAGE_HEADERS)

    @app.get("/page/{name}", include_in_schema=False)
    async def asset(name: str) -> Any:
        found = {path.name: path for path in PAGE.iterdir()}.get(name)
        return FileResponse(found, headers=PAGE_HEADERS) if found else Response(status_code=404)
