"""Memory in context: what of a conversation goes into a prompt, and how the rest is kept short."""

from __future__ import annotations

from collections.abc import Sequence

from agents.state import State
from rag.llm.base import Message
from rag.llm.extractive_follow_ups import SUMMARY, leading
from rag.llm.tokens import estimated_tokens

MAX_SUMMARY = 2000
"""Characters of a summary; by rule, the oldest lines go first."""

_LINE = 160  # characters of a message in a summary by rule
_LEAD = 800  # … of its last question


def remembered(state: State) -> tuple[Message, ...]:
    """What was said before this question, oldest first: a summary where there is one, then word for word.

    The summary is a user's message: text that was said is data, and never an instruction of ours.
    """
    return (*_earlier(state.get("summary", "")), *state["history"])


def overflow(history: Sequence[Message], budget: int, most: int) -> tuple[list[Message], list[Message]]:
    """``history`` cut in two: what has to go, and the latest within ``budget`` tokens and ``most`` messages.

    The last question and its answer stay, whatever their length.
    """
    keep = min(2, len(history))
    while keep < min(most, len(history)) and estimated_tokens(history[-keep - 1 :]) <= budget:
        keep += 1
    if keep < len(history) and history[-keep].role == "assistant" and keep > 1:
        keep -= 1  # an answer without its question says nothing
    return list(history[:-keep]), list(history[-keep:])


def by_rule(summary: str, old: Sequence[Message]) -> str:
    """A summary without a model: the beginning of each message on a line, the oldest lines dropped.

    The last question stands there whole and self-contained: what is asked next may go on from it.
    """
    lines = summary.splitlines()
    last = max((place for place, message in enumerate(old) if message.role == "user"), default=-1)
    asked = leading((*_earlier(summary), *old))
    for place, message in enumerate(old):
        said, most = (asked, _LEAD) if place == last and asked else (message.content, _LINE)
        lines.append(f"{message.role}: {shortened(' '.join(said.split()), most)}")
    while len("\n".join(lines)) > MAX_SUMMARY:
        del lines[0]
    return "\n".join(lines)


def _earlier(summary: str) -> tuple[Message, ...]:
    return (Message("user", f"{SUMMARY}{summary}"),) if summary else ()


def shortened(text: str, most: int) -> str:
    """The first ``most`` characters of ``text``, and how many there were if that is not all."""
    return text if len(text) <= most else f"{text[:most]}… [cut: {len(text):,} characters]"
