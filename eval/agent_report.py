"""An evaluation of the agent as Markdown: for the run's folder and for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = ("right", "wrong", "wrong_number", "quote_recall", "tool", "arguments", "steps", "tokens", "ms")
_TITLES = {"wrong_number": "wrong number computed"}
_ABSTENTION = {"precision": "right to abstain", "recall": "unanswerable abstained from"}


def agent_report(view: Mapping[str, Any]) -> str:
    """``AgentRun.view`` as Markdown."""
    config = view["config"]
    lines = [
        "# The agent on labelled questions",
        "",
        f"Model {config['llm']}, embedder {config['embedder']}, collection {config['collection']}; "
        "intervals of 95% (Wilson for shares, bootstrap for means).",
        "`right` and `wrong` are shares of the questions; to abstain from an answerable one is neither. "
        "Wrong numbers computed are counted among the questions that have a value or no answer. "
        "`eval/agent_rows.py` says what is right.",
    ]
    for one in view["sets"]:
        lines += ["", f"## {one['name']}: {one['questions']} questions", *_set(one)]
    return "\n".join(lines)


def _set(view: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, figures in view["figures"].items():
        rows = [
            [kind, str(one["questions"]), *(_figure(one[shown]) for shown in _SHOWN)]
            for kind, one in figures.items()
        ]
        lines += [
            "",
            f"### {name}",
            "",
            *_table(["type", "questions", *(_TITLES.get(name, name) for name in _SHOWN)], rows),
        ]
        failed = figures["all"]["failed"]
        lines += ["", f"{failed} questions failed: each counts as not right."] if failed else []
    lines += ["", "### Abstention", ""]
    rows = [
        [name, *(_figure(one[what]) for what in ("precision", "recall", "answerable_refused"))]
        for name, one in view["abstention"].items()
    ]
    lines += _table(["configuration", *_ABSTENTION.values(), "answerable refused"], rows)
    if view["agent_against_chain"]:
        lines += ["", "### The agent against the chain", ""]
        lines += _table(
            ["measure", "questions", "better", "worse", "what may be said"],
            [[f"{one['measure']}, {one['name']}", *_compared(one)] for one in view["agent_against_chain"]],
        )
    if view["follow_ups"]:
        lines += ["", "### Follow-ups against their standalone forms", ""]
        lines += _table(
            ["measure", "gap in points", "questions", "better", "worse", "what may be said"],
            [[one["name"], _points(one), *_compared(one)] for one in view["follow_ups"]],
        )
    return lines


def _compared(one: Mapping[str, Any]) -> list[str]:
    return [str(one["queries"]), str(one["better"]), str(one["worse"]), one["wording"]]


def _points(one: Mapping[str, Any]) -> str:
    low, high = (100 * edge for edge in one["interval"])
    return f"{100 * one['difference']:+.1f} [{low:+.1f}, {high:+.1f}]"


def _figure(one: Mapping[str, Any]) -> str:
    """``11/34 = 32% [19, 49]`` for a share, ``5.2 [5.0, 5.4]`` for a mean, ``–`` for nothing."""
    if one["interval"] is None:
        return "–"
    low, high = one["interval"]
    if "count" in one:
        return f"{one['count']}/{one['of']} = {100 * one['share']:.0f}% [{100 * low:.0f}, {100 * high:.0f}]"
    digits = 2 if abs(one["mean"]) < 2 else 1 if abs(one["mean"]) < 100 else 0
    return f"{one['mean']:,.{digits}f} [{low:,.{digits}f}, {high:,.{digits}f}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(row)} |" for row in cells]
