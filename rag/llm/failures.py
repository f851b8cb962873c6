"""What a provider's failure means for the caller: told, or survived. No message holds the key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from rag.errors import ContentFiltered, ModelError, ModelRefused, ModelUnavailable, Outage, PromptTooLong

_SHOWN = 300  # characters of what went wrong that are passed on
_TRANSIENT = {408, 425, 429}
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
            return self.unavailable(f"HTTP {status} with an HTML page instead of JSON", reason)
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
        if self.secret:
            why = re.sub(re.escape(self.secret), "***", why, flags=re.IGNORECASE)
        return why[:_SHOWN]


def _reason(status: int) -> Outage:
    if status == 429:
        return "rate_limit"
    return "server_error" if status >= 500 or status in _TRANSIENT else "broken"


def provider_message(body: str) -> str:
    """The message inside an error body (``message``, ``error.message`` or ``detail``), else its beginning."""
    try:
        found = _dig(json.loads(body))
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
    """Seconds to wait by ``Retry-After`` (RFC 9110, 10.2.3: seconds or an HTTP date), if it can be read."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
