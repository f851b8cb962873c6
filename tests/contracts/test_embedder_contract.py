"""What every embedder owes its callers, checked on all of them, over a real socket where they use one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import Remote, build_embedder
from rag.embedding.base import Embedder
from rag.embedding.bilingual import BilingualEmbedder
from rag.embedding.cache import CachedEmbedder
from rag.embedding.mistral import MistralEmbedder
from rag.embedding.openai_server import OpenAiEmbedder
from rag.embedding.remote import RemoteEmbedder
from rag.errors import ConfigurationError, ModelError, ModelRefused, ModelUnavailable, PromptTooLong
from rag.resilience.workers import Workers
from tests.fakes import HashingEmbedder
from tests.servers.embeddings import DIMENSION
from tests.servers.provider import KEY, Provider, running_provider

pytestmark = pytest.mark.socket

REMOTE = ("mistral", "openai")
LONG = "fragmentation " * 9_000
TEXTS = ["The KV cache grows.", "Le cache grandit.", "", "The KV cache grows.", "a b c", "paging " * 300]

Build = Callable[..., Embedder]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
async def build(provider: Provider, tmp_path: Path) -> AsyncIterator[Build]:
    """Builds an embedder by name; ``model`` chooses what the provider does."""
    built: list[RemoteEmbedder] = []

    def make(kind: str, model: str = "model", key: str = KEY, dimension: int = DIMENSION) -> Embedder:
        if kind == "hashing":
            return HashingEmbedder()
        if kind == "cached":
            return CachedEmbedder(HashingEmbedder(), tmp_path / "cache", Workers(threads=1))
        if kind == "bilingual":
            return BilingualEmbedder(HashingEmbedder(), HashingEmbedder(), Workers(threads=1))
        embedder: RemoteEmbedder = (
            MistralEmbedder(model, key, provider.url, dimension=dimension)
            if kind == "mistral"
            else OpenAiEmbedder(model, provider.url, api_key=key, dimension=dimension, batch_size=2)
        )
        built.append(embedder)
        return embedder

    yield make
    for embedder in built:
        await embedder.close()


every = pytest.mark.parametrize("kind", ["hashing", "cached", "bilingual", *REMOTE])
remote = pytest.mark.parametrize("kind", REMOTE)


@every
async def test_vectors_have_the_dimension_unit_length_and_the_order_of_the_texts(
    build: Build, kind: str
) -> None:
    embedder = build(kind)
    vectors = await embedder.embed_documents(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[3], atol=1e-6)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose((await embedder.embed_documents([text]))[0], vector, atol=1e-5)
    assert vectors[0] @ vectors[1] < 1 - 1e-3


@every
async def test_no_texts_make_an_empty_matrix(build: Build, kind: str) -> None:
    embedder = build(kind)
    assert (await embedder.embed_documents([])).shape == (0, embedder.dimension)


@every
async def test_a_question_is_nearest_to_the_text_that_repeats_it(build: Build, kind: str) -> None:
    embedder = build(kind)
    question = await embedder.embed_query("The KV cache grows.")
    assert question.dtype == np.float32
    assert question.shape == (embedder.dimension,)
    assert np.linalg.norm(question) == pytest.approx(1, rel=1e-5)
    near = await embedder.embed_documents(TEXTS) @ question
    assert set(np.argsort(-near, kind="stable")[:2]) == {0, 3}


@every
def test_an_embedder_says_what_it_is_and_where_its_tokens_stand(build: Build, kind: str) -> None:
    embedder, text = build(kind), "L'été 2024: naïveté, œuvres (fin)."
    assert embedder.name
    assert embedder.max_tokens > 0
    spans = embedder.token_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert set("".join(text[start:end] for start, end in spans)) == set(text) - {" "}


@every
async def test_many_questions_at_once_are_answered_as_one_by_one(build: Build, kind: str) -> None:
    embedder = build(kind)
    questions = [f"What is number {number}?" for number in range(20)]
    together = await asyncio.gather(*(embedder.embed_query(question) for question in questions))
    for question, vector in zip(questions, together, strict=True):
        np.testing.assert_allclose(await build(kind).embed_query(question), vector, atol=1e-5)


@remote
async def test_requests_stay_within_the_limits_of_count_and_tokens(
    build: Build, kind: str, provider: Provider
) -> None:
    embedder = build(kind)
    assert isinstance(embedder, RemoteEmbedder)
    texts = [f"text {number}" for number in range(300)] + [LONG] * 5
    provider.requests.clear()
    await embedder.embed_documents(texts)
    sent = [request["input"] for request in provider.requests]
    assert sum(len(batch) for batch in sent) == len(texts)
    assert max(len(batch) for batch in sent) == (128 if kind == "mistral" else 2)
    tokens = [sum(len(embedder.token_spans(text)) for text in batch) for batch in sent]
    assert max(tokens) <= 16_000
    assert max(len(embedder.token_spans(text)) for batch in sent for text in batch) == embedder.max_tokens


@remote
async def test_tokens_are_added_up_as_the_backend_counted_them(build: Build, kind: str) -> None:
    embedder = build(kind)
    assert isinstance(embedder, RemoteEmbedder)
    await embedder.embed_documents(["one two", "three"])
    await embedder.embed_query("four five six")
    await embedder.embed_query("four five six")  # remembered
    assert embedder.usage.prompt_tokens == 2 + 1 + 3


@remote
@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("fault-401", ModelRefused, "check the API key"),
        ("fault-422", ModelRefused, "too large"),
        ("no-such-model", ModelRefused, "check the model's name"),
        ("fault-too-long", PromptTooLong, "maximum context length"),
        ("fault-429", ModelUnavailable, "wait 7 s"),
        ("fault-500", ModelUnavailable, "HTTP 500"),
        ("fault-html", ModelUnavailable, "unavailable"),
        ("fault-html-403", ModelUnavailable, "HTML page"),
        ("fault-few", ModelUnavailable, "1 vectors for 2 texts"),
        ("fault-none", ModelUnavailable, "0 vectors|no embeddings"),
        ("fault-zero", ModelUnavailable, "zero or no number"),
    ],
)
async def test_a_failure_is_told_in_our_own_errors_and_never_shows_the_key(
    build: Build, kind: str, model: str, error: type[ModelError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        await build(kind, model).embed_documents(["one", "two"])
    assert KEY not in str(caught.value)


@remote
async def test_a_server_that_is_not_there_is_unavailable(kind: str) -> None:
    nowhere = "http://127.0.0.1:9"  # the discard port: nobody listens
    embedder: RemoteEmbedder = (
        MistralEmbedder("mistral-embed", KEY, nowhere)
        if kind == "mistral"
        else OpenAiEmbedder("model", nowhere, dimension=8)
    )
    with pytest.raises(ModelUnavailable, match="unavailable"):
        await embedder.embed_query("hello")
    await embedder.close()


@remote
async def test_vectors_of_another_length_are_refused_with_what_to_do(build: Build, kind: str) -> None:
    embedder = build(kind, dimension=DIMENSION + 1)
    with pytest.raises(ConfigurationError, match=f"ARDOISE_EMBEDDING__DIMENSION={DIMENSION}"):
        await embedder.embed_documents(["one"])


async def test_the_factory_chooses_an_api_by_model_or_address(provider: Provider) -> None:
    made = build_embedder("mistral-embed", remote=Remote(mistral_api_key=KEY, mistral_url=provider.url))
    assert (made.name, made.dimension) == ("mistral:mistral-embed/1024", 1024)
    served = build_embedder("bge-m3", remote=Remote(url=provider.url, api_key=KEY, dimension=1024))
    assert (served.name, served.dimension, served.max_tokens) == ("openai:bge-m3/1024", 1024, 512)


@pytest.mark.parametrize(
    ("model", "remote_", "message"),
    [
        ("mistral-embed", Remote(), "set MISTRAL_API_KEY"),
        ("bge-m3", Remote(url="http://localhost:1"), "set ARDOISE_EMBEDDING__DIMENSION"),
        ("bge-m3", Remote(url="localhost:1", dimension=8), "root URL"),
    ],
)
def test_what_an_api_needs_is_asked_for_before_a_request(model: str, remote_: Remote, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build_embedder(model, remote=remote_)
