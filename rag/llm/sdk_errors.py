"""What the providers' clients raise, in this project's errors: for chat and for embeddings alike.

Everything is raised ``from None``: the clients' texts and requests may repeat the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from rag.llm.failures import Source


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
        raise source.unavailable(f"{type(error).__name__}: {error}", "connection") from None


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
    except (httpx2.HTTPError, APIConnectionError) as error:
        raise source.unavailable(f"{type(error).__name__}: {error}", "connection") from None
    except APIError as error:
        # An error line inside the stream: the engine died, or the request turned out to be too much.
        raise source.unavailable(f"error inside the reply: {error.message}") from None
    except json.JSONDecodeError as error:
        raise source.unavailable(f"a reply that is no JSON: {error}") from None
    except UnicodeDecodeError as error:
        raise source.unavailable(f"a reply that is no UTF-8: {error.reason}") from None
