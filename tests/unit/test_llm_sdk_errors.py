"""What the clients raise, in this project's errors: connections, compression, and answers of any form."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx2
import pytest
from openai import APIConnectionError

from rag.errors import ModelUnavailable
from rag.llm.failures import Source, provider_message, retry_after
from rag.llm.sdk_errors import mistral_errors, openai_errors

SOURCE = Source("vllm", "m", "sk-secret")
REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")

Errors = Callable[[Source], AbstractContextManager[None]]
both = pytest.mark.parametrize("errors", [mistral_errors, openai_errors])


def _raised(errors: Errors, error: Exception) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught, errors(SOURCE):
        raise error
    return caught.value


@both
@pytest.mark.parametrize(
    "kind", [AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError]
)
def test_what_a_client_stumbles_over_is_an_answer_that_cannot_be_read(
    errors: Errors, kind: type[Exception]
) -> None:
    told = _raised(errors, kind("sk-secret"))
    assert told.reason == "broken"
    assert "of a form that cannot be read" in str(told)
    assert "sk-secret" not in str(told)


def test_openais_connection_error_is_told_by_its_cause() -> None:
    error = APIConnectionError(request=REQUEST)
    error.__cause__ = httpx2.ConnectError("[Errno -2] Name or service not known: sk-secret")
    told = _raised(openai_errors, error)
    assert "ConnectError: [Errno -2] Name or service not known: ***" in str(told)
    assert told.reason == "connection"


@both
def test_a_body_that_is_not_compressed_as_it_says_is_broken_and_no_lost_connection(errors: Errors) -> None:
    assert _raised(errors, httpx2.DecodingError("incorrect header check")).reason == "broken"
    assert _raised(errors, httpx2.ConnectError("refused")).reason == "connection"


@pytest.mark.parametrize(
    "value", ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 +99999999999999"]
)
def test_a_date_of_too_many_digits_asks_for_no_wait(value: str) -> None:
    assert retry_after({"retry-after": value}) is None


def test_a_page_of_a_proxy_may_say_how_long_to_wait() -> None:
    error = SOURCE.http_failure(429, {"content-type": "text/html", "retry-after": "60"}, "<html>")
    assert isinstance(error, ModelUnavailable)
    assert (error.reason, error.retry_after_s) == ("rate_limit", 60.0)


@pytest.mark.parametrize("depth", [70, 900, 100_000])
def test_an_error_nested_without_end_is_shown_as_it_is(depth: int) -> None:
    body = '{"error":' * depth + "1" + "}" * depth
    assert provider_message(body) == body


@pytest.mark.parametrize("value", ["9" * 400, "Wed, 21 Oct 9999 07:28:00 GMT"])
def test_a_wait_without_end_is_a_day(value: str) -> None:
    assert retry_after({"retry-after": value}) == 24 * 3600
