"""infra/vllm/README.md says what the code computes, and gives a reason for every flag that is used."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

import memory
from agents.tools.gpu_memory import gpu_memory
from agents.tools.model_cards import MISTRAL_7B, MIXTRAL_8X7B
from rag.resilience.deadline import Deadline

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "infra" / "vllm" / "README.md").read_text(encoding="utf-8")


def test_the_memory_table_is_what_the_formulas_give() -> None:
    assert memory.refreshed(PAGE) == PAGE, "run python infra/vllm/memory.py"


async def test_weights_at_16_bits_are_those_of_the_agents_tool() -> None:
    tool = gpu_memory()
    for name, card in (("mistral-7b", MISTRAL_7B), ("mixtral-8x7b", MIXTRAL_8X7B)):
        told = (await tool.run({"model": name, "bits": 16}, Deadline.after(60))).text
        assert f"{memory.weight_bytes(card, 16) / 1e9:.6g} GB" in told


def test_what_is_cached_and_the_weights_fill_the_cards_to_within_a_token() -> None:
    card, bits = MIXTRAL_8X7B, memory.BITS["FP8"]
    size, gpus = memory.CARDS["2 × 80 GB"]
    token = 2 * card.layers * card.kv_heads * card.head_dim * 2
    used = memory.weight_bytes(card, bits) + token * memory.cached_tokens(card, bits, size, gpus)
    room = gpus * (size * memory.UTILIZATION - memory.WORKSPACE)
    assert room - token < used <= room


def test_every_flag_of_the_compose_profile_has_its_reason_on_the_page() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    service = compose["services"]["vllm"]
    assert service["profiles"] == ["vllm"]
    assert service["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]
    used = {word for word in shlex.split(service["command"]) if word.startswith("--")}
    explained = set(re.findall(r"--[a-z][a-z-]*", PAGE.partition("## Memory")[0]))
    assert used <= explained
    assert set(re.findall(r"\$\{(\w+)", service["command"])) <= set(re.findall(r"`(\w+)`", PAGE))
