"""Everything that can go wrong, as one tree.

::

    ArdoiseError
    ├── BadInput                 the caller can mend it: exit 2, HTTP 400 to 422
    │   ├── UnknownChoice        a name that is not one of the choices
    │   ├── NotFound             a collection, document, chunk or thread that does not exist: HTTP 404
    │   ├── Conflict             a thread is busy, or waits for approval: HTTP 409
    │   ├── UnreadableFile       a file that cannot become a document
    │   └── ConfigurationError   a setting, or a set of settings, that cannot work
    │       ├── MissingExtra     an optional package that the chosen part needs
    │       └── MissingKey       an API key that is not set, or that cannot be one: exit 1
    ├── StorageError             the disk or the index failed: exit 1, HTTP 500
    │   ├── IndexInUse           another process owns the collection: HTTP 503
    │   ├── IndexCorrupt         files that cannot be read back
    │   ├── IndexMismatch        index made by another embedder, dimension or format version
    │   └── StorageFull          no space left
    ├── IndexUnavailable         a vector server that is down, slow or of another version: HTTP 503
    ├── ModelError               a model backend failed: exit 1, HTTP 502
    │   ├── ModelRefused         the request itself is wrong (400, 401, 403, 404): told, never retried
    │   ├── ModelUnavailable     down, slow, limited or broken: the ladder goes on
    │   ├── ModelCut             the reply ended before it was complete, is empty, or follows no schema
    │   │   └── ContentFiltered  the provider's filter withheld it: another model may answer
    │   └── PromptTooLong        the prompt does not fit the model's window: the ladder goes on
    ├── ToolError                a tool could not do what was asked; the agent sees the message
    ├── DeadlineExceeded         the request's time ran out: HTTP 504
    └── Overloaded               a bounded queue is full: HTTP 429 with Retry-After

Each message says what was wrong, with which value, and what to do. Messages never hold a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal


class ArdoiseError(Exception):
    """The root: catch this to catch everything that this project raises on purpose."""


class BadInput(ArdoiseError):
    """The caller's input cannot be used as it is."""


class UnknownChoice(BadInput):
    """A name that is not one of the choices; the message lists them."""

    def __init__(self, what: str, value: object, choices: Iterable[str]) -> None:
        super().__init__(f"unknown {what} {value!r}: choose one of {', '.join(choices)}")


class NotFound(BadInput):
    """A collection, document, chunk or thread that does not exist."""


class Conflict(BadInput):
    """A thread is answering another question, waits for approval, or has nothing to go on with."""


class UnreadableFile(BadInput):
    """A file that cannot become a document: unreadable, empty, binary, encrypted or malformed."""


class ConfigurationError(BadInput):
    """A setting, or a combination of settings, that cannot work."""


class MissingExtra(ConfigurationError):
    """An optional package is not installed; the message names the extra that brings it."""

    def __init__(self, part: str, package: str, extra: str) -> None:
        super().__init__(
            f"{part} needs the package {package}, which is not installed: pip install 'ardoise[{extra}]'"
        )


class MissingKey(ConfigurationError):
    """A provider's API key is not set, or cannot be one: as with a wrong one, the command fails with 1."""


class StorageError(ArdoiseError):
    """The disk or the index failed; what was acknowledged before is intact."""


class IndexInUse(StorageError):
    """Another process owns the collection.

    ``url`` is that process's address when it is a server, so that a command may go through it.
    """

    def __init__(self, message: str, url: str | None = None) -> None:
        super().__init__(message)
        self.url = url


class IndexCorrupt(StorageError):
    """Files of a collection cannot be read back."""


class IndexMismatch(StorageError):
    """The index was made by another embedder, with another dimension, or in another format version."""


class StorageFull(StorageError):
    """No space left on the device; nothing half-written remains visible."""


class IndexUnavailable(ArdoiseError):
    """A vector server that is down, slow, full or of another version."""


class ModelError(ArdoiseError):
    """A model backend failed."""


class ModelRefused(ModelError):
    """The backend refused the request itself (400, 401, 403, 404): a mistake to be told, no fallback."""


Outage = Literal["rate_limit", "server_error", "connection", "silent", "broken", "circuit_open", "queue_full"]
"""Why a backend is unavailable: 429, 5xx, no connection, no event in time, unreadable, or not even asked."""


class ModelUnavailable(ModelError):
    """The backend is down, slow, limited (429) or broken (5xx).

    ``retry_after_s`` is what the backend asked for, in seconds, when it did.
    """

    def __init__(
        self, message: str, retry_after_s: float | None = None, reason: Outage = "server_error"
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.reason: Outage = reason


class ModelCut(ModelError):
    """The reply is no whole one: no finish reason, broken off, empty, endless, or not as the schema says.

    ``by_content``: the backend did its part, and what the model wrote is of no use.
    """

    def __init__(self, message: str, by_content: bool = False) -> None:
        super().__init__(message)
        self.by_content = by_content


class ContentFiltered(ModelCut):
    """The provider's content filter kept the reply back, or the prompt out: no failure of the backend."""

    def __init__(self, message: str) -> None:
        super().__init__(message, by_content=True)


class PromptTooLong(ModelError):
    """The prompt does not fit the model's window; a model that reads no prompt can still answer."""


class ToolError(ArdoiseError):
    """A tool could not do what was asked; its message goes back to the agent as the tool's result."""


class DeadlineExceeded(ArdoiseError):
    """The request's deadline passed; the message names the stage that was running."""


SURVIVABLE = (ModelUnavailable, ModelCut, PromptTooLong, DeadlineExceeded)
"""Failures of a model after which another one may answer; a refusal is none: it is a mistake to be told."""


class Overloaded(ArdoiseError):
    """A bounded queue is full; ``retry_after_s`` says when to come back, in seconds."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
