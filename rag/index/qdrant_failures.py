"""A Qdrant server's failures as this project's errors, and the versions of it that will do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from rag.errors import IndexUnavailable, StorageFull

OLDEST = (1, 19)
"""The first server that computes IDF over the documents that live: an older one would ignore that part of a
query, and score with the statistics of deleted documents."""
_NO_SPACE = ("no space left", "not enough space", "disk is full")


def check_server(location: str, version: str) -> None:
    """Sees that a server answers as this program's queries need.

    Raises:
        IndexUnavailable: it is older than ``OLDEST``, or of another major version.
    """
    numbers = version.split(".")
    known = len(numbers) >= 2 and all(part.isdigit() for part in numbers[:2])
    found = (int(numbers[0]), int(numbers[1])) if known else (0, 0)
    if found < OLDEST or found[0] != OLDEST[0]:
        raise IndexUnavailable(
            f"Qdrant at {location} is version {version!r}, and this program needs"
            f" {OLDEST[0]}.{OLDEST[1]} or a later {OLDEST[0]}: upgrade the server"
        )


@contextmanager
def failures(location: str) -> Iterator[None]:
    """Turns every failure of the server, or on the way to it, into one of this tree's."""
    try:
        yield
    except UnexpectedResponse as error:
        raise _answered(location, error) from error
    except ResourceExhaustedResponse as error:
        raise IndexUnavailable(
            f"Qdrant at {location} takes no more requests for now ({error}): try again later"
        ) from error
    except ResponseHandlingException as error:
        raise _unheard(location, error.source) from error
    except (ApiException, QdrantException, OSError, json.JSONDecodeError) as error:
        raise _unheard(location, error) from error


def _answered(location: str, error: UnexpectedResponse) -> IndexUnavailable | StorageFull:
    if error.status_code in (401, 403):
        return IndexUnavailable(f"Qdrant at {location} refuses the API key: set the right one")
    said = error.content[:200].decode("utf-8", "replace")
    if error.status_code == 507 or any(words in said.lower() for words in _NO_SPACE):
        return StorageFull(
            f"Qdrant at {location} has no space left ({said}): make room there; what it has is intact"
        )
    return IndexUnavailable(f"Qdrant at {location} answered {error.status_code} {said}: see its log")


def _unheard(location: str, cause: Exception) -> IndexUnavailable:
    kind = type(cause).__name__
    if isinstance(cause, httpx.TimeoutException):
        return IndexUnavailable(
            f"Qdrant at {location} gives no answer in time ({kind}): see its load, or raise index.timeout_s"
        )
    if isinstance(cause, httpx.HTTPError | OSError):
        return IndexUnavailable(
            f"Qdrant at {location} gives no answer ({kind}: {cause}): see whether it runs"
        )
    return IndexUnavailable(
        f"what answers at {location} does not speak as a Qdrant server does ({kind}): see QDRANT_URL"
    )
