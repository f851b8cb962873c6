"""The metrics of RAGAS that this project reports: when each applies, and what it is given of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eval.judges.base import Row

Inputs = Callable[[Row], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of ``ragas.metrics.collections``.

    ``name`` is the one in reports, ``build`` the class there, ``needs`` what a row must have (keys of
    ``_LACKS``), ``inputs`` the arguments of its ``ascore``. ``llm`` and ``embeddings`` say what it is
    built with.
    """

    name: str
    build: str
    needs: tuple[str, ...]
    inputs: Inputs
    llm: bool = True
    embeddings: bool = False

    def lacks(self, row: Row) -> str:
        """Why the metric says nothing about this row; empty when it applies."""
        return next((why for need in self.needs if (why := _LACKS[need](row))), "")


def _unless(there: Callable[[Row], Any], why: str) -> Callable[[Row], str]:
    return lambda row: "" if there(row) else why


_LACKS: Mapping[str, Callable[[Row], str]] = {
    "answer": _unless(lambda row: row.answer.text.strip() and not row.answer.abstained, "there is no answer"),
    "contexts": _unless(lambda row: row.contexts, "the answer rests on no passages"),
    "reference": _unless(lambda row: row.reference.strip(), "there is no reference answer"),
    "no reference": _unless(lambda row: not row.reference.strip(), "the variant with a reference applies"),
    "tools": _unless(lambda row: row.tools, "the tool calls that are needed are not labelled"),
    "calls": _unless(lambda row: row.calls, "no tool was called"),
    "topics": _unless(lambda row: row.topics, "the topics are not labelled"),
}


def conversation(row: Row) -> list[Any]:
    """The row as messages of RAGAS: the turns before, the question, each call with its result, the answer."""
    from ragas.messages import AIMessage, HumanMessage, ToolCall, ToolMessage

    kinds = {"user": HumanMessage, "assistant": AIMessage}
    messages = [kinds[turn.role](content=turn.content) for turn in row.turns]
    messages.append(HumanMessage(content=row.question))
    for call in row.calls:
        made = ToolCall(name=call.name, args=dict(call.arguments))
        messages += [AIMessage(content="", tool_calls=[made]), ToolMessage(content=call.result)]
    return [*messages, AIMessage(content=row.answer.text)]


def _asked(row: Row) -> dict[str, Any]:
    return {"user_input": row.question, "response": row.answer.text}


def _retrieved(row: Row) -> dict[str, Any]:
    return {"user_input": row.question, "retrieved_contexts": list(row.contexts)}


def _tool_calls(row: Row) -> dict[str, Any]:
    from ragas.messages import ToolCall

    wanted = [ToolCall(name=tool.name, args=dict(tool.arguments)) for tool in row.tools]
    return {"user_input": conversation(row), "reference_tool_calls": wanted}


METRICS = (
    Metric(
        "faithfulness",
        "Faithfulness",
        ("answer", "contexts"),
        lambda row: {**_retrieved(row), "response": row.answer.text},
    ),
    Metric("answer_relevancy", "AnswerRelevancy", ("answer",), _asked, embeddings=True),
    Metric(
        "context_precision",
        "ContextPrecisionWithReference",
        ("contexts", "reference"),
        lambda row: {**_retrieved(row), "reference": row.reference},
    ),
    Metric(
        "context_precision_without_reference",
        "ContextPrecisionWithoutReference",
        ("answer", "contexts", "no reference"),
        lambda row: {**_retrieved(row), "response": row.answer.text},
    ),
    Metric(
        "context_recall",
        "ContextRecall",
        ("contexts", "reference"),
        lambda row: {**_retrieved(row), "reference": row.reference},
    ),
    Metric(
        "factual_correctness",
        "FactualCorrectness",
        ("answer", "reference"),
        lambda row: {"response": row.answer.text, "reference": row.reference},
    ),
    Metric("tool_call_accuracy", "ToolCallAccuracy", ("tools",), _tool_calls, llm=False),
    Metric("tool_call_f1", "ToolCallF1", ("tools",), _tool_calls, llm=False),
    Metric(
        "agent_goal_accuracy",
        "AgentGoalAccuracyWithReference",
        ("calls", "reference"),
        lambda row: {"user_input": conversation(row), "reference": row.reference},
    ),
    Metric(
        "agent_goal_accuracy_without_reference",
        "AgentGoalAccuracyWithoutReference",
        ("calls", "no reference"),
        lambda row: {"user_input": conversation(row)},
    ),
    Metric(
        "topic_adherence",
        "TopicAdherence",
        ("topics",),
        lambda row: {"user_input": conversation(row), "reference_topics": list(row.topics)},
    ),
)
"""In the order of a report. A metric with and without a reference is two: their means do not mix."""
