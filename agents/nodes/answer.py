"""Writes the answer: what the tools computed, then what the passages say with citations; all of it inert."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from agents.bounds import ENDING, Spent, ran_out, told
from agents.memory.history import remembered
from agents.nodes.evidence import computed, failures, hits_of
from agents.nodes.route import SEARCH
from agents.nodes.speech import Speech
from agents.nodes.step import Note
from agents.nodes.tables import tables, with_tables
from agents.state import Context, State
from rag.answer.abstention import abstention
from rag.llm.base import ChatModel, Message
from rag.llm.extractive import EXTRACTIVE
from rag.llm.extractive_intents import pieces
from rag.llm.extractive_numbers import computed as can_compute
from rag.types import Answer, Degradation, Grade, Hit

_DELIMITER = re.compile(r"<(?=\s*/?\s*(?:passage|tool_results)\b)", re.IGNORECASE)


async def answer(state: State, context: Context, note: Note) -> dict[str, Any]:
    """The answer that the route, the tools and the passages give; with what there is, if a bound was hit."""
    facts, failed = "\n".join(computed(state["results"])), failures(state["results"])
    why = "\n".join(one.why for one in failed)
    hits = hits_of(state["results"])
    speech = Speech(note.emit, state["question"], state["language"])
    if state["said"]:
        written = _told(state["said"], state["route"] == "out_of_scope", state, context, speech)
    elif not hits and (facts or why):
        # Who planned these calls is who answered; a calculation that failed is no answer.
        written = _told(facts or why, not facts, state, context, speech)
    else:
        chat = _affordable(state, context, note)
        written = await _written(hits, facts, why, state, chat, context, speech)
        written = _joined(facts, why, written, speech)
        note.degraded += _unanswered(facts, written, state)
    written = with_tables(written, state["results"], speech)
    speech.end()
    claims = tuple(replace(one, claim=speech.written(one.claim)) for one in written.citations)
    written = replace(written, text=speech.written(written.text), citations=claims)
    passages = [chunk for step in written.trace for chunk in step.detail["passages"]]
    rungs = [rung for step in written.trace for rung in step.detail.get("rungs", ())]
    for step in written.trace:
        note.detail.update({"checks": step.detail["checks"]} if "checks" in step.detail else {})
    note.detail.update(grade=written.grade, abstained=written.abstained, passages=passages)
    note.detail.update(citations=len(written.citations), rungs=rungs)
    note.spent += Spent(tokens=written.usage)
    # A failure that the answer does not tell itself is told beside it.
    note.degraded += [one for one in failed if one not in state["degraded"] and one.why not in written.text]
    note.degraded += written.degraded
    return {"answer": written}


async def _written(
    hits: list[Hit], facts: str, why: str, state: State, chat: ChatModel, context: Context, speech: Speech
) -> Answer:
    """Lets the answerer write after the facts; what a model said before it failed is retracted.

    Where something else is told, that the passages say nothing is held back: it may not be the last word.
    """
    table = tables(state["results"])
    between = "\n" if facts else ""

    def begin() -> None:
        speech.say(facts)
        if facts or why or table:
            speech.withhold(between + abstention(state["language"]))
            speech.say(between)

    def begin_again(reason: str) -> None:
        speech.retract(reason)
        begin()

    begin()
    told = "\n".join(filter(None, (facts, table)))
    worked_out = (Message("user", _as_data(told)),) if told else ()
    written = await context.answerer.answer(
        state["query"],
        hits,
        chat,
        state["language"],
        context.deadline,
        history=(*remembered(state), *worked_out),
        on_token=speech.say,
        on_retract=begin_again,
        parts=state["parts"],
    )
    for stage, ms in written.timings.items():
        context.stages.add(stage, ms)
    return written


def _as_data(facts: str) -> str:
    """What tools said, between delimiters that it cannot close: servers and stored notes speak through it."""
    return f"<tool_results>\n{_DELIMITER.sub('&lt;', facts)}\n</tool_results>"


def _affordable(state: State, context: Context, note: Note) -> ChatModel:
    """The chat model, or the one that costs nothing where the tokens left could not pay an answer."""
    if context.chat.name == EXTRACTIVE:
        return context.chat
    # The time is the answerer's own to divide, and the steps of the ending are always kept back.
    bounds = replace(context.bounds, reserve_s=-1.0, steps=state["spent"].steps + ENDING)
    if bound := ran_out(bounds, state["spent"], context.deadline, Spent(tokens=context.bounds.answer)):
        note.degraded.append(told(bound))
        return context.planner
    return context.chat


def _told(text: str, abstained: bool, state: State, context: Context, speech: Speech) -> Answer:
    """An answer that needs no writing."""
    by_rule = context.chat.name == EXTRACTIVE or any(
        item.part == context.chat.name for item in state["degraded"]
    )
    grade: Grade = "extractive" if by_rule else "full"
    speech.say(text)
    return Answer(text, abstained=abstained, grade=grade)


def _joined(facts: str, why: str, written: Answer, speech: Speech) -> Answer:
    """The answer after what was computed; where the passages say nothing, the tools' words alone."""
    if not written.abstained:
        return replace(written, text=f"{facts}\n{written.text}") if facts else written
    if not (facts or why):
        return written
    if not speech.dropped():
        speech.retract("nothing in the collection adds to it")
        speech.say(facts)
    if not facts:
        speech.say(why)
    return replace(written, text=facts or why, abstained=not facts)


def _unanswered(facts: str, written: Answer, state: State) -> list[Degradation]:
    """The parts of a question that were neither computed nor found, where others were."""
    if not facts or written.text != facts:
        return []
    parts = pieces(state["query"])
    left = [part for part in parts if can_compute(part) is None]
    why = "nothing in this collection answers: "
    return [Degradation(SEARCH, why + "; ".join(left))] if len(parts) > 1 and left else []
