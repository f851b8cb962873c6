"""Plots as small SVG drawings that stand in the page and take its colours, in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 520, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 14, 48
_TICKS = 4
_LONGEST = 28
"""Characters of a label before it is cut."""
_LOGARITHMIC = 30.0
"""From this ratio of the largest to the smallest value on, an axis is drawn in powers of ten."""


@dataclass(frozen=True, slots=True)
class Point:
    """A configuration in a scatter plot; ``mark`` is its CSS class: front, other or baseline."""

    name: str
    x: float
    y: float
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval, one line of a dot plot."""

    label: str
    value: float
    low: float
    high: float
    mark: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """A linear or logarithmic way from values to places."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float, *, may_bend: bool = False) -> _Scale:
        low, high = min(values), max(values)
        if may_bend and low > 0 and high / low >= _LOGARITHMIC:
            return cls(low / 1.3, high * 1.3, start, end, logarithmic=True)
        margin = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
        return cls(low - margin if low - margin > 0 or low < 0 else 0.0, high + margin, start, end)

    def at(self, value: float) -> float:
        low, high, value = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.logarithmic
            else (self.low, self.high, value)
        )
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            values = [10.0**power * factor for power in powers for factor in (1, 2, 5)]
            return [value for value in values if self.low <= value <= self.high]
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
        first = math.ceil(self.low / step)
        return [number * step for number in range(first, math.floor(self.high / step) + 1)]


def scatter(points: Sequence[Point], x_label: str, y_label: str, description: str) -> str:
    """Quality (up) against what it takes (to the right); the points of the front are joined and named."""
    x = _Scale.over([point.x for point in points], _LEFT, _WIDTH - _RIGHT, may_bend=True)
    y = _Scale.over([point.y for point in points], _HEIGHT - _BOTTOM, _TOP)
    front = sorted((point for point in points if "front" in point.mark), key=lambda point: point.x)
    # The front is a staircase: between two of its points one gets the quality of the cheaper one.
    steps = "".join(
        f"{'H' if place else 'M'}{x.at(point.x)}{'V' if place else ','}{y.at(point.y)}"
        for place, point in enumerate(front)
    )
    return _figure(
        description,
        _HEIGHT,
        *_grid(x, y, x_label, y_label),
        f'<path class="step" d="{steps}"/>' if len(front) > 1 else "",
        *(
            f'<circle class="{point.mark}" cx="{x.at(point.x)}" cy="{y.at(point.y)}" r="5">'
            f"<title>{escape(point.title)}</title></circle>"
            for point in sorted(points, key=lambda point: "front" in point.mark)
        ),
        *_names(front, x, y),
    )


def dots(bars: Sequence[Bar], label: str, description: str, within: tuple[float, float] | None = None) -> str:
    """A line for each value, with its interval; ``within`` are values that the scale must reach.

    Plots with the same ``within`` can be compared by eye.
    """
    texts = [bar.label if len(bar.label) <= _LONGEST else f"{bar.label[: _LONGEST - 1]}…" for bar in bars]
    row, left = 24, max(64, 16 + round(7.2 * max(map(len, texts))))
    height = row * len(bars) + 38
    edges = [*(within or ()), *(edge for bar in bars for edge in (bar.low, bar.high))]
    x = _Scale.over(edges, left, _WIDTH - 68)
    bottom = row * len(bars) + 6
    lines = [
        f'<line class="grid" x1="{x.at(tick)}" x2="{x.at(tick)}" y1="4" y2="{bottom}"/>'
        f'<text class="tick" x="{x.at(tick)}" y="{bottom + 14}" text-anchor="middle">{_short(tick)}</text>'
        for tick in x.ticks()
    ]
    for place, (bar, text) in enumerate(zip(bars, texts, strict=True)):
        y = row * place + 16
        lines.append(
            f'<text class="name" x="{left - 10}" y="{y + 4}" text-anchor="end">{escape(text)}</text>'
            f'<line class="whisker" x1="{x.at(bar.low)}" x2="{x.at(bar.high)}" y1="{y}" y2="{y}"/>'
            f'<circle class="{bar.mark}" cx="{x.at(bar.value)}" cy="{y}" r="5"/>'
            f'<text class="value" x="{_WIDTH - 4}" y="{y + 4}" text-anchor="end">{bar.value:.4f}</text>'
        )
    axis = f'<text class="label" x="{(left + _WIDTH - 68) / 2}" y="{height - 2}" text-anchor="middle">'
    return _figure(description, height, *lines, f"{axis}{escape(label)}</text>")


def _figure(description: str, height: int, *parts: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(description)}">'
        f"{''.join(parts)}</svg>"
    )


def _grid(x: _Scale, y: _Scale, x_label: str, y_label: str) -> list[str]:
    bottom, middle = _HEIGHT - _BOTTOM, (_TOP + _HEIGHT - _BOTTOM) / 2
    across = [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y.at(tick)}" y2="{y.at(tick)}"/>'
        f'<text class="tick" x="{_LEFT - 8}" y="{y.at(tick) + 4}" text-anchor="end">{_short(tick)}</text>'
        for tick in y.ticks()
    ]
    up = [
        f'<line class="grid" x1="{x.at(tick)}" x2="{x.at(tick)}" y1="{_TOP}" y2="{bottom}"/>'
        f'<text class="tick" x="{x.at(tick)}" y="{bottom + 16}" text-anchor="middle">{_short(tick)}</text>'
        for tick in x.ticks()
    ]
    return [
        *across,
        *up,
        f'<text class="label" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">'
        f"{escape(x_label)}</text>",
        f'<text class="label" transform="translate(13 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>",
    ]


def _names(front: Sequence[Point], x: _Scale, y: _Scale) -> list[str]:
    """The front's names, left out where they would lie on each other."""
    names: list[str] = []
    taken: list[tuple[float, float]] = []
    for point in reversed(front):
        place = (x.at(point.x), y.at(point.y))
        if all(abs(place[0] - other[0]) > 44 or abs(place[1] - other[1]) > 14 for other in taken):
            taken.append(place)
            right = place[0] < _WIDTH - 70
            names.append(
                f'<text class="name" x="{place[0] + (9 if right else -9)}" y="{place[1] + 14}"'
                f' text-anchor="{"start" if right else "end"}">{escape(point.name)}</text>'
            )
    return names


def _short(value: float) -> str:
    return f"{value:,.6g}"
