"""A real vLLM for the tests of this folder; without ``-m vllm`` they are not among the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from rag.llm.vllm import VllmChat
from tests.servers.vllm import MODEL, Vllm, running_vllm


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "vllm: asks the real server of `make test-vllm`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "vllm" in config.option.markexpr:
        return
    deselected = [item for item in items if item.get_closest_marker("vllm")]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vllm]:
    with running_vllm(tmp_path_factory.mktemp("vllm") / "server.log") as running:
        yield running


@pytest.fixture
async def chat(server: Vllm) -> AsyncIterator[VllmChat]:
    model = VllmChat(MODEL, server.url)
    yield model
    await model.close()
