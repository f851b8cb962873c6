"""Memory of the KV cache, by the handbook's formula: 2 · layers · KV heads · head dimension · bytes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.model_cards import model_card
from agents.tools.readable import format_number, told
from rag.resilience.deadline import Deadline

DType = Literal["fp32", "fp16", "bf16", "fp8", "int8", "int4"]
BYTES: dict[str, float] = {"fp32": 4, "fp16": 2, "bf16": 2, "fp8": 1, "int8": 1, "int4": 0.5}
"""Bytes of a value by its type."""

MOST = 10**12
"""Largest count that a formula takes: beyond it a number is a misreading."""


class Cache(Arguments):
    """A model by name, or its layers, KV heads and head dimension; then what is cached."""

    model: str | None = Field(None, description="mistral-7b, mixtral-8x7b or llama-2-7b", max_length=40)
    layers: int | None = Field(None, ge=1, le=10_000)
    kv_heads: int | None = Field(None, ge=1, le=100_000, description="key-value heads, not query heads")
    head_dim: int | None = Field(None, ge=1, le=100_000, description="dimension of one head")
    dtype: DType = "fp16"
    tokens: int = Field(1, ge=1, le=MOST, description="tokens of one sequence; 1 gives bytes per token")
    sequences: int = Field(1, ge=1, le=MOST)
    window: int | None = Field(None, ge=1, le=MOST, description="a rolling cache keeps this many tokens")
    gpus: int = Field(1, ge=1, le=100_000, description="cards among which the KV heads are split")

    @model_validator(mode="after")
    def _known(self) -> Cache:
        shape = (self.layers, self.kv_heads, self.head_dim)
        if self.model is None and None in shape:
            raise ValueError("give a model, or layers, kv_heads and head_dim together")
        if self.model is not None and any(part is not None for part in shape):
            raise ValueError("give a model or its dimensions, not both")
        return self


def cache_bytes(layers: int, kv_heads: int, head_dim: int, dtype: str) -> float:
    """Bytes of keys and values of one token.

    Source: the handbook's page on the KV cache; Shazeer (2019) for the role of ``kv_heads``.
    """
    return 2 * layers * kv_heads * head_dim * BYTES[dtype]


async def _run(asked: Cache, _deadline: Deadline) -> ToolResult:
    if asked.model is not None:
        card = model_card(asked.model)
        name, shape = card.name, (card.layers, card.kv_heads, card.head_dim)
    else:
        name, shape = "this model", (asked.layers or 0, asked.kv_heads or 0, asked.head_dim or 0)
    token = cache_bytes(*shape, asked.dtype)
    formula = " * ".join(str(part) for part in (2, *shape, format_number(BYTES[asked.dtype])))
    kept = min(asked.tokens, asked.window or asked.tokens)
    if kept == asked.sequences == asked.gpus == 1:
        return ToolResult(
            f"KV cache of {name} in {asked.dtype}, per token: {formula} = {told(token, 'bytes')}"
        )
    total = token * kept * asked.sequences / asked.gpus
    split = f" / {asked.gpus} GPUs" if asked.gpus > 1 else ""
    return ToolResult(
        f"KV cache of {name} in {asked.dtype}: {formula} * {kept:,} tokens * {asked.sequences:,} sequences"
        f"{split} = {told(total, 'bytes')}"
    )


def kv_cache_size() -> Tool:
    """The tool that sizes the KV cache."""
    return make_tool(
        "kv_cache_size",
        "Memory of a transformer's KV cache (key-value cache, cache clé-valeur): for a known model or given "
        "dimensions, per token or for sequences of many tokens.",
        Cache,
        _run,
        (
            {"model": "mistral-7b", "tokens": 4096},
            {"layers": 48, "kv_heads": 8, "head_dim": 128, "dtype": "bf16"},
            {"model": "mistral-7b", "tokens": 32768, "window": 4096, "gpus": 4},
        ),
    )
