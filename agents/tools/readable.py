"""Results as people read them: digits in groups, larger units beside the base one, counts rounded."""

from __future__ import annotations

from agents.tools.units import Number, unit_named

_SHORT = 3
"""Digits to which a count of things that is no whole number is rounded beside its value."""

_MOST = 1e18
"""From here on larger units are none that people compare by, and powers of ten say more."""

Ladder = tuple[tuple[float, float, str], ...]
"""Larger and smaller forms of a base unit, largest first: from which amount on, of how many, its name."""


def _powers(base: int, names: tuple[str, ...], unit: str) -> Ladder:
    scales = [(float(base**power), name + unit) for power, name in enumerate(names, 1)]
    return tuple((scale, scale, name) for scale, name in reversed(scales))


def _bytes(unit: str) -> tuple[Ladder, ...]:
    return (
        _powers(1000, ("k", "M", "G", "T", "P"), unit),
        _powers(1024, ("Ki", "Mi", "Gi", "Ti"), unit),
    )


def _times(base: str, minutes: str, hours: str, days: str) -> tuple[Ladder, ...]:
    # 90 seconds are not yet 1.5 minutes.
    long = tuple((2.0 * of, float(of), name) for of, name in ((86400, days), (3600, hours), (60, minutes)))
    return ((*long, (1.0, 1.0, base), (1e-3, 1e-3, "ms"), (1e-6, 1e-6, "µs")),)


_LADDERS: dict[str, tuple[Ladder, ...]] = {
    **dict.fromkeys(("bytes", "B"), _bytes("B")),
    "octets": _bytes("o"),
    "s": _times("s", "minutes", "hours", "days"),
    "secondes": _times("secondes", "minutes", "heures", "jours"),
    "FLOP": (_powers(1000, ("k", "M", "G", "T", "P"), "FLOP"),),
}
_MONEY = ("euros", "dollars")
_MEASURES = frozenset(("nats", "times", "fois", "points", "radian", "reward", "récompense"))
"""Units that the calculator does not know and that count no things; all that it knows but tokens measure."""


def format_number(value: Number) -> str:
    """A number as people write it: integers with thousands separators, others with at most 6 digits."""
    if isinstance(value, int):
        return f"{value:,}"
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1e6 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.6g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.6g}"


def told(value: Number, unit: str = "") -> str:
    """``value`` of ``unit``, as it is compared and then exactly: ``43.2 minutes = 2,592 s``.

    Bytes are told in powers of 1000 and of 1024, the shorter number first; a number of things that is not
    whole, and an amount of money, is rounded as well: ``17.1429 ≈ 17.1 fragments``.
    """
    exact = f"{_exact(value, unit)} {unit}".rstrip()
    if unit in _LADDERS and abs(value) < _MOST:
        forms = [form for ladder in _LADDERS[unit] if (form := _climbed(value, ladder))]
        return " = ".join([*sorted(forms, key=len), exact])
    short = _rounded(value, unit)
    return f"{_exact(value, unit)} ≈ {short} {unit}" if short else exact


def _exact(value: Number, unit: str) -> str:
    return f"{value:.6g}" if unit == "FLOP" and 1e6 <= abs(value) < 1e300 else format_number(value)


def _climbed(value: Number, ladder: Ladder) -> str:
    """``value`` in the first unit that it reaches; empty where that is the base unit, or there is none."""
    for least, size, name in ladder:
        if abs(value) >= least:
            return "" if size == 1 else f"{format_number(value / size)} {name}"
    return ""


def _rounded(value: Number, unit: str) -> str:
    """A count or an amount of money with the digits that count; empty where it needs no rounding."""
    if isinstance(value, int) or not unit:
        return ""
    known = unit_named(unit)
    counted = unit not in _MEASURES and (known is None or dict(known.dimension).keys() >= {"token"})
    if unit.startswith(_MONEY):
        short = f"{value:,.2f}" if abs(value) >= 1 else ""
    elif counted:
        short = f"{value:,.0f}" if abs(value) >= 10**_SHORT else f"{value:.{_SHORT}g}"
    else:
        short = ""
    return "" if not short or float(short.replace(",", "")) == float(f"{value:.6g}") else short
