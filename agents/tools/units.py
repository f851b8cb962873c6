"""Numbers with a unit: bytes, seconds, tokens, FLOP, money, lengths, so that only like is added to like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.errors import ToolError

Number = int | float
Dimension = Mapping[str, int]
"""Powers of base units: a bandwidth is ``{"B": 1, "s": -1}``; a plain number has none."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """``value`` in base units (bytes, seconds, tokens, FLOP, euros, metres, grams)."""

    value: Number
    dimension: tuple[tuple[str, int], ...] = ()

    def powers(self) -> dict[str, int]:
        """The dimension as a dictionary."""
        return dict(self.dimension)


def quantity(value: Number, dimension: Dimension) -> Quantity:
    """A quantity whose dimension has no power of zero, in one order."""
    return Quantity(value, tuple(sorted((base, power) for base, power in dimension.items() if power)))


def _scaled(base: str, prefixes: Mapping[str, Number], names: tuple[str, ...]) -> dict[str, Quantity]:
    return {
        prefix + name: Quantity(scale, ((base, 1),)) for prefix, scale in prefixes.items() for name in names
    }


_DECIMAL: dict[str, Number] = {
    "": 1,
    "k": 10**3,
    "K": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
}
_BINARY: dict[str, Number] = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_SECONDS: dict[str, Number] = {
    "s": 1,
    "second": 1,
    "seconds": 1,
    "seconde": 1,
    "secondes": 1,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "heure": 3600,
    "heures": 3600,
    "day": 86400,
    "days": 86400,
    "jour": 86400,
    "jours": 86400,
}
_PLAIN: dict[str, Number] = {
    "percent": 0.01,
    "thousand": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "billion": 10**9,
    "milliards": 10**9,
}
_METRES: dict[str, Number] = {
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), 1e-3),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mètre", "mètres"), 1),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000),
    **dict.fromkeys(("kilomètre", "kilomètres"), 1000),
    **dict.fromkeys(("mi", "mile", "miles"), 1609.344),
    **dict.fromkeys(("ft", "foot", "feet", "pied", "pieds"), 0.3048),
    **dict.fromkeys(("inch", "inches", "pouce", "pouces"), 0.0254),
}
_GRAMS: dict[str, Number] = {
    **dict.fromkeys(("g", "gram", "grams", "gramme", "grammes"), 1),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "kilogramme", "kilogrammes"), 1000),
    **dict.fromkeys(("lb", "lbs"), 453.59237),
}

UNITS: dict[str, Quantity] = {
    **_scaled("B", _DECIMAL | _BINARY, ("B",)),
    **_scaled("B", {key: scale for key, scale in (_DECIMAL | _BINARY).items() if key}, ("o",)),
    **_scaled("B", {"": 1}, ("byte", "bytes", "octet", "octets")),
    **_scaled("B", {"": 0.125}, ("bit", "bits")),
    **_scaled("FLOP", _DECIMAL, ("FLOP", "FLOPs")),
    **_scaled("token", {"": 1}, ("token", "tokens", "jeton", "jetons")),
    **_scaled("EUR", {"": 1}, ("EUR", "euro", "euros", "€")),
    **_scaled("USD", {"": 1}, ("USD", "dollar", "dollars", "$")),
    **{name: Quantity(seconds, (("s", 1),)) for name, seconds in _SECONDS.items()},
    **{name: Quantity(metres, (("m", 1),)) for name, metres in _METRES.items()},
    **{name: Quantity(grams, (("g", 1),)) for name, grams in _GRAMS.items()},
    **{name: Quantity(value) for name, value in _PLAIN.items()},
}
"""Every unit by name, as so many base units."""


def added(left: Quantity, right: Quantity, value: Number, doing: str) -> Quantity:
    """``value`` in the unit that both have.

    Raises:
        ToolError: they have different units, so that the sum means nothing.
    """
    if left.dimension != right.dimension:
        raise ToolError(f"cannot {doing} {shown_unit(left)} and {shown_unit(right)}: convert one, or drop it")
    return Quantity(value, left.dimension)


def shown_unit(of: Quantity) -> str:
    """The base unit as people write it: ``B/s``; ``a plain number`` where there is none."""
    above = [base + (f"^{power}" if power > 1 else "") for base, power in of.dimension if power > 0]
    below = [base + (f"^{-power}" if power < -1 else "") for base, power in of.dimension if power < 0]
    if not above and not below:
        return "a plain number"
    return "·".join(above or ["1"]) + "".join(f"/{name}" for name in below)


def converted(of: Quantity, unit: str) -> Number:
    """How many ``unit`` a quantity is; a plain number counts as given in that unit, but ``%`` is 100 of it.

    Raises:
        ToolError: the quantity is of another kind.
    """
    target = unit_named(unit)
    if target is None or (not of.dimension and target.dimension):
        return of.value
    if target.dimension != of.dimension:
        raise ToolError(f"{shown_unit(of)} cannot be given in {unit}: ask for another unit, or for none")
    return of.value if target.value == 1 else of.value / target.value


def unit_named(name: str) -> Quantity | None:
    """The unit called ``name``, also a ratio of two (``GB/s``) and ``%``; ``None`` if there is none."""
    if name.strip() == "%":
        return UNITS["percent"]
    above, _, below = (part.strip() for part in name.partition("/"))
    top, bottom = UNITS.get(above), UNITS.get(below) if below else Quantity(1)
    if top is None or bottom is None:
        return None
    powers = top.powers()
    for base, power in bottom.dimension:
        powers[base] = powers.get(base, 0) - power
    return quantity(top.value / bottom.value if below else top.value, powers)
