"""Embedding by a server that speaks OpenAI's protocol, such as vLLM."""

from __future__ import annotations

from rag.embedding.remote import REQUEST_TIMEOUT_S, RemoteEmbedder
from rag.errors import ConfigurationError
from rag.llm.failures import Source
from rag.llm.sdk_errors import openai_errors
from rag.llm.wire import check_settings
from rag.types import Usage

_TOKENS = 16_000


class OpenAiEmbedder(RemoteEmbedder):
    """A model served at ``server_url`` (the server's root, without ``/v1``); the client's retries are off.

    ``max_tokens`` should be the server's own limit; what is longer is cut here.

    Raises:
        ConfigurationError: no model name, no HTTP URL, or no dimension.
    """

    def __init__(
        self,
        model: str,
        server_url: str,
        *,
        dimension: int | None,
        api_key: str = "",
        max_tokens: int = 512,
        batch_size: int = 32,
    ) -> None:
        check_settings("openai", model, server_url)
        if dimension is None:
            raise ConfigurationError(
                f"the length of {model}'s vectors is not known: set ARDOISE_EMBEDDING__DIMENSION"
            )
        super().__init__(
            Source("openai", model, api_key),
            dimension,
            max_tokens,
            most_texts=batch_size,
            most_tokens=_TOKENS,
        )
        import httpx2
        from openai import AsyncOpenAI

        self._http = httpx2.AsyncClient(follow_redirects=False)
        # Empty strings keep the client from reading OPENAI_ORG_ID and its like from the environment.
        self._client = AsyncOpenAI(
            api_key=api_key or "none",
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            base_url=f"{server_url.rstrip('/')}/v1",
            max_retries=0,
            timeout=REQUEST_TIMEOUT_S,
            http_client=self._http,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _request(self, texts: list[str]) -> tuple[list[list[float]], Usage]:
        with openai_errors(self._source):
            response = await self._client.embeddings.create(
                model=self._source.model, input=texts, encoding_format="float"
            )
        # The client hands out the body as it is when it is no JSON, and nothing where a field lacks.
        if not getattr(response, "data", None):
            raise self._source.unavailable("a reply that holds no embeddings")
        rows = sorted(response.data, key=lambda row: row.index)
        usage = Usage(response.usage.prompt_tokens) if response.usage else Usage()
        return [row.embedding for row in rows], usage
