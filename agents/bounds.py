"""What a run may spend before it has to answer, and the one function that says when it is spent."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.resilience.deadline import Deadline
from rag.types import Degradation, Usage

ENDING = 3
"""Steps that every run still takes once it stops looking: answer, verify, finish."""

ROUND = 4
"""Steps of one more round of looking: backtrack, plan, approve, grade; its tool calls count by themselves."""

FEWEST_STEPS = ENDING + ROUND + 1
"""Steps of a run that looks once and never goes back: understand and route come in backtrack's place."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used so far: nodes that ran, tools called, ways back taken, and a model's tokens."""

    steps: int = 0
    tool_calls: int = 0
    rewrites: int = 0
    tokens: Usage = field(default_factory=Usage)

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.steps + other.steps,
            self.tool_calls + other.tool_calls,
            self.rewrites + other.rewrites,
            self.tokens + other.tokens,
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may use. Prices are per million tokens; ``money`` is in their currency.

    ``answer`` is what writing the answer may take at most: planning leaves it alone. ``reserve_s`` are the
    seconds before the deadline that belong to the answer.
    """

    steps: int = 16
    tool_calls: int = 8
    parallel: int = 4
    rewrites: int = 2
    tokens: int = 40_000
    money: float | None = None
    prompt_price: float = 0.0
    completion_price: float = 0.0
    answer: Usage = field(default_factory=lambda: Usage(6000, 1024))
    reserve_s: float = 5.0

    def cost(self, tokens: Usage) -> float:
        """The price of ``tokens``."""
        return (
            tokens.prompt_tokens * self.prompt_price + tokens.completion_tokens * self.completion_price
        ) / 1_000_000


def ran_out(bounds: Bounds, spent: Spent, deadline: Deadline, more: Spent | None = None) -> str | None:
    """The bound that ``more`` would break, in words that name it; ``None`` while there is room for it."""
    total = spent + (more or Spent())
    tokens = total.tokens.prompt_tokens + total.tokens.completion_tokens
    if total.steps > bounds.steps:
        return f"steps ({bounds.steps})"
    if total.tool_calls > bounds.tool_calls:
        return f"tool calls ({bounds.tool_calls})"
    if total.rewrites > bounds.rewrites:
        return f"rewrites ({bounds.rewrites})"
    if tokens > bounds.tokens:
        return f"tokens ({bounds.tokens:,})"
    if bounds.money is not None and bounds.cost(total.tokens) > bounds.money:
        return f"money ({bounds.money:g})"
    if deadline.remaining <= bounds.reserve_s:
        return "time (the deadline is near)"
    return None


def told(bound: str) -> Degradation:
    """How an answer says that a bound cut its run short."""
    return Degradation("agent", f"the bound on {bound} was reached: answered with what was found until then")
