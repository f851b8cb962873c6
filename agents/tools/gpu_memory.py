"""Memory of a model on its cards, by the handbook's formulas: weights and cache, or training states."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.kv_cache_size import MOST, DType, cache_bytes
from agents.tools.model_cards import model_card
from agents.tools.readable import told
from rag.resilience.deadline import Deadline

STATES = 12
"""Bytes a parameter of Adam in mixed precision: fp32 weights and two moments (ZeRO, arXiv:1910.02054)."""


class Load(Arguments):
    """What lies on the cards."""

    model: str | None = Field(None, description="mistral-7b, mixtral-8x7b or llama-2-7b", max_length=40)
    parameters: float | None = Field(None, gt=0, le=1e15, allow_inf_nan=False)
    purpose: Literal["inference", "training"] = "inference"
    bits: float = Field(16, gt=0, le=64, description="bits a weight takes, at inference")
    tokens: int = Field(0, ge=0, le=MOST, description="cached tokens of a sequence; needs a model")
    sequences: int = Field(1, ge=1, le=MOST)
    cache_dtype: DType = "fp16"
    gpus: int = Field(1, ge=1, le=100_000)
    zero_stage: Literal[0, 1, 2, 3] = Field(
        0, description="training: 1 shards optimizer states, 3 everything"
    )

    @model_validator(mode="after")
    def _known(self) -> Load:
        if (self.model is None) == (self.parameters is None):
            raise ValueError("give a model or its parameters, one of the two")
        if self.tokens and self.model is None:
            raise ValueError("a cache needs a model's layers: name the model, or leave tokens out")
        return self


def training_bytes(stage: int, gpus: int) -> float:
    """Bytes a parameter and card: weights, gradients (2 each) and states, sharded by ZeRO's stage.

    Source: Rajbhandari et al. (2020), arXiv:1910.02054, figure 1.
    """
    weights, gradients, states = 2.0, 2.0, float(STATES)
    return (
        weights / (gpus if stage >= 3 else 1)
        + gradients / (gpus if stage >= 2 else 1)
        + states / (gpus if stage >= 1 else 1)
    )


async def _run(asked: Load, _deadline: Deadline) -> ToolResult:
    card = model_card(asked.model) if asked.model is not None else None
    name = card.name if card else "this model"
    parameters = float(card.parameters) if card else asked.parameters or 0.0
    if asked.purpose == "training":
        each = training_bytes(asked.zero_stage, asked.gpus)
        return ToolResult(
            f"Training {name} with ZeRO stage {asked.zero_stage} on {asked.gpus} GPUs: {each:.6g} bytes * "
            f"{parameters:.10g} parameters a card = {told(each * parameters, 'bytes')}"
        )
    weights = parameters * asked.bits / 8 / asked.gpus
    split = f" / {asked.gpus} GPUs" if asked.gpus > 1 else ""
    text = f"Weights of {name}: {parameters:.10g} * {asked.bits:g} bits{split} = {told(weights, 'bytes')}"
    if card and asked.tokens:
        per_token = cache_bytes(card.layers, card.kv_heads, card.head_dim, asked.cache_dtype)
        cache = per_token * asked.tokens * asked.sequences / asked.gpus
        text += f"; KV cache = {told(cache, 'bytes')}; together = {told(weights + cache, 'bytes')}"
    return ToolResult(text)


def gpu_memory() -> Tool:
    """The tool that sizes a model on GPUs."""
    return make_tool(
        "gpu_memory",
        "GPU memory (VRAM, mémoire) of a language model: weights at some bits and the KV cache to serve it, "
        "or weights, gradients and optimizer states for training with ZeRO.",
        Load,
        _run,
        (
            {"model": "mixtral-8x7b", "bits": 4.5},
            {"model": "mistral-7b", "tokens": 4096, "sequences": 16},
            {"parameters": 7.5e9, "purpose": "training", "zero_stage": 3, "gpus": 64},
        ),
    )
