"""A sweep's YAML file, read strictly: every mistake is told with its line and column."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import yaml

from eval.metrics import MEASURES, evaluate
from eval.prices import Price
from eval.quotes import evaluate_quotes, is_quote_measure
from eval.sweep.space import Rule, Space, Values
from rag.errors import BadInput

_KEYS = (
    "name",
    "axes",
    "constraints",
    "baseline",
    "fixed",
    "measures",
    "primary",
    "repeats",
    "seed",
    "prices",
)
_PRICE = ("prompt", "completion", "currency", "date")
MOST_CONFIGURATIONS = 100_000
"""Of a grid before its constraints: it is held in memory."""


class Checks(Protocol):
    """What only the application knows of settings."""

    def setting(self, name: str, value: Any) -> None:
        """``BadInput`` if no such setting is there for a sweep, or the value is out of its bounds."""

    def configuration(self, values: Values) -> None:
        """``BadInput`` if these values do not go together, or name a part that does not exist."""


def read_space(path: Path, checks: Checks) -> Space:
    """The sweep that a file describes.

    Raises:
        BadInput: the file cannot be read; or its mistakes, one a line, each with its place.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{path}{_place(error.problem_mark)}: not YAML: {error.problem}") from None
    reader = _Reader(checks)
    space = reader.space(node, path.stem)
    if reader.mistakes or space is None:
        raise BadInput("\n".join(f"{path}{where}: {what}" for where, what in reader.mistakes))
    return space


class _Reader:
    """Collects mistakes instead of stopping at the first."""

    def __init__(self, checks: Checks) -> None:
        self.mistakes: list[tuple[str, str]] = []
        self._checks = checks

    def space(self, node: yaml.Node | None, stem: str) -> Space | None:
        if node is None:
            self.mistakes.append(("", f"the file is empty: a sweep has {', '.join(_KEYS)}; axes is required"))
            return None
        parts = self._mapping(node, "a sweep")
        for key, (at, _) in parts.items():
            if key not in _KEYS:
                self._wrong(at, f"unknown key {key!r}: choose one of {', '.join(_KEYS)}")
        if "axes" not in parts:
            self._wrong(node, "axes is missing: name at least one setting and the values to try")
            return None
        axes = self._axes(parts["axes"][1])
        whole = {"repeats": self._whole(parts, "repeats", 1, 1), "seed": self._whole(parts, "seed", 0, 0)}
        measures = self._measures(parts)
        space = Space(
            name=self._text(parts, "name", stem),
            axes=axes,
            rules=self._rules(parts, axes),
            baseline=self._baseline(parts, axes),
            fixed=self._fixed(parts, axes),
            measures=measures,
            primary=self._primary(parts, measures),
            prices=self._prices(parts),
            **whole,
        )
        if not self.mistakes:
            self._grid(space, parts)
        return space

    def _wrong(self, node: yaml.Node, what: str) -> None:
        self.mistakes.append((_place(node.start_mark), what))

    def _mapping(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Keys with the nodes of key and value."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{what} is a mapping of names to values")
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = str(_plain(key))
            if name in found:
                self._wrong(key, f"{name!r} stands twice: on line {found[name][0].start_mark.line + 1} too")
            found.setdefault(name, (key, value))
        return found

    def _scalars(self, node: yaml.Node, what: str) -> list[tuple[yaml.Node, Any]]:
        """A list of plain values; a plain value alone is a list of one."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: list[tuple[yaml.Node, Any]] = []
        for item in nodes:
            if isinstance(item, yaml.ScalarNode):
                values.append((item, _plain(item)))
            else:
                self._wrong(item, f"{what}: a text, a number, true, false or null is wanted")
        return values

    def _axes(self, node: yaml.Node) -> dict[str, tuple[Any, ...]]:
        axes: dict[str, tuple[Any, ...]] = {}
        for name, (key, value) in self._mapping(node, "axes").items():
            if not isinstance(value, yaml.SequenceNode) or not value.value:
                self._wrong(key, f"axis {name!r} is a list with at least one value, such as [a, b]")
                continue
            values = self._scalars(value, f"axis {name!r}")
            seen: list[Any] = []
            for item, one in values:
                if _same(one, seen):
                    self._wrong(item, f"axis {name!r} has the value {one!r} twice")
                seen.append(one)
                self._check(item, name, one)
            axes[name] = tuple(seen)
        if not axes and not self.mistakes:
            self._wrong(node, "axes has no axis: name at least one setting and the values to try")
        return axes

    def _check(self, node: yaml.Node, name: str, value: Any) -> None:
        try:
            self._checks.setting(name, value)
        except BadInput as error:
            self._wrong(node, str(error))

    def _rules(self, parts: _Parts, axes: Mapping[str, tuple[Any, ...]]) -> tuple[Rule, ...]:
        if "constraints" not in parts:
            return ()
        node = parts["constraints"][1]
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "constraints is a list; each item has exclude, or when and require")
            return ()
        return tuple(rule for item in node.value if (rule := self._rule(item, axes)) is not None)

    def _rule(self, node: yaml.Node, axes: Mapping[str, tuple[Any, ...]]) -> Rule | None:
        parts = self._mapping(node, "a constraint")
        if set(parts) not in ({"exclude"}, {"when", "require"}):
            self._wrong(node, "a constraint has exclude, or when and require, and nothing else")
            return None
        sides = {name: self._condition(value, axes) for name, (_, value) in parts.items()}
        return Rule(sides["exclude"]) if "exclude" in sides else Rule(sides["when"], sides["require"])

    def _condition(self, node: yaml.Node, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        condition: dict[str, tuple[Any, ...]] = {}
        for name, (key, value) in self._mapping(node, "a condition").items():
            if name not in axes:
                self._wrong(key, f"{name!r} is no axis of this sweep: {', '.join(axes)}")
                continue
            values = self._scalars(value, f"condition {name!r}")
            self._among(values, name, axes)
            condition[name] = tuple(one for _, one in values)
        return condition

    def _among(
        self, values: Iterable[tuple[yaml.Node, Any]], name: str, axes: Mapping[str, tuple[Any, ...]]
    ) -> None:
        for item, one in values:
            if not _same(one, axes[name]):
                shown = ", ".join(map(repr, axes[name]))
                self._wrong(item, f"{one!r} is no value of the axis {name!r}: {shown}")

    def _baseline(self, parts: _Parts, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
        """One value for each axis; the first of an axis that is not named."""
        baseline = {name: values[0] for name, values in axes.items() if values}
        if "baseline" in parts:
            for name, (key, value) in self._mapping(parts["baseline"][1], "baseline").items():
                if name not in axes:
                    self._wrong(key, f"{name!r} is no axis of this sweep: {', '.join(axes)}")
                    continue
                baseline[name] = self._one(value, f"baseline {name!r}")
                self._among([(value, baseline[name])], name, axes)
        return baseline

    def _fixed(self, parts: _Parts, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
        fixed: dict[str, Any] = {}
        for name, (key, value) in self._inside(parts, "fixed").items():
            if name in axes:
                self._wrong(key, f"{name!r} is an axis: it cannot be fixed as well")
            fixed[name] = self._one(value, f"fixed {name!r}")
            self._check(value, name, fixed[name])
        return fixed

    def _measures(self, parts: _Parts) -> tuple[str, ...]:
        if "measures" not in parts:
            return MEASURES
        measures = self._scalars(parts["measures"][1], "measures")
        if not measures:
            self._wrong(parts["measures"][0], "measures is empty: name at least one, such as nDCG@10")
        for item, name in measures:
            try:
                _measured(str(name))
            except BadInput as error:
                self._wrong(item, str(error))
        return tuple(str(name) for _, name in measures)

    def _primary(self, parts: _Parts, measures: tuple[str, ...]) -> str:
        primary = self._text(parts, "primary", measures[0] if measures else "")
        if "primary" in parts and primary not in measures:
            self._wrong(parts["primary"][1], f"primary {primary!r} is none of the measures: {measures}")
        return primary

    def _prices(self, parts: _Parts) -> dict[str, Price]:
        prices = {}
        for model, (key, node) in self._inside(parts, "prices").items():
            fields = {
                name: self._one(value, name) for name, (_, value) in self._mapping(node, "a price").items()
            }
            numbers = [fields.get(name) for name in ("prompt", "completion")]
            if (
                set(fields) == set(_PRICE)
                and all(isinstance(one, int | float) and one >= 0 for one in numbers)
                and isinstance(fields["date"], date)
            ):
                prices[model] = Price(
                    float(fields["prompt"]),
                    float(fields["completion"]),
                    str(fields["currency"]),
                    fields["date"],
                )
            else:
                self._wrong(
                    key,
                    f"the price of {model!r} has prompt and completion (per million tokens, not negative), "
                    "currency, and the date (such as 2026-01-31) on which it was read",
                )
        return prices

    def _inside(self, parts: _Parts, key: str) -> _Parts:
        return self._mapping(parts[key][1], key) if key in parts else {}

    def _one(self, node: yaml.Node, what: str) -> Any:
        values = self._scalars(node, what)
        if len(values) != 1:
            self._wrong(node, f"{what}: one value is wanted")
        return values[0][1] if values else None

    def _text(self, parts: _Parts, key: str, otherwise: str) -> str:
        return str(self._one(parts[key][1], key)) if key in parts else otherwise

    def _whole(self, parts: _Parts, key: str, otherwise: int, least: int) -> int:
        if key not in parts:
            return otherwise
        value = self._one(parts[key][1], key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self._wrong(parts[key][1], f"{key} is a whole number from {least} on, not {value!r}")
            return otherwise
        return value

    def _grid(self, space: Space, parts: _Parts) -> None:
        """What can be wrong only of whole configurations."""
        axes, size = parts["axes"][0], 1
        for values in space.axes.values():
            size *= len(values)
        if size > MOST_CONFIGURATIONS:
            self._wrong(axes, f"the grid has {size:,} combinations, more than {MOST_CONFIGURATIONS:,}")
            return
        configurations = space.configurations()
        if space.baseline not in configurations:
            at = parts.get("baseline", parts["axes"])[0]
            self._wrong(at, f"the baseline {space.baseline} is not in the grid: a constraint leaves it out")
        self._each(configurations, space, axes)

    def _each(self, configurations: list[dict[str, Any]], space: Space, axes: yaml.Node) -> None:
        wrong: dict[str, list[dict[str, Any]]] = {}
        for values in configurations:
            try:
                self._checks.configuration({**space.fixed, **values})
            except BadInput as error:
                wrong.setdefault(str(error), []).append(values)
        for what, of in wrong.items():
            self._wrong(
                axes,
                f"{what}; so it is for {len(of)} of {len(configurations)} configurations, such as {of[0]}: "
                "leave such out with a constraint, or change a value",
            )


_Parts = dict[str, tuple[yaml.Node, yaml.Node]]


def _measured(name: str) -> None:
    if is_quote_measure(name):
        evaluate_quotes({}, {"query": [()]}, [name])
    else:
        evaluate({}, {"query": {}}, [name])


def _plain(node: yaml.Node) -> Any:
    """The value of a scalar as YAML means it; anything else, which is a mistake here, as it is written."""
    if not isinstance(node, yaml.ScalarNode):
        return node.tag
    loader = yaml.SafeLoader("")
    try:
        value: Hashable = loader.construct_object(node)
    finally:
        loader.dispose()
    return value


def _same(value: Any, among: Iterable[Any]) -> bool:
    """Whether ``value`` is among others; true is not 1."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in among)


def _place(mark: Any) -> str:
    return "" if mark is None else f" line {mark.line + 1}, column {mark.column + 1}"
