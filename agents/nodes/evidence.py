"""What the tool calls of a question brought: passages, what was computed, and what failed."""

from __future__ import annotations

from collections.abc import Sequence

from agents.nodes.route import SEARCH
from agents.state import Outcome
from rag.types import Degradation, Hit


def hits_of(results: Sequence[Outcome]) -> list[Hit]:
    """The hits of all calls, each chunk once: the best of each call before any call's second best."""
    best: dict[str, tuple[int, Hit]] = {}
    for outcome in results:
        for rank, hit in enumerate(outcome.result.hits):
            place = best.get(hit.chunk.id)
            if place is None or (rank, -hit.score) < (place[0], -place[1].score):
                best[hit.chunk.id] = (rank, hit)
    return [hit for _, hit in sorted(best.values(), key=lambda place: (place[0], -place[1].score))]


def computed(results: Sequence[Outcome]) -> list[str]:
    """What tools say that needs no passage: results of calculations, lists, memories."""
    return [
        _quoted(outcome) if outcome.result.foreign else outcome.result.text
        for outcome in results
        if outcome.call.name != SEARCH and not outcome.result.hits and not outcome.result.failed
    ]


def _quoted(outcome: Outcome) -> str:
    """Another program's words, marked as such line by line: they cannot pass for ours."""
    return "\n> ".join([f"{outcome.call.name}:", *outcome.result.text.splitlines()])


def failures(results: Sequence[Outcome]) -> list[Degradation]:
    """The tools that failed, and why in their own words."""
    return [
        Degradation(outcome.call.name, outcome.result.text.removeprefix(f"{outcome.call.name}: "))
        for outcome in results
        if outcome.result.failed
    ]


def looked_up(results: Sequence[Outcome]) -> bool:
    """Whether the passages have been asked, with or without success."""
    return any(
        (outcome.call.name == SEARCH and not outcome.result.failed) or outcome.result.hits
        for outcome in results
    )
