"""What tokens cost, as far as somebody wrote it down: an unknown price makes an unknown cost, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rag.errors import BadInput
from rag.types import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's provider asks per million tokens, and on which day it was read."""

    prompt: float
    completion: float
    currency: str
    date: date

    def cost(self, usage: Usage) -> float:
        """The cost of so many tokens, in ``currency``."""
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / 1e6


Prices = Mapping[str, Price]
"""Prices by the model's name as its backend calls it."""


def model_of(chat_name: str) -> str:
    """The model in a chat model's name: ``open-model`` of ``vllm:open-model``."""
    return chat_name.partition(":")[2] or chat_name


def cost_view(usage: Usage, model: str, prices: Prices) -> dict[str, object] | None:
    """What ``usage`` of a model costs as a JSON object; ``None`` when its price is not known."""
    price = prices.get(model)
    if price is None:
        return None
    return {
        "amount": round(price.cost(usage), 6),
        "currency": price.currency,
        "priced": price.date.isoformat(),
    }


def one_currency(prices: Prices) -> str | None:
    """The currency of all prices, ``None`` if there are none.

    Raises:
        BadInput: they are in several, so that costs could not be compared.
    """
    found = {price.currency: model for model, price in prices.items()}
    if len(found) > 1:
        shown = ", ".join(f"{currency} ({model})" for currency, model in found.items())
        raise BadInput(f"prices are in several currencies, {shown}: give all of them in one")
    return next(iter(found), None)
