"""What the providers' clients raise, in this project's errors: for chat and for embeddings alike.

Everything is raised ``from None``: the clients' texts and requests may repeat the key.

The last clause of each is for JSON of another form than the protocol's, which the clients hand out as it is,
or stumble over. What the consumer of a stream raises does not come by here: a generator never sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import ModelUnavailable
from rag.llm.failures import Source

_MISREAD = (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError)
_UNREADABLE = "a reply of a form that cannot be read"


@contextmanager
def mistral_errors(source: Source) -> Iterator[None]:
    """Raises what ``mistralai`` raises as ``ModelRefused`` or ``ModelUnavailable`` of ``source``."""
    import httpx2
    from mistralai.client.errors import MistralError, NoResponseError, ResponseValidationError

    try:
        yield
    except ResponseValidationError as error:
        raise source.unavailable(f"a reply that cannot be read: {error.body}") from None
    except UnicodeDecodeError as error:
        raise source.unavailable(f"a reply that is no UTF-8: {error.reason}") from None
    except MistralError as error:
        raise source.http_failure(error.status_code, error.headers, error.body) from None
    except httpx2.StreamError:
        # The SDK reads the body of a redirect that it was told to stream, and stumbles over it.
        raise source.unavailable("a redirect, or another answer that is no reply") from None
    except (httpx2.HTTPError, NoResponseError) as error:
        raise _lost(source, error) from None
    except _MISREAD:
        raise source.unavailable(_UNREADABLE) from None


@contextmanager
def openai_errors(source: Source) -> Iterator[None]:
    """Raises what ``openai`` raises as ``ModelRefused`` or ``ModelUnavailable`` of ``source``."""
    import httpx2
    from openai import APIConnectionError, APIError, APIStatusError

    try:
        yield
    except APIStatusError as error:
        response = error.response
        raise source.http_failure(response.status_code, response.headers, response.text) from None
    except APIConnectionError as error:
        raise _lost(source, error.__cause__ or error) from None  # its own text is "Connection error."
    except httpx2.HTTPError as error:
        raise _lost(source, error) from None
    except APIError as error:
        # An error line inside the stream: the engine died, or the request turned out to be too much.
        raise source.unavailable(f"error inside the reply: {error.message}") from None
    except json.JSONDecodeError as error:
        raise source.unavailable(f"a reply that is no JSON: {error}") from None
    except UnicodeDecodeError as error:
        raise source.unavailable(f"a reply that is no UTF-8: {error.reason}") from None
    except _MISREAD:
        raise source.unavailable(_UNREADABLE) from None


def _lost(source: Source, error: BaseException) -> ModelUnavailable:
    """The error for a connection that failed, or for a body that is not compressed as its header says."""
    import httpx2

    undecodable = isinstance(error, httpx2.DecodingError)
    return source.unavailable(f"{type(error).__name__}: {error}", "broken" if undecodable else "connection")
