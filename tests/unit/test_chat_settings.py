"""A chat model whose settings cannot work is refused when it is built, and the setting is named."""

from __future__ import annotations

import re

import pytest

from rag.errors import ConfigurationError
from rag.llm import build_chat_model
from tests.fakes import HashingEmbedder


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("mistral", {"model": "m"}, "MISTRAL_API_KEY"),
        ("mistral", {"model": "m", "api_key": "  "}, "MISTRAL_API_KEY"),
        ("mistral", {"api_key": "k"}, "ARDOISE_LLM_MODEL"),
        ("vllm", {"model": "m"}, "URL"),
        ("vllm", {"server_url": "http://x"}, "ARDOISE_LLM_MODEL"),
        ("vllm", {"model": "m", "server_url": "x:8000"}, "x:8000"),
        *(
            (kind, {"model": "m", "api_key": "k", "server_url": address}, re.escape(repr(address)))
            for kind in ("mistral", "vllm")
            for address in (
                "http://",
                "https://:8000",
                "http://127.0.0.1:abc",
                "http://127.0.0.1:99999",
                "http://127.0.0.1:0",
                "http://[::1",
                "http://a host:8000",
                "http://a\thost:8000",
            )
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    kind: str, settings: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        build_chat_model(kind, embedder=HashingEmbedder(), **settings)


@pytest.mark.parametrize(
    "address",
    [
        "htp://bob:hunter2@host:8000",
        "bob:hunter2@host",
        "ftp://bob:hun/ter2@host",
        "http://bob:hunter2@host:abc",
    ],
)
def test_an_address_that_is_refused_is_told_without_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\*\*\*@host") as refused:
        build_chat_model("vllm", embedder=HashingEmbedder(), model="m", server_url=address)
    assert "ter2" not in str(refused.value)
    assert "bob" not in str(refused.value)
