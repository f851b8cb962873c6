"""What a provider's failure means for the caller: told, or survived. No message holds the key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from rag.errors import (
    ContentFiltered,
    ModelCut,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    Outage,
    PromptTooLong,
)
from rag.llm.reading import read_json

_SHOWN = 300  # characters of what went wrong that are passed on
_LONGEST_WAIT_S = 86_400.0  # that is passed on: more digits than a number has would be infinite
_TRANSIENT = {408, 425, 429}
# Shorter keys are placeholders of servers without one, as EMPTY: words that an answer may need.
_SHORTEST_KEY = 12
_SURROGATES = re.compile("[\ud800-\udfff]")  # halves of characters: no text that holds one can be encoded
# How servers say that a prompt does not fit: vLLM and Mistral have no code for it.
_TOO_LONG = re.compile(
    r"maximum (?:context|model) length|context[_ ]length[_ ]exceeded|too large for model", re.IGNORECASE
)
# How gateways say that a filter took exception to the prompt. Only as a field: a body may quote the prompt.
_FILTERED = re.compile(r'"(?:code|type)":\s*"content_(?:filter|policy_violation)"')
_ADVICE = {
    401: "check the API key",
    403: "check what the API key may do",
    404: "check the model's name and the server's address",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Who failed: backend and model for the message, and the secret that no message may hold."""

    backend: str
    model: str
    secret: str = ""

    def __str__(self) -> str:
        return f"{self.backend} ({self.model})"

    def unavailable(
        self, why: str, reason: Outage = "broken", retry_after_s: float | None = None
    ) -> ModelUnavailable:
        """The error for a backend that is down, slow, limited or broken."""
        later = "" if retry_after_s is None else f"; it asks to wait {retry_after_s:,.0f} s"
        return ModelUnavailable(f"{self} is unavailable: {self._shown(why)}{later}", retry_after_s, reason)

    def cut(self, why: str, by_content: bool = False) -> ModelCut:
        """The error for a reply that is no whole one, or ``by_content`` of no use."""
        return ModelCut(f"{self}: {self._shown(why)}", by_content)

    def refused(self, why: str, advice: str = "") -> ModelRefused:
        """The error for a request that the backend will never take."""
        return ModelRefused(f"{self} refused the request: {self._shown(why)}{advice and f'; {advice}'}")

    def http_failure(self, status: int, headers: Mapping[str, str], body: str) -> ModelError:
        """The error for an HTTP answer that is no reply.

        429, 5xx and 408 pass; so does HTML of any status, which comes from a proxy and not from the provider.
        A 413 or a 400 about the prompt's length is its own error, and so is a 4xx of a content filter; every
        other 4xx is a mistake of the request. A 2xx that cannot be read is a broken provider.
        """
        reason = _reason(status)
        if "html" in headers.get("content-type", "").lower():
            why = f"HTTP {status} with an HTML page instead of JSON"
            return self.unavailable(why, reason, retry_after(headers))
        why = f"HTTP {status}: {provider_message(body)}"
        if 400 <= status < 500 and status not in _TRANSIENT:
            if status == 413 or _TOO_LONG.search(why):
                advice = "lower ARDOISE_GENERATION__PROMPT_TOKENS"
                return PromptTooLong(f"{self} cannot take so long a prompt: {self._shown(why)}; {advice}")
            if _FILTERED.search(body):
                return ContentFiltered(f"{self}: a content filter stopped the prompt: {self._shown(why)}")
            return self.refused(why, _ADVICE.get(status, ""))
        return self.unavailable(why, reason, retry_after(headers))

    def _shown(self, why: str) -> str:
        """The beginning of ``why``, without the secret: cleaned, then cut, as half a key is one too."""
        return self._scrubbed(why)[:_SHOWN]

    def clean(self, text: str) -> str:
        """Text of a reply that can be passed on: encodable, and without the secret.

        Raises:
            TypeError: no string: clients pass on what a server wrote, whatever the protocol says.
        """
        text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
        return self._scrubbed(text) if len(self.secret) >= _SHORTEST_KEY else text

    def begun(self, text: str) -> str:
        """The end of ``text`` that may be the beginning of the secret."""
        if len(self.secret) < _SHORTEST_KEY:
            return ""
        ends = (text[at:] for at in range(max(0, len(text) - len(self.secret) + 1), len(text)))
        return next((end for end in ends if self.secret.lower().startswith(end.lower())), "")

    def _scrubbed(self, text: str) -> str:
        if not self.secret or self.secret.lower() not in text.lower():
            return text
        return re.sub(re.escape(self.secret), "***", text, flags=re.IGNORECASE)


def _reason(status: int) -> Outage:
    if status == 429:
        return "rate_limit"
    return "server_error" if status >= 500 or status in _TRANSIENT else "broken"


def provider_message(body: str) -> str:
    """The message inside an error body (``message``, ``error.message`` or ``detail``), else its beginning."""
    try:
        found = _dig(read_json(body))
    except ValueError:
        found = body
    return " ".join(found.split()) or "no message"


def _dig(value: Any) -> str:
    if isinstance(value, dict):
        for key in ("message", "msg", "error", "detail"):
            if value.get(key):
                return _dig(value[key])
    if isinstance(value, list):
        return "; ".join(_dig(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait, a day at most, by ``Retry-After``, if it can be read.

    It is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a year or a zone of too many digits
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return min(max(0.0, (date - (now or datetime.now(UTC))).total_seconds()), _LONGEST_WAIT_S)
