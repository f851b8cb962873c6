"""Arithmetic of a transformer, by the handbook's formula: 2 · N + 4 · n · d · L a token, training 3 times."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from agents.tools.base import Arguments, Tool, ToolResult, make_tool
from agents.tools.kv_cache_size import MOST
from agents.tools.model_cards import model_card
from agents.tools.readable import format_number, told
from rag.resilience.deadline import Deadline

Phase = Literal["decode", "prefill", "training"]


class Work(Arguments):
    """A model by name or by its parameters, and the tokens that it works on."""

    model: str | None = Field(None, description="mistral-7b, mixtral-8x7b or llama-2-7b", max_length=40)
    parameters: float | None = Field(
        None,
        gt=0,
        le=1e15,
        allow_inf_nan=False,
        description="weights in matrix products, where no model is named",
    )
    tokens: float = Field(
        1, ge=1, le=1e18, allow_inf_nan=False, description="tokens decoded, read or trained on"
    )
    phase: Phase = Field("decode", description="prefill counts the prompt's attention as well")
    context: int = Field(0, ge=0, le=MOST, description="positions that each decoded token sees")

    @model_validator(mode="after")
    def _known(self) -> Work:
        if (self.model is None) == (self.parameters is None):
            raise ValueError("give a model or its parameters, one of the two")
        if self.model is None and self.context:
            raise ValueError("attention needs a model's layers: name the model, or leave context out")
        return self


def forward_flops(parameters: float, tokens: float) -> float:
    """FLOP of ``tokens`` through the weights, one multiplication and one addition a weight.

    Source: Kaplan et al. (2020), arXiv:2001.08361, section 2.1.
    """
    return 2 * parameters * tokens


async def _run(asked: Work, _deadline: Deadline) -> ToolResult:
    card = model_card(asked.model) if asked.model is not None else None
    name = card.name if card else "this model"
    parameters = float(card.multiplied) if card else asked.parameters or 0.0
    weights = forward_flops(parameters, asked.tokens)
    shown = f"{parameters:.4g} * {format_number(asked.tokens)} tokens"
    if asked.phase == "training":
        return ToolResult(f"Training {name}: 6 * {shown} = {told(3 * weights, 'FLOP')}")
    attention = 0.0
    if card and asked.phase == "prefill":
        attention = 2 * asked.tokens**2 * card.width * card.layers
    elif card:
        attention = 4 * asked.context * card.width * card.layers * asked.tokens
    text = f"{asked.phase} of {name}, weights: 2 * {shown} = {told(weights, 'FLOP')}"
    if attention:
        text += f"; attention {told(attention, 'FLOP')}; together = {told(weights + attention, 'FLOP')}"
    return ToolResult(text)


def model_flops() -> Tool:
    """The tool that counts a model's arithmetic."""
    return make_tool(
        "model_flops",
        "Floating-point operations (FLOPs, compute, opérations) of a language model: to decode tokens, to "
        "prefill a prompt, or to train on tokens.",
        Work,
        _run,
        (
            {"model": "mistral-7b", "context": 4096},
            {"model": "mistral-7b", "tokens": 2000, "phase": "prefill"},
            {"parameters": 7e10, "tokens": 1.4e12, "phase": "training"},
        ),
    )
