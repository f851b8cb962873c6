"""A chat model whose settings cannot work is refused when it is built, and the setting is named."""

from __future__ import annotations

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
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    kind: str, settings: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        build_chat_model(kind, embedder=HashingEmbedder(), **settings)
