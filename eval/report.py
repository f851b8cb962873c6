"""Results for a reader at a terminal: short tables in plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_WHY = 3
"""Reasons that are shown for what failed, most frequent first."""


def run_report(view: Mapping[str, Any]) -> str:
    """A retrieval run (``RetrievalRun.view``) as text."""
    config, index, latency = view["config"], view["index"], view["latency_ms"]
    made = "used again; it took" if index.get("reused") else "built in"
    size = "" if index["bytes"] is None else f", {index['bytes'] / 2**20:,.1f} MiB"
    return "\n".join(
        [
            f"{view['dataset']}: {view['queries']:,} judged queries, mode {config.get('mode')}",
            "",
            *_table(["measure", "mean"], [[name, f"{value:.4f}"] for name, value in view["metrics"].items()]),
            "",
            "latency  " + ", ".join(f"{name} {value:.1f} ms" for name, value in latency.items()),
            f"index    {index['chunks']:,} chunks, {made} {index['seconds']:.1f} s{size}",
            *_parts(config),
        ]
    )


def answers_report(view: Mapping[str, Any]) -> str:
    """An evaluation of answers (``AnswersRun.view``) as text; ``–`` where there is nothing to average."""
    rows = [
        [name, _number(one["mean"]), str(one["scored"]), str(one["failed"]), str(one["not_applicable"])]
        for name, one in view["metrics"].items()
    ]
    abstention, latency = view["abstention"], view["latency_ms"]
    return "\n".join(
        [
            f"{view['questions']:,} questions, judge {view['judge']}",
            "",
            *(f"{name:<22}{_rate(view[name])}" for name in ("answered", "abstained", "failed")),
            f"{'abstention precision':<22}{_rate(abstention['precision'])}",
            f"{'abstention recall':<22}{_rate(abstention['recall'])}",
            "",
            *_table(["measure", "mean", "scored", "failed", "not applicable"], rows),
            "",
            "latency  " + ", ".join(f"{name} {value:.1f} ms" for name, value in latency.items()),
            f"tokens   {_tokens({**view['usage'], 'cost': view['cost']})}",
            *([f"judging  {_calls(view['judging'])}"] if view["judging"] else []),
            *_diagnosis(view.get("diagnosis")),
            *_reasons("failed", view["failed"]["reasons"]),
            *_reasons("degraded", view["degraded"]),
            *(
                line
                for name, one in view["metrics"].items()
                if one["failed"]
                for line in _reasons(name, one["reasons"])
            ),
        ]
    )


def estimate_report(view: Mapping[str, Any]) -> str:
    """What judging will take (``Estimate.view``) as text."""
    assumed = view["assumed"]
    return (
        f"judging {view['questions']:,} answers with {view['judge']}: about {view['calls']:,} calls, "
        f"{_tokens(view)}; assumed are {assumed['passages']} passages of {assumed['passage_tokens']} "
        f"tokens an answer, {assumed['statements_of_a_text']} statements a text, and an empty cache"
    )


def calibration_report(view: Mapping[str, Any]) -> str:
    """A judge beside labels (``Calibration.view``) as text."""
    figures = [
        [name, _number(view[name]["value"]), _interval(view[name]["interval"])]
        for name in ("kappa", "balanced_accuracy")
    ]
    kinds = [[kind or "–", str(one["right"]), str(one["of"])] for kind, one in view["by_kind"].items()]
    return "\n".join(
        [
            f"{view['judge']}, {view['metric']} from {view['threshold']:g}: "
            f"{view['scored']} of {view['rows']} claims judged",
            "",
            *_table(["figure", "value", "95% interval"], figures),
            "",
            *_table(["verdict", "claims"], [[name, str(n)] for name, n in view["confusion"].items()]),
            "",
            *_table(["kind", "right", "of"], kinds),
            *_checks(view.get("by_check", {})),
            *(f"not judged: {one['id']}: {one['why']}" for one in view["failed"]),
        ]
    )


def _checks(by_check: Mapping[str, Any]) -> list[str]:
    """What each check of citations flags, rightly, and kappa of it alone and of the others without it."""
    rows = [
        [name, str(one["flagged"]), str(one["rightly"]), _number(one["alone"]), _number(one["without"])]
        for name, one in by_check.items()
    ]
    head = ["check", "flagged", "rightly", "kappa alone", "kappa without"]
    return ["", *_table(head, rows)] if rows else []


def comparison_report(view: Mapping[str, Any]) -> str:
    """A comparison of runs (``Compared.view``) as text: means, each run against the first, and the limits."""
    rows = [
        [one["name"], f"{one['mean']:.4f}", f"[{one['interval'][0]:.4f}, {one['interval'][1]:.4f}]"]
        for one in view["standings"]
    ]
    without = {name: run["without_score"] for name, run in view["runs"].items() if run["without_score"]}
    return "\n".join(
        [
            f"{view['measure']} on {view['queries']:,} queries, 95% intervals",
            "",
            *_table(["run", "mean", "interval"], rows),
            "",
            *view["wording"],
            *(
                f"{view['left_out']} queries left out: {name} has no score for {n}"
                for name, n in without.items()
            ),
        ]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; the first stands left, figures right."""
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, ["-" * width for width in widths], *rows]
    ]


def _parts(config: Mapping[str, Any]) -> list[str]:
    names = ("chunker", "embedder", "sparse", "fusion", "reranker")
    return [f"{name:<8} {config[name]}" for name in names if config.get(name, "none") != "none"]


def _reasons(what: str, reasons: Mapping[str, int]) -> list[str]:
    most = sorted(reasons.items(), key=lambda item: -item[1])
    more = [f"{what}: {len(most) - _WHY} more reasons"] if len(most) > _WHY else []
    return [f"{what}: {count} × {why}" for why, count in most[:_WHY]] + more


def _diagnosis(verdicts: Mapping[str, int] | None) -> list[str]:
    """Where wrong answers went wrong, in the order of the stages; verdicts that never fell are left out."""
    if verdicts is None:
        return []
    rows = [[verdict, str(count)] for verdict, count in verdicts.items() if count]
    return ["", *_table(["diagnosis", "questions"], rows), ""]


def _calls(judging: Mapping[str, Any]) -> str:
    counts = f"{judging['calls']:,} calls, {judging['cached']:,} cached, {judging['retries']:,} retries"
    return f"{counts}, {_tokens(judging)}"


def _tokens(usage: Mapping[str, Any]) -> str:
    cost = usage["cost"]
    price = f"{cost['amount']:.4f} {cost['currency']} (prices of {cost['priced']})" if cost else "unknown"
    return f"{usage['prompt_tokens']:,} in, {usage['completion_tokens']:,} out, cost {price}"


def _rate(rate: Mapping[str, Any]) -> str:
    return f"{_number(rate['share'])}  ({rate['count']} of {rate['of']})"


def _interval(bounds: Sequence[float] | None) -> str:
    return "–" if bounds is None else f"[{bounds[0]:.3f}, {bounds[1]:.3f}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
