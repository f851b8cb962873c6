"""A provider's failure is told or survived, by its status, and never with the key in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from rag.errors import ContentFiltered, ModelRefused, ModelUnavailable, PromptTooLong
from rag.llm.failures import Source, provider_message, retry_after
from rag.llm.sdk_errors import mistral_errors

SOURCE = Source("mistral", "some-model", "sk-secret")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_a_mistake_is_refused(status: int) -> None:
    error = SOURCE.http_failure(status, {}, '{"message": "no"}')
    assert isinstance(error, ModelRefused)
    assert f"mistral (some-model) refused the request: HTTP {status}: no" in str(error)


@pytest.mark.parametrize(
    "said",
    [
        {"error": {"message": "sk-secret was filtered", "type": None, "code": "content_filter"}},
        {"message": "sk-secret was filtered", "type": "content_policy_violation"},
    ],
)
def test_a_prompt_that_a_filter_stopped_is_no_mistake_of_the_request(said: dict[str, object]) -> None:
    error = SOURCE.http_failure(400, {}, json.dumps(said))
    assert isinstance(error, ContentFiltered)
    assert "mistral (some-model): a content filter stopped the prompt: HTTP 400: *** was" in str(error)


def test_a_mistake_that_quotes_a_prompt_about_filters_stays_a_mistake() -> None:
    prompt = 'why does it say {"code": "content_filter"}?'
    error = SOURCE.http_failure(422, {}, json.dumps({"detail": [{"msg": "too large", "input": prompt}]}))
    assert isinstance(error, ModelRefused)


@pytest.mark.parametrize("status", [200, 302, 408, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_unavailable(status: int) -> None:
    assert isinstance(SOURCE.http_failure(status, {}, ""), ModelUnavailable)


@pytest.mark.parametrize("status", [200, 401, 404, 502])
def test_html_of_any_status_comes_from_a_proxy(status: int) -> None:
    error = SOURCE.http_failure(status, {"content-type": "text/html; charset=utf-8"}, "<html>")
    assert isinstance(error, ModelUnavailable)
    assert "HTML" in str(error)
    assert "<html>" not in str(error)


def test_the_key_is_in_no_message() -> None:
    error = SOURCE.http_failure(401, {}, json.dumps({"message": "no such key sk-secret"}))
    assert "sk-secret" not in str(error)
    assert "no such key ***" in str(error)


@pytest.mark.parametrize("key", ["sk-secret", "SK-Secret"])
def test_no_part_of_the_key_is_in_a_message_that_is_cut_inside_it(key: str) -> None:
    shown = 300 - len("HTTP 401: ")
    error = SOURCE.http_failure(401, {}, json.dumps({"message": "x" * (shown - 5) + key}))
    assert "x***" in str(error)
    assert "sk-" not in str(error).lower()
    assert len(str(error)) < 400


def test_no_part_of_the_key_is_in_the_beginning_of_a_reply_that_cannot_be_read() -> None:
    import httpx2
    from mistralai.client.errors import ResponseValidationError

    key = "sk-live-ABCDEFGHIJKLMNOPQRSTUVWX"
    body = f"{'x' * 180} {key}{'y' * 1000}"
    with pytest.raises(ModelUnavailable) as raised, mistral_errors(Source("mistral", "m", key)):
        raise ResponseValidationError("no", httpx2.Response(200, text=body), ValueError("no"), body)
    assert "sk-live" not in str(raised.value)
    assert "x ***y" in str(raised.value)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (413, "request entity too large"),
        (400, "The decoder prompt (length 9000) is longer than the maximum model length of 8192."),
        (400, "This model's maximum context length is 2048 tokens"),
        (400, "context_length_exceeded"),
        (400, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"),
    ],
)
def test_a_prompt_that_is_too_long_is_known_in_every_wording(status: int, said: str) -> None:
    error = SOURCE.http_failure(status, {}, json.dumps({"message": said}))
    assert isinstance(error, PromptTooLong)
    assert said in str(error)
    assert "lower ARDOISE_GENERATION__PROMPT_TOKENS" in str(error)


def test_a_source_without_a_key_changes_no_message() -> None:
    assert "HTTP 500: broken" in str(Source("vllm", "m").http_failure(500, {}, '{"message": "broken"}'))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"message": "a"}', "a"),
        ('{"error": {"message": "b", "code": 400}}', "b"),
        ('{"error": "c"}', "c"),
        ('{"detail": "d"}', "d"),
        ('{"detail": [{"msg": "e", "loc": ["body"]}, {"msg": "f"}]}', "e; f"),
        ('{"message": {"detail": [{"msg": "g"}]}}', "g"),
        ("no\n json", "no json"),
        ("", "no message"),
        ("x" * 1000, "x" * 1000),
    ],
)
def test_the_providers_message_is_found_in_every_shape(body: str, message: str) -> None:
    assert provider_message(body) == message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_the_wait_is_in_the_error_and_its_message() -> None:
    error = SOURCE.http_failure(429, {"retry-after": "7"}, "")
    assert isinstance(error, ModelUnavailable)
    assert error.retry_after_s == 7.0
    assert "7 s" in str(error)
