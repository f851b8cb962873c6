"""What stands in a report: every figure computed once, for the page and the Markdown alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.diagnosis import MEANING, Verdict, counts
from eval.statistics.analysis import Analysis, analyse
from eval.statistics.effects import Effects, Interaction, effects
from eval.statistics.pareto import Front, pareto_front
from eval.statistics.repeats import repeat_variance
from eval.statistics.scores import Complete, complete_queries
from eval.sweep_report import words
from eval.sweep_report.folder import Asked, Configuration, Sweep

LEADING = 12
"""Rows of the leaderboard that are seen at once; the others unfold."""
CHANGED = 5
"""Queries of each kind, won and lost, that are shown with both results."""
MANY = 12
"""Verdicts, interactions and errors that are seen at once."""


def build_content(sweep: Sweep) -> dict[str, Any]:
    """The content of the report of a sweep, by section.

    Repeats of a configuration are averaged query by query before anything is compared.

    Raises:
        BadInput: the baseline failed, or no query has a score everywhere.
    """
    complete = complete_queries({name: _averaged(rows) for name, rows in sweep.scores.items()})
    analysis = analyse(complete.per_query, str(sweep.facts["baseline"]))
    found = _effects(sweep, complete)
    winner, baseline = analysis.standings[0].name, analysis.baseline
    shown = [winner, baseline] if winner != baseline else [winner]
    failures = sum(one.rows for one in sweep.errors)
    unpriced = sum(one.cost is None for one in sweep.done)
    return {
        "facts": sweep.facts,
        "command": str(sweep.facts["command"]),
        "dataset": sweep.facts["dataset"],
        "primary": sweep.facts["primary"],
        "winner": winner,
        "baseline": baseline,
        "chosen": {name: _settings(sweep.by_id[name], sweep) for name in shown},
        "counts": _counts(sweep, complete, failures),
        "summary": words.summary(analysis, found),
        "analysis": analysis,
        "leaderboard": leaderboard(sweep, analysis),
        "measures": [name for name in sweep.facts["measures"] if name != sweep.facts["primary"]],
        "axes": _varying(sweep),
        "fronts": {
            "latency": _front(sweep, analysis, "latency"),
            "cost": _front(sweep, analysis, "cost"),
        },
        "unpriced": unpriced,
        "effects": found,
        "interactions": _interactions(found),
        "changed": _changed(sweep, winner, baseline),
        "types": _types(sweep, shown),
        "diagnosis": _diagnosis(sweep, [*shown, *(one.name for one in analysis.standings)]),
        "failed": sweep.failed,
        "row_errors": sweep.errors,
        "failures": failures,
        "repeats": _repeats(sweep, [one.name for one in analysis.standings[:LEADING]]),
        "once": _once(sweep),
        "conclusions": words.conclusions(analysis, {one.id: one.latency_ms.get("p50") for one in sweep.done}),
        "cautions": words.cautions(
            analysis,
            sweep.facts["dataset"].get("split"),
            unpriced,
            failures,
            sum(one.not_judged for one in sweep.done),
        ),
        "stages": _stages(sweep),
        "leading": LEADING,
        "many": MANY,
    }


def leaderboard(sweep: Sweep, analysis: Analysis) -> list[dict[str, Any]]:
    """A row for each configuration that was finished, best first."""
    pairs = {one.name: one for one in analysis.with_baseline}
    return [
        {
            "rank": rank,
            "standing": one,
            "configuration": sweep.by_id[one.name],
            "settings": _settings(sweep.by_id[one.name], sweep),
            "comparison": pairs.get(one.name),
        }
        for rank, one in enumerate(analysis.standings, 1)
    ]


def _averaged(rows: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    """Scores of the queries over the repeats; NaN where one of them has none."""
    mean: np.typing.NDArray[np.float64] = rows.mean(axis=0)
    return mean


def _varying(sweep: Sweep) -> list[str]:
    return [axis for axis, values in sweep.facts["axes"].items() if len(values) > 1]


def _settings(one: Configuration, sweep: Sweep) -> dict[str, str]:
    return {axis: words.setting(one.settings.get(axis)) for axis in _varying(sweep)}


def _counts(sweep: Sweep, complete: Complete, failures: int) -> dict[str, int]:
    return {
        "configurations": len(sweep.configurations),
        "done": len(sweep.done),
        "failed": len(sweep.failed),
        "queries": len(sweep.queries),
        "left_out": complete.left_out,
        "failed_rows": failures,
    }


def _effects(sweep: Sweep, complete: Complete) -> Effects | None:
    """Effects of the axes; ``None`` where there is nothing to compare."""
    if len(complete.per_query) < 2 or not _varying(sweep):
        return None
    chosen = {name: _settings(sweep.by_id[name], sweep) for name in complete.per_query}
    return effects(chosen, complete.per_query)


def _interactions(found: Effects | None) -> dict[str, list[Interaction]]:
    every = found.interactions if found else ()
    shown = [one for one in every if one.adjusted <= one.alpha]
    return {"shown": shown, "not_shown": [one for one in every if one not in shown]}


def _front(sweep: Sweep, analysis: Analysis, against: str) -> dict[str, Any]:
    """The Pareto front of quality (up) against latency or cost (down), and what is not known of it."""
    quality = {one.name: one.mean for one in analysis.standings}
    spent = {one.id: one.latency_ms.get("p50") if against == "latency" else one.cost for one in sweep.done}
    points = {name: {"quality": quality[name], against: spent[name]} for name in quality}
    front: Front = pareto_front(points, {"quality": "max", against: "min"})
    return {
        "front": [
            {
                "name": name,
                "quality": quality[name],
                "spent": spent[name],
                "settings": _settings(sweep.by_id[name], sweep),
            }
            for name in sorted(front.best, key=lambda name: -quality[name])
        ],
        "points": {name: values for name, values in points.items() if name not in front.unknown},
        "unknown": list(front.unknown),
    }


def _changed(sweep: Sweep, winner: str, baseline: str) -> dict[str, list[dict[str, Any]]]:
    """The queries that the winner improves most over the baseline, and those that it harms most."""
    if winner == baseline:
        return {"won": [], "lost": []}
    after, before = _averaged(sweep.scores[winner]), _averaged(sweep.scores[baseline])
    rows: list[dict[str, Any]] = [
        {
            "query": query,
            "before": float(before[place]),
            "after": float(after[place]),
            "difference": float(after[place] - before[place]),
            "results": list(_side_by_side(sweep, query, baseline, winner)),
        }
        for place, query in enumerate(sweep.queries)
        if np.isfinite(after[place] - before[place])
    ]
    rows.sort(key=lambda row: -row["difference"])
    return {
        "won": [row for row in rows[:CHANGED] if row["difference"] > 0],
        "lost": [row for row in rows[: -CHANGED - 1 : -1] if row["difference"] < 0],
    }


def _side_by_side(sweep: Sweep, query: Asked, *configurations: str) -> Sequence[dict[str, Any]]:
    found = [sweep.hits.get((name, query.id), ()) for name in configurations]
    return [
        {
            "rank": rank,
            "documents": [
                {"id": ranking[rank - 1], "grade": query.judged.get(ranking[rank - 1], 0)}
                if rank <= len(ranking)
                else None
                for ranking in found
            ],
        }
        for rank in range(1, max(map(len, found)) + 1)
    ]


def _types(sweep: Sweep, shown: Sequence[str]) -> list[dict[str, Any]]:
    """By question type: how many, and for each shown configuration its mean and its queries with score 0."""
    kinds = [query.type or "unlabelled" for query in sweep.queries]
    rows = []
    for kind in sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind)):
        places = [place for place, one in enumerate(kinds) if one == kind]
        of = {}
        for name in shown:
            scores = _averaged(sweep.scores[name])[places]
            scores = scores[np.isfinite(scores)]
            mean = float(scores.mean()) if len(scores) else None
            of[name] = {"mean": mean, "zero": int((scores == 0).sum()), "scored": len(scores)}
        rows.append({"type": kind, "queries": len(places), "of": of})
    return rows


def _diagnosis(sweep: Sweep, first: Sequence[str]) -> dict[str, Any] | None:
    """Verdicts by configuration, in this order and then the others; ``None`` where nothing was diagnosed."""
    found = counts(sweep.diagnoses)
    if not found:
        return None
    fell = [verdict for verdict in Verdict if any(one[verdict] for one in found.values())]
    order = [name for name in dict.fromkeys([*first, *found]) if name in found]
    return {
        "verdicts": [{"name": verdict.value, "meaning": MEANING[verdict]} for verdict in fell],
        "rows": [{"name": name, "counts": [found[name][verdict] for verdict in fell]} for name in order],
    }


def _repeats(sweep: Sweep, shown: Sequence[str]) -> list[dict[str, Any]]:
    """How far a mean moves when the same configuration runs again."""
    return [
        {"name": name, "repeats": len(rows), "variance": repeat_variance(rows[:, whole])}
        for name in shown
        if len(rows := sweep.scores[name]) > 1 and (whole := np.isfinite(rows).all(axis=0)).sum() > 1
    ]


def _once(sweep: Sweep) -> list[str]:
    """The configurations that ran once where others ran several times: nothing is left to chance in them."""
    runs = {name: len(rows) for name, rows in sweep.scores.items()}
    return [name for name, count in runs.items() if count == 1 < max(runs.values())]


def _stages(sweep: Sweep) -> Mapping[str, Any]:
    facts = sweep.facts
    return {
        "seconds": facts.get("seconds"),
        "runs": facts.get("stage_runs"),
        "cached": facts.get("cached"),
        "by_kind": facts.get("stage_seconds") or {},
    }
