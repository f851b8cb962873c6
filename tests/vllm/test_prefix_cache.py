"""Our prompts begin with what never changes: from the second one on, the server has that in its cache."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.servers.vllm import ROOT, Vllm

pytestmark = [pytest.mark.vllm, pytest.mark.socket, pytest.mark.timeout(1500)]


async def test_our_order_of_the_prompt_is_what_the_cache_can_use(server: Vllm) -> None:
    spec = importlib.util.spec_from_file_location("prefix_hits", ROOT / "infra" / "vllm" / "prefix_hits.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules["prefix_hits"] = script  # its dataclass looks itself up
    spec.loader.exec_module(script)
    ours, turned = await script.measure(server)
    print(script.shown((ours, turned)))  # noqa: T201 - `make test-vllm` shows it
    assert ours.rate > 0.1
    assert ours.rate > 3 * turned.rate
