"""What Prometheus reads of a service: requests by grade, steps down the ladder, the policy, the cache."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.http.api import create_app
from app.parts import build_resilient_chat
from app.settings import Settings, load_settings
from app.system import open_system
from rag.answer.cache import build_answer_cache
from rag.resilience.policy import Policies
from rag.telemetry.metrics import Metrics
from tests.fakes import HashingEmbedder
from tests.servers.provider import COMPLETION_TOKENS, KEY, Provider, prompt_tokens, running_provider
from tests.system import small_parts, small_system, write_pages

pytestmark = pytest.mark.socket

QUESTION = "How many bytes per token does the KV cache of Mistral 7B take?"
RETRIES = 1


class Service:
    """A service over a real provider's wire, and what it shows at ``/metrics``."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, question: str = QUESTION, **more: object) -> str:
        body = {"question": question, "agent": False, **more}
        grade: str = (await self._http.post("/v1/ask", json=body)).json()["grade"]
        return grade

    async def search(self) -> None:
        await self._http.post("/v1/search", json={"query": QUESTION})

    async def page(self) -> str:
        shown = await self._http.get("/metrics")
        assert shown.headers["content-type"].startswith("text/plain; version=")
        return shown.text

    async def value(self, name: str, **labels: str) -> float:
        """The sum over the samples of this name with at least these labels."""
        families = text_string_to_metric_families(await self.page())
        samples = [one for family in families for one in family.samples if one.name == f"ardoise_{name}"]
        return sum(one.value for one in samples if labels.items() <= one.labels.items())


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@asynccontextmanager
async def service(
    tmp_path: Path, provider: Provider, model: str, backend: str = "vllm"
) -> AsyncIterator[Service]:
    settings = _settings(tmp_path, provider, model, backend)
    async with small_system(settings) as system:
        await system.library.ingest([write_pages(tmp_path)], prune=False, progress=lambda step: None)
    metrics = Metrics()
    parts = replace(
        small_parts(settings),
        chat=build_resilient_chat(settings, backend, HashingEmbedder(), metrics, Policies()),
        metrics=metrics,
        cache=build_answer_cache("memory", metrics=metrics),
    )
    app = create_app(open_system(settings, "test", parts=parts))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ardoise") as http,
    ):
        yield Service(http)


def _settings(tmp_path: Path, provider: Provider, model: str, backend: str) -> Settings:
    given: Mapping[str, object] = {
        "chunking.size": 64,
        "chunking.overlap": 8,
        "generation.llm": backend,
        "generation.vllm_url": provider.url,
        "generation.vllm_api_key": KEY,
        "generation.model": model,
        "resilience.retries": RETRIES,
        "resilience.backoff_base_s": 0.001,
        "resilience.breaker_failures": 1 + RETRIES,
        "resilience.breaker_open_s": 60,
    }
    return load_settings({"ARDOISE_HOME": str(tmp_path / "home")}, given)


async def test_a_step_down_the_ladder_is_counted_with_its_reason(tmp_path: Path, provider: Provider) -> None:
    model = "vllm:fault-500"
    async with service(tmp_path, provider, "fault-500") as faulty:
        assert await faulty.value("rungs_total") == 0
        assert await faulty.value("model_breaker", model=model, state="closed") == 1
        assert await faulty.ask() == "extractive"
        assert await faulty.value("requests_total", request="ask", outcome="extractive") == 1
        assert await faulty.value("rungs_total", model=model, outcome="server_error") == 1
        assert await faulty.value("rungs_total", model="extractive", outcome="answered") == 1
        assert await faulty.value("degraded_total", part="model") == 1
        assert await faulty.value("model_calls_total", model=model, outcome="server_error") == 1 + RETRIES
        assert await faulty.value("model_retries_total", model=model, reason="server_error") == RETRIES
        assert await faulty.value("model_gave_up_total", model=model, reason="server_error") == 1
        assert await faulty.value("model_breaker", model=model, state="open") == 1
        assert await faulty.value("model_breaker", model=model) == 1


async def test_a_limit_is_counted_as_one_and_lowers_the_limiter(tmp_path: Path, provider: Provider) -> None:
    async with service(tmp_path, provider, "fault-429-date") as limited:
        before = await limited.value("model_limit")
        assert await limited.ask(deadline_s=30) == "extractive"
        assert await limited.value("model_calls_total", outcome="rate_limit") == 1
        assert await limited.value("model_limit") < before
        assert await limited.value("model_in_flight") == await limited.value("requests_in_flight") == 0


async def test_an_answer_leaves_its_tokens_its_stages_and_its_first_token(
    tmp_path: Path, provider: Provider
) -> None:
    async with service(tmp_path, provider, "model") as well:
        assert await well.ask() == "full"
        assert await well.value("requests_total") == await well.value("requests_total", outcome="full") == 1
        (request,) = provider.requests
        assert await well.value("model_tokens_total", kind="prompt") == prompt_tokens(request)
        assert await well.value("model_tokens_total", kind="completion") == COMPLETION_TOKENS
        assert await well.value("model_first_token_seconds_count", model="vllm:model") == 1
        assert await well.value("first_token_seconds_count") == 1
        for stage in ("embed", "search", "fuse", "context", "generate", "cite"):
            assert await well.value("stage_seconds_count", stage=stage) == 1, stage
        await well.search()
        assert await well.value("stage_seconds_count", stage="search") == 2
        assert await well.value("requests_total", request="search", outcome="found") == 1


async def test_answers_given_again_are_counted_by_kind(tmp_path: Path, provider: Provider) -> None:
    async with service(tmp_path, provider, "load:ms=100") as cached:
        await asyncio.gather(cached.ask(), cached.ask())
        assert await cached.value("answer_cache_total", outcome="miss") == 2
        assert await cached.value("answer_cache_total", outcome="shared") == 1
        assert await cached.value("model_calls_total") == 1


async def test_an_error_is_counted_by_its_kind(tmp_path: Path, provider: Provider) -> None:
    async with service(tmp_path, provider, "model") as told:
        with pytest.raises(KeyError):
            await told.ask(collection="nowhere")
        assert await told.value("requests_total", outcome="NotFound") == 1


async def test_no_word_of_a_question_a_name_or_a_key_becomes_a_label(
    tmp_path: Path, provider: Provider
) -> None:
    async with service(tmp_path, provider, "fault-401") as told:
        with pytest.raises(KeyError):
            await told.ask("What does zanzibar store?", user="alice", thread="secretive")
        page = await told.page()
    assert not [word for word in ("zanzibar", "alice", "secretive", KEY, provider.url) if word in page]


async def test_a_backend_that_requests_name_has_one_policy_for_all_of_them(
    tmp_path: Path, provider: Provider
) -> None:
    async with service(tmp_path, provider, "fault-500", backend="extractive") as named:
        for _ in range(2):
            assert await named.ask(llm="vllm") == "extractive"
        assert await named.value("model_calls_total") == 1 + RETRIES  # the breaker kept the second back
        assert await named.value("rungs_total", outcome="circuit_open") == 1


async def test_two_applications_count_apart(tmp_path: Path, provider: Provider) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    async with (
        service(tmp_path / "one", provider, "model") as one,
        service(tmp_path / "other", provider, "model") as other,
    ):
        await one.search()
        assert await one.value("requests_total") == 1
        assert await other.value("requests_total") == 0
