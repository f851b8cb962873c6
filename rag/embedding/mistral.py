"""Embedding through Mistral's API and the ``mistralai`` SDK."""

from __future__ import annotations

from rag.embedding.remote import REQUEST_TIMEOUT_S, RemoteEmbedder
from rag.errors import ConfigurationError, MissingKey
from rag.llm.failures import Source
from rag.llm.mistral import MISTRAL_URL, mistral_clients
from rag.llm.sdk_errors import mistral_errors
from rag.llm.wire import check_settings
from rag.types import Usage

DIMENSIONS = {"mistral-embed": 1024}
"""Of the models that this embedder serves."""
_WINDOW = 8_000
_TEXTS, _TOKENS = 128, 16_000
"""The API takes 8,192 tokens a text and 16,384 a request."""


class MistralEmbedder(RemoteEmbedder):
    """``mistral-embed`` behind Mistral's API, or behind a server that speaks its protocol at ``server_url``.

    Raises:
        ConfigurationError: no key, a model of unknown dimension, or no HTTP URL.
    """

    def __init__(
        self, model: str, api_key: str, server_url: str = MISTRAL_URL, *, dimension: int | None = None
    ) -> None:
        check_settings("mistral", model, server_url)
        key = api_key.strip()
        if not key:
            raise MissingKey(f"{model} needs an API key: set MISTRAL_API_KEY")
        length = dimension or DIMENSIONS.get(model)
        if length is None:
            raise ConfigurationError(
                f"the length of {model}'s vectors is not known: set ARDOISE_EMBEDDING__DIMENSION"
            )
        super().__init__(
            Source("mistral", model, key), length, _WINDOW, most_texts=_TEXTS, most_tokens=_TOKENS
        )
        self._http, self._client = mistral_clients(key, server_url)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _request(self, texts: list[str]) -> tuple[list[list[float]], Usage]:
        with mistral_errors(self._source):
            response = await self._client.embeddings.create_async(
                model=self._source.model,
                inputs=texts,
                retries=None,
                timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
            )
        rows = sorted(response.data, key=lambda row: row.index or 0)
        return [row.embedding or [] for row in rows], Usage(response.usage.prompt_tokens or 0)
