"""The sentences of a report, which follow from its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.statistics.analysis import Analysis
from eval.statistics.comparison import Comparison
from eval.statistics.effects import Effects

_NAMED = 6
"""Names in a sentence before the rest of them is a number."""


def summary(analysis: Analysis, effects: Effects | None) -> list[str]:
    """What came out, in plain words: the best, the baseline, what mattered and what did not."""
    best, *rest = analysis.standings
    low, high = best.interval
    same = [one.name for one in rest if one.group == 1]
    lines = [f"{best.name} has the best mean: {best.mean:.4f}, 95% interval {low:.4f} to {high:.4f}."]
    if same:
        lines.append(f"{len(same)} of the {len(rest)} others cannot be told from it: {names(same)}.")
    elif rest:
        lines.append(f"It can be told from each of the {len(rest)} others.")
    lines += against_baseline(analysis)
    if effects:
        lines += [f"{one.wording}." for one in effects.main if one.strongest and one.strongest.shown]
        if silent := [one.axis for one in effects.main if one.strongest and not one.strongest.shown]:
            lines.append(f"No effect was shown for {names(silent)}.")
        if untested := [one.axis for one in effects.main if not one.strongest]:
            lines.append(f"Nothing can be said of {names(untested)}: no two values differ in that alone.")
        lines += [f"{one.wording}." for one in effects.interactions if one.adjusted <= one.alpha]
    return lines


def against_baseline(analysis: Analysis) -> list[str]:
    """The winner against the baseline, and how many others could be told from it."""
    if analysis.standings[0].name == analysis.baseline:
        lines = ["The baseline itself has the best mean."]
    else:
        pair = winner_pair(analysis)
        lines = [f"{pair.name} against the baseline {pair.reference}: {pair.wording}."] if pair else []
    verdicts = [one.verdict for one in analysis.with_baseline]
    if verdicts:
        lines.append(
            f"Of {len(verdicts)} configurations compared with the baseline, {verdicts.count('better')} were "
            f"shown to be better and {verdicts.count('worse')} worse; for "
            f"{verdicts.count('no difference was shown')} no difference was shown."
        )
    return lines


def winner_pair(analysis: Analysis) -> Comparison | None:
    """The comparison of the best mean with the baseline; ``None`` when the baseline is the best."""
    best = analysis.standings[0].name
    return next((one for one in analysis.with_baseline if one.name == best), None)


def conclusions(analysis: Analysis, latency: Mapping[str, float | None]) -> list[str]:
    """What a reader may take away."""
    pair, group = winner_pair(analysis), [one.name for one in analysis.standings if one.group == 1]
    if pair is None:
        lines = ["Keep the baseline: nothing that was tried has a better mean."]
    elif pair.shown:
        lines = [f"On these queries {pair.name} is better than the baseline, by more than chance explains."]
    elif better := [one.name for one in analysis.with_baseline if one.verdict == "better"]:
        lines = [
            f"{pair.name} was not shown to be better than the baseline, though {names(better)} "
            f"{'was' if len(better) == 1 else 'were'}: prefer {'it' if len(better) == 1 else 'those'}."
        ]
    else:
        lines = ["Nothing was shown to be better than the baseline: keep it unless something else speaks."]
    timed = {name: ms for name in group if (ms := latency.get(name)) is not None}
    if len(group) > 1 and timed:
        quick = min(timed, key=lambda name: timed[name])
        lines.append(
            f"The {len(group)} configurations of group 1 are equally defensible by quality; the quickest of "
            f"them is {quick}, with a median of {timed[quick]:.1f} ms."
        )
    if worse := [one.name for one in analysis.with_baseline if one.verdict == "worse"]:
        lines.append(f"Shown to be worse than the baseline: {names(worse)}.")
    return lines


def cautions(
    analysis: Analysis, split: str | None, unpriced: int, failures: int, not_judged: int = 0
) -> list[str]:
    """What a reader should not take away."""
    lines = [
        "That the winner is as good as its mean says: it was picked by the same scores, which flatters it. "
        f"Confirm it once on {f'a split other than {split}' if split else 'other queries'}."
    ]
    if (smallest := analysis.smallest_difference) is not None:
        lines.append(
            "That “no difference was shown” means “equal”: with "
            f"{analysis.queries} queries and {len(analysis.with_baseline)} comparisons, a true difference "
            f"below {smallest:.3f} will often go unseen (power 80%)."
        )
    lines += [
        "That a group is a ranking: two of the same group may differ, and neither was shown to be the best.",
        "That the times hold elsewhere: they are of one machine with its load at that moment.",
        "That the order holds for other documents and other questions: this is one collection.",
    ]
    if unpriced:
        lines.append(
            "That what has no cost here costs nothing: it is unknown, for want of a price "
            f"(configurations: {unpriced})."
        )
    if not_judged:
        lines.append(
            "That the judge read every answer: it failed to give a score "
            f"(scores: {not_judged}), and what it did not score is in no mean of its metrics."
        )
    if failures:
        lines.append(
            "That failures were forgiven: a failed row counts as 0 in the means "
            f"(failed rows: {failures}), and a configuration that failed as a whole is in no comparison."
        )
    return lines


def names(values: Sequence[str]) -> str:
    """Names in a sentence, the first few of many."""
    more = f" and {len(values) - _NAMED} more" if len(values) > _NAMED else ""
    return ", ".join(values[:_NAMED]) + more


def setting(value: Any) -> str:
    """The value of a setting as a reader writes it."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {setting(one)}" for key, one in value.items())
    return ", ".join(map(setting, value)) if isinstance(value, list) else str(value)
