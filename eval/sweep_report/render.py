"""From a report's content to a page and to Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eval.sweep_report.plots import Bar, Point, dots, scatter
from eval.sweep_report.words import setting

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

    from eval.statistics.effects import AxisEffect


def render(name: str, content: Mapping[str, Any]) -> str:
    """``report.html`` or ``report.md`` as text. Everything that came from a file is escaped."""
    template = _environment(html=name.endswith(".html")).get_template(f"{name}.jinja")
    return template.render(**content, content=content)


def _environment(html: bool) -> jinja2.Environment:
    import jinja2

    # Markdown has rules of its own for what must be escaped: the filter ``cell`` does it there.
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("eval.sweep_report"),
        autoescape=html,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters.update(
        {
            "score": _score,
            "signed": lambda value: f"{value:+.4f}".replace("-", "−"),
            "p": lambda value: "<\u202f.001" if value < 0.001 else f"{value:.3f}",
            "ms": lambda value: "–" if value is None else f"{value:,.1f}",
            "cost": lambda value: "unknown" if value is None else f"{value:,.4g}",
            "setting": setting,
            "cell": _cell,
        }
    )
    made.globals.update({"front_plot": _front_plot, "effect_plot": _effect_plot, "leader_plot": _leader_plot})
    return made


def _score(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.4f}"


def _cell(value: Any) -> str:
    """Text that neither ends a cell of a Markdown table nor starts markup."""
    plain = re.sub(r"\s+", " ", str(value))
    for mark, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = plain.replace(mark, instead)
    return re.sub(r"([\\|`*_\[\]])", r"\\\1", plain)


def _front_plot(front: Mapping[str, Any], against: str, content: Mapping[str, Any]) -> Markup:
    from markupsafe import Markup

    best = {row["name"] for row in front["front"]}
    baseline, primary = content["baseline"], content["primary"]
    label = "median latency, ms" if against == "latency" else "cost"
    points = [
        Point(
            name,
            values[against],
            values["quality"],
            f"{'front' if name in best else 'other'}{' baseline' if name == baseline else ''}",
            f"{name}: {primary} {values['quality']:.4f}, {label} {values[against]:,.4g}",
        )
        for name, values in front["points"].items()
    ]
    # The texts within are escaped where they are put in.
    return Markup(scatter(points, label, primary, f"{primary} against {label}"))  # noqa: S704


def _leader_plot(rows: list[Mapping[str, Any]], content: Mapping[str, Any]) -> Markup:
    """The leaders, and the baseline below them if it is none."""
    from markupsafe import Markup

    of_baseline = [row for row in content["leaderboard"] if row["standing"].name == content["baseline"]]
    rows = rows + [row for row in of_baseline if row not in rows]
    bars = [
        Bar(
            row["standing"].name,
            row["standing"].mean,
            row["standing"].interval[0],
            row["standing"].interval[1],
            f"{'front' if row['standing'].group == 1 else 'other'}"
            f"{' baseline' if row['standing'].name == content['baseline'] else ''}",
        )
        for row in rows
    ]
    primary = content["primary"]
    return Markup(dots(bars, f"{primary}, 95% interval", f"{primary} of the best"))  # noqa: S704


def _effect_plot(effect: AxisEffect, content: Mapping[str, Any]) -> Markup:
    """Means by value, on one scale for all axes: an axis that does little looks so."""
    from markupsafe import Markup

    means, primary = effect.means or {}, content["primary"]
    every = [mean for one in content["effects"].main for mean in (one.means or {}).values()]
    shown = effect.strongest is not None and effect.strongest.shown
    best = max(means.values())
    bars = [
        Bar(value, mean, mean, mean, "front" if shown and mean == best else "other")
        for value, mean in means.items()
    ]
    label = f"mean {primary} by {effect.axis}"
    return Markup(dots(bars, f"mean {primary}", label, (min(every), max(every))))  # noqa: S704
