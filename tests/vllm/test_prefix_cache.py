"""Our prompts begin with what never changes: from the second one on, the server has that in its cache."""

from __future__ import annotations

import pytest

import prefix_hits
from tests.servers.vllm import Vllm

pytestmark = [pytest.mark.vllm, pytest.mark.socket, pytest.mark.timeout(1500)]


async def test_our_order_of_the_prompt_is_what_the_cache_can_use(server: Vllm) -> None:
    ours, turned = await prefix_hits.measure(server)
    print(prefix_hits.shown((ours, turned)))  # noqa: T201 - `make test-vllm` shows it
    assert ours.rate > 0.1
    assert ours.rate > 3 * turned.rate
