"""The agent on labelled questions, beside the chain, and follow-ups beside their standalone forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.agent_report import agent_report
from eval.agent_rows import NUMBERS, SHARES, Measured, measured
from eval.answers import AnswerRow, Ask, evaluate_answers
from eval.folder import environment, write_json, write_lines, write_rows
from eval.questions import Question
from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.comparison import Comparison, compare_apart
from eval.statistics.wilson import wilson
from eval.table import write_table
from rag.errors import BadInput

AGENT, CHAIN, STANDALONE = "agent", "chain", "standalone"
COMPARED = ("right", "quote_recall")
"""Measures by which the agent is compared with the chain."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class AgentSet:
    """One set of questions, asked in each configuration; rows stand in the order of the questions.

    ``standalone`` holds the follow-ups alone, asked by the agent in their self-contained form.
    """

    name: str
    rows: Mapping[str, tuple[AnswerRow, ...]]

    def view(self) -> dict[str, Any]:
        """Figures by configuration and type of question, and what the comparisons allow to be said."""
        figures = {name: _by_type(rows) for name, rows in self.rows.items() if rows}
        return {
            "name": self.name,
            "questions": len(self.rows[AGENT]),
            "figures": figures,
            "abstention": {name: _abstention(self.rows[name]) for name in (AGENT, CHAIN) if self.rows[name]},
            "agent_against_chain": [
                {"measure": measure, **one.view()}
                for measure in COMPARED
                for one in _compared(self.rows[AGENT], self.rows[CHAIN], measure)
            ],
            "follow_ups": [one.view() for one in self._follow_ups()],
        }

    def table(self) -> list[dict[str, Any]]:
        """All rows as ``eval.table`` keeps them."""
        return [
            {
                "configuration": name,
                "set": self.name,
                "query": row.question.id,
                "type": row.question.type,
                **measured(row),
                "ms": row.ms,
                "error": str(row.error) if row.error else None,
            }
            for name, rows in self.rows.items()
            for row in rows
        ]

    def _follow_ups(self) -> tuple[Comparison, ...]:
        """Follow-ups in their conversation, against the same questions asked by themselves."""
        alone = self.rows[STANDALONE]
        asked = {row.question.id for row in alone}
        pairs = {
            measure: _differences(
                [row for row in self.rows[AGENT] if row.question.id in asked], alone, measure
            )
            for measure in COMPARED
        }
        names = [(measure, STANDALONE) for measure, values in pairs.items() if len(values)]
        return compare_apart(names, [pairs[measure] for measure, _ in names])


@dataclass(frozen=True, slots=True)
class AgentRun:
    """The sets that were asked, and what was configured."""

    sets: tuple[AgentSet, ...]
    config: Mapping[str, Any]

    def view(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return {"config": dict(self.config), "sets": [one.view() for one in self.sets]}

    def write(self, folder: Path) -> None:
        """Writes the run: configuration, environment, summary, report, and the rows twice.

        ``answers.jsonl`` is for reading; ``rows.parquet`` holds the figures alone.

        Raises:
            StorageFull, StorageError: the folder cannot be written.
        """
        view = self.view()
        write_json(folder, "config.json", self.config)
        write_json(folder, "environment.json", environment())
        write_json(folder, "summary.json", view)
        write_lines(folder, "report.md", agent_report(view).splitlines())
        write_rows(folder, "answers.jsonl", (row for one in self.sets for row in _answers(one)))
        write_table(folder, [row for one in self.sets for row in one.table()])


async def ask_set(
    name: str,
    questions: Sequence[Question],
    agent: Ask,
    chain: Ask | None,
    *,
    concurrency: int = 2,
    progress: Progress | None = None,
) -> AgentSet:
    """Asks every question: by the agent, by the chain unless there is none, and follow-ups by themselves too.

    ``progress`` is told the configuration, how many of its questions are done, and of how many.

    Raises:
        BadInput: there are no questions.
        ArdoiseError: the first question's error, when not one of them could be asked.
    """
    if not questions:
        raise BadInput(f"{name}: there are no questions to ask; a split, a type or a limit leaves none")
    alone = [by_itself(question) for question in questions if question.turns and question.standalone]
    plans = [
        (AGENT, questions, agent),
        (CHAIN, questions if chain else (), chain),
        (STANDALONE, alone, agent),
    ]
    rows: dict[str, tuple[AnswerRow, ...]] = {}
    for configuration, asked, ask in plans:
        rows[configuration] = ()
        if asked and ask:
            told = _told(progress, f"{name}, {configuration}")
            run = await evaluate_answers(asked, ask, concurrency=concurrency, progress=told)
            rows[configuration] = run.rows
    return AgentSet(name, rows)


def by_itself(question: Question) -> Question:
    """A follow-up in its standalone form, without the conversation before it."""
    return question.model_copy(update={"question": question.standalone, "turns": ()})


def _told(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else (lambda done, total: progress(what, done, total))


def _by_type(rows: Sequence[AnswerRow]) -> dict[str, dict[str, Any]]:
    """Figures of all rows, and of each type in the order in which the types come."""
    types = list(dict.fromkeys(row.question.type for row in rows))
    chosen = {kind: [row for row in rows if row.question.type == kind] for kind in types}
    return {kind: _figures(of) for kind, of in {"all": list(rows), **chosen}.items()}


def _figures(rows: Sequence[AnswerRow]) -> dict[str, Any]:
    found = [measured(row) for row in rows]
    shares = {name: _share([one[name] for one in found]) for name in SHARES}
    numbers = {name: _mean([one[name] for one in found]) for name in NUMBERS}
    failed = sum(row.error is not None for row in rows)
    return {"questions": len(rows), "failed": failed, **shares, **numbers, "ms": _mean([r.ms for r in rows])}


def _share(values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    part, whole = int(sum(known)), len(known)
    return {
        "share": part / whole if whole else None,
        "count": part,
        "of": whole,
        "interval": wilson(part, whole),
    }


def _mean(values: Sequence[float | None]) -> dict[str, Any]:
    known = np.array([[value for value in values if value is not None]], dtype=np.float64)
    if not known.size:
        return {"mean": None, "of": 0, "interval": None}
    low, high = bootstrap_intervals(known)[0]
    return {"mean": float(known.mean()), "of": known.size, "interval": (float(low), float(high))}


def _abstention(rows: Sequence[AnswerRow]) -> dict[str, Any]:
    """How often an abstention was right, how many unanswerable questions got one, and how many others."""
    told = [(row.asked.answer.abstained, row.question.answerable) for row in rows if row.asked]
    right = [float(not answerable) for abstained, answerable in told if abstained]
    unanswerable = [float(abstained) for abstained, answerable in told if not answerable]
    refused = [float(abstained) for abstained, answerable in told if answerable]
    return {
        "precision": _share(right),
        "recall": _share(unanswerable),
        "answerable_refused": _share(refused),
    }


def _compared(agent: Sequence[AnswerRow], chain: Sequence[AnswerRow], measure: str) -> tuple[Comparison, ...]:
    """The agent against the chain, on all questions and on each type: one family."""
    if not chain:
        return ()
    types = list(dict.fromkeys(row.question.type for row in agent))
    names, differences = list[tuple[str, str]](), []
    for kind in ("all", *types):
        ours, theirs = (
            [row for row in rows if kind in ("all", row.question.type)] for rows in (agent, chain)
        )
        values = _differences(ours, theirs, measure)
        if len(values):
            names.append((kind, CHAIN))
            differences.append(values)
    return compare_apart(names, differences)


def _differences(
    ours: Sequence[AnswerRow], theirs: Sequence[AnswerRow], measure: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Ours minus theirs, of the questions that have the measure in both."""
    pairs = [(measured(a)[measure], measured(b)[measure]) for a, b in zip(ours, theirs, strict=True)]
    return np.array([a - b for a, b in pairs if a is not None and b is not None], dtype=np.float64)


def _answers(one: AgentSet) -> list[dict[str, Any]]:
    return [
        {"configuration": name, "set": one.name, **row.view(), **_calls(row), **_numbers(row)}
        for name, rows in one.rows.items()
        for row in rows
    ]


def _calls(row: AnswerRow) -> dict[str, Any]:
    calls = row.asked.calls if row.asked else ()
    return {
        "calls": [
            {"tool": call.name, "arguments": dict(call.arguments), "result": call.result} for call in calls
        ]
    }


def _numbers(row: AnswerRow) -> dict[str, Measured]:
    return {"measures": measured(row)}
