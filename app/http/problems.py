"""Errors as RFC 9457 problem details: one table from the error tree to status and title."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from rag import errors

RETRY_AFTER_S = 2.0
"""When to come back if the error does not say, in seconds."""

UNEXPECTED = {"type": "about:blank", "title": "Failed", "status": 500}

# First match wins: an error stands before those it derives from.
STATUS: Sequence[tuple[type[errors.ArdoiseError], int, str]] = (
    (errors.NotFound, 404, "Not found"),
    (errors.Conflict, 409, "Conflict"),
    (errors.BadInput, 422, "Bad input"),
    (errors.IndexInUse, 503, "Index in use"),
    (errors.StorageFull, 507, "Storage full"),
    (errors.StorageError, 500, "Storage failed"),
    (errors.IndexUnavailable, 503, "Index unavailable"),
    (errors.ModelRefused, 502, "Model refused the request"),
    (errors.ModelError, 502, "Model failed"),
    (errors.DeadlineExceeded, 504, "Deadline exceeded"),
    (errors.Overloaded, 503, "Overloaded"),
    (errors.ArdoiseError, 500, "Failed"),
)


def problem(error: errors.ArdoiseError) -> dict[str, Any]:
    """The problem object of an error: ``type``, ``title``, ``status``, ``detail``."""
    status, title = next((status, title) for kind, status, title in STATUS if isinstance(error, kind))
    return {"type": "about:blank", "title": title, "status": status, "detail": str(error)}


def install(app: FastAPI) -> None:
    """Makes every error of ``app`` answer as ``application/problem+json``."""

    @app.exception_handler(errors.ArdoiseError)
    async def expected(_request: Request, error: errors.ArdoiseError) -> JSONResponse:
        return _response(problem(error), getattr(error, "retry_after_s", None))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        detail = "; ".join(map(_mistake, error.errors()))
        return _response({"type": "about:blank", "title": "Bad input", "status": 422, "detail": detail})

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, error: Exception) -> JSONResponse:
        # Starlette logs the traceback; a caller is told no more than the kind.
        return _response(
            UNEXPECTED | {"detail": f"an unexpected {type(error).__name__}: see the service's log"}
        )

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> JSONResponse:
        title = str(error.detail)
        return _response(
            {"type": "about:blank", "title": title, "status": error.status_code, "detail": title}
        )


def _mistake(mistake: dict[str, Any]) -> str:
    if mistake["type"] == "json_invalid":
        return f"the body is not JSON: {mistake['ctx']['error']}, at character {mistake['loc'][-1]}"
    return f"{'.'.join(str(part) for part in mistake['loc'][1:]) or 'body'}: {mistake['msg']}"


def _response(body: dict[str, Any], retry_after_s: float | None = None) -> JSONResponse:
    headers = {}
    if body["status"] in (429, 503):
        headers["Retry-After"] = str(math.ceil(retry_after_s or RETRY_AFTER_S))
    # A detail may name what the caller sent, which is not always text that can be written.
    body["detail"] = body["detail"].encode("utf-8", "backslashreplace").decode("utf-8")
    return JSONResponse(body, body["status"], headers, media_type="application/problem+json")
