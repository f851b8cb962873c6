"""Whether what was found can carry an answer, and if not, whether there is a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.bounds import ENDING, ROUND, Spent, ran_out, told
from agents.nodes.backtrack import way_back
from agents.nodes.evidence import computed, hits_of, looked_up
from agents.nodes.leads import leads_of, parts_asked
from agents.nodes.route import SEARCH
from agents.nodes.step import Note
from agents.state import Context, State, Verdict
from rag.llm.extractive import EXTRACTIVE

_COMPUTING = {"calculator", "kv_cache_size", "model_flops", "gpu_memory"}


async def grade(state: State, context: Context, note: Note) -> dict[str, Any]:
    """Judges the passages: similar to the question, and found by both legs; and what tools computed."""
    results = state["results"]
    hits = hits_of(results)
    legs = {leg for hit in hits for leg in hit.legs}
    # A passage found twice counts with the query that it is nearest to.
    every = [hit for outcome in results for hit in outcome.result.hits]
    best = max((hit.legs["dense"].score for hit in every if "dense" in hit.legs), default=0.0)
    agreed = len(legs) == 1 or any({"dense", "sparse"} <= set(hit.legs) for hit in hits[:3])
    if not legs:
        # Passages that were read, not searched for, have no legs: they are what was asked for.
        sufficient = bool(hits) or (bool(computed(results)) and not looked_up(results))
    else:
        sufficient = agreed and (best >= context.thin_cosine or "dense" not in legs)
    note.detail.update(sufficient=sufficient, best_cosine=round(best, 3), legs_agree=agreed)
    parts = parts_asked(state)
    leads = await leads_of(parts, state, context) if sufficient and "hop" not in state["tried"] else []
    note.detail.update({"parts": parts} if parts else {})
    return {"verdict": _verdict(sufficient, leads, state, context, note), "parts": parts, "leads": leads}


def _verdict(
    sufficient: bool, leads: Sequence[object], state: State, context: Context, note: Note
) -> Verdict:
    """Thin evidence leads back while there is an untried way and every bound leaves room for a round.

    So do passages that lead on; that this is not followed for want of room is no loss to tell.
    """
    # Nothing is looked for in place of what a person said no to.
    denied = any(outcome.denied for outcome in state["results"])
    settled = (sufficient and not leads) or denied or _cannot_compute(state, context)
    way = None if settled else way_back(state["results"], state["tried"], SEARCH in context.tools, leads)
    if way is None:
        return "sufficient" if sufficient or denied else "stopped"
    more = Spent(steps=ROUND + ENDING, tool_calls=1, rewrites=1)
    if bound := ran_out(context.bounds, state["spent"] + Spent(steps=1), context.deadline, more):
        note.detail.update(stopped_by=bound)
        if sufficient:
            return "sufficient"
        note.degraded.append(told(bound))
        return "stopped"
    return "partial" if sufficient else "thin"


def _cannot_compute(state: State, context: Context) -> bool:
    """Whether the rules wanted nothing but a number, and the tool says why there is none.

    They plan a search wherever passages may help: those on the same subject state other examples' numbers.
    """
    results = state["results"]
    refused = [one for one in results if one.call.name in _COMPUTING and one.result.failed]
    return context.chat.name == EXTRACTIVE and bool(results) and len(refused) == len(results)
