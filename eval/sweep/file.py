"""A sweep's YAML file, read strictly: every mistake is told with its line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import yaml

from eval.metrics import MEASURES
from eval.prices import Price, one_currency
from eval.sweep.measures import (
    ABSTENTION_PRECISION,
    Asking,
    check_measure,
    check_measures,
    is_answer_measure,
    judge_metrics,
)
from eval.sweep.nodes import Nodes, Parts, place, same
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
    "questions",
    "judge",
    "seed",
    "prices",
)
_PRICE = ("prompt", "completion", "currency", "date")
MOST_CONFIGURATIONS = 100_000
"""Of a grid before its constraints: it is held in memory."""


class UnknownSetting(BadInput):
    """A name that no sweep can vary."""


class Checks(Protocol):
    """What only the application knows of settings."""

    def setting(self, name: str, value: Any) -> None:
        """``UnknownSetting`` if no sweep can vary it, ``BadInput`` if the value is out of its bounds."""

    def of_answers(self, name: str) -> bool:
        """Whether a setting shapes answers and no ranking."""

    def labelled(self) -> None:
        """``BadInput`` if the data set has no labelled questions."""

    def configuration(self, values: Values, asking: Asking | None) -> bool:
        """Whether a model is in the loop, so that the same again may come out otherwise.

        ``BadInput`` if these values do not go together, or name a part that does not exist; with ``asking``,
        parts that answer and judge among them.
        """


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
        raise BadInput(f"{path}{place(error.problem_mark)}: not YAML: {error.problem}") from None
    reader = _Reader(checks)
    space = reader.space(node, path.stem)
    if reader.mistakes or space is None:
        raise BadInput("\n".join(f"{path}{where}: {what}" for where, what in reader.mistakes))
    return space


class _Reader(Nodes):
    def __init__(self, checks: Checks) -> None:
        super().__init__()
        self._checks = checks

    def space(self, node: yaml.Node | None, stem: str) -> Space | None:
        if node is None:
            self.mistakes.append(("", f"the file is empty: a sweep has {', '.join(_KEYS)}; axes is required"))
            return None
        parts = self.mapping(node, "a sweep")
        for key, (at, _) in parts.items():
            if key not in _KEYS:
                self.wrong(at, f"unknown key {key!r}: choose one of {', '.join(_KEYS)}")
        if "axes" not in parts:
            self.wrong(node, "axes is missing: name at least one setting and the values to try")
            return None
        axes = self._axes(parts["axes"][1])
        judge = self._judge(parts)
        measures = self._measures(parts, judge)
        space = Space(
            name=self.text(parts, "name", stem),
            axes=axes,
            rules=self._rules(parts, axes),
            baseline=self._baseline(parts, axes),
            fixed=self._fixed(parts, axes),
            measures=measures,
            primary=self._primary(parts, measures),
            prices=self._prices(parts),
            repeats=self.whole(parts, "repeats", 1, 1),
            seed=self.whole(parts, "seed", 0, 0),
            questions=self.whole(parts, "questions", 0, 1) or None,
            judge=judge,
        )
        if not self.mistakes:
            self._purpose(space, parts)
        if not self.mistakes:
            self._grid(space, parts)
        return space

    def _axes(self, node: yaml.Node) -> dict[str, tuple[Any, ...]]:
        axes: dict[str, tuple[Any, ...]] = {}
        for name, (key, value) in self.mapping(node, "axes").items():
            if not isinstance(value, yaml.SequenceNode) or not value.value:
                self.wrong(key, f"axis {name!r} is a list with at least one value, such as [a, b]")
                continue
            values = self.scalars(value, f"axis {name!r}")
            seen: list[Any] = []
            for item, one in values:
                if same(one, seen):
                    self.wrong(item, f"axis {name!r} has the value {one!r} twice")
                seen.append(one)
                if not self._check(key, item, name, one):
                    break  # said once, not for each value
            axes[name] = tuple(seen)
        if not axes and not self.mistakes:
            self.wrong(node, "axes has no axis: name at least one setting and the values to try")
        return axes

    def _check(self, key: yaml.Node, node: yaml.Node, name: str, value: Any) -> bool:
        """Whether there is such a setting; what is wrong with it is told at the name, or at the value."""
        try:
            self._checks.setting(name, value)
        except UnknownSetting as error:
            self.wrong(key, str(error))
            return False
        except BadInput as error:
            self.wrong(node, str(error))
        return True

    def _rules(self, parts: Parts, axes: Mapping[str, tuple[Any, ...]]) -> tuple[Rule, ...]:
        if "constraints" not in parts:
            return ()
        node = parts["constraints"][1]
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, "constraints is a list; each item has exclude, or when and require")
            return ()
        return tuple(rule for item in node.value if (rule := self._rule(item, axes)) is not None)

    def _rule(self, node: yaml.Node, axes: Mapping[str, tuple[Any, ...]]) -> Rule | None:
        parts = self.mapping(node, "a constraint")
        if set(parts) not in ({"exclude"}, {"when", "require"}):
            self.wrong(node, "a constraint has exclude, or when and require, and nothing else")
            return None
        sides = {name: self._condition(value, axes) for name, (_, value) in parts.items()}
        return Rule(sides["exclude"]) if "exclude" in sides else Rule(sides["when"], sides["require"])

    def _condition(self, node: yaml.Node, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        condition: dict[str, tuple[Any, ...]] = {}
        for name, (key, value) in self.mapping(node, "a condition").items():
            if name not in axes:
                self.wrong(key, f"{name!r} is no axis of this sweep: {', '.join(axes)}")
                continue
            values = self.scalars(value, f"condition {name!r}")
            self._among(values, name, axes)
            condition[name] = tuple(one for _, one in values)
        return condition

    def _among(
        self, values: Iterable[tuple[yaml.Node, Any]], name: str, axes: Mapping[str, tuple[Any, ...]]
    ) -> None:
        for item, one in values:
            if not same(one, axes[name]):
                shown = ", ".join(map(repr, axes[name]))
                self.wrong(item, f"{one!r} is no value of the axis {name!r}: {shown}")

    def _baseline(self, parts: Parts, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
        """One value for each axis; the first of an axis that is not named."""
        baseline = {name: values[0] for name, values in axes.items() if values}
        if "baseline" in parts:
            for name, (key, value) in self.mapping(parts["baseline"][1], "baseline").items():
                if name not in axes:
                    self.wrong(key, f"{name!r} is no axis of this sweep: {', '.join(axes)}")
                    continue
                baseline[name] = self.one(value, f"baseline {name!r}")
                self._among([(value, baseline[name])], name, axes)
        return baseline

    def _fixed(self, parts: Parts, axes: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
        fixed: dict[str, Any] = {}
        for name, (key, value) in self.inside(parts, "fixed").items():
            if name in axes:
                self.wrong(key, f"{name!r} is an axis: it cannot be fixed as well")
            fixed[name] = self.one(value, f"fixed {name!r}")
            self._check(key, value, name, fixed[name])
        return fixed

    def _judge(self, parts: Parts) -> str:
        judge = self.text(parts, "judge", "none")
        self.tried(parts["judge"][1] if "judge" in parts else None, lambda: judge_metrics(judge))
        return judge

    def _measures(self, parts: Parts, judge: str) -> tuple[str, ...]:
        if "measures" not in parts:
            return MEASURES
        node, found = parts["measures"][0], self.scalars(parts["measures"][1], "measures")
        measures = tuple(str(name) for _, name in found)
        if not measures:
            self.wrong(node, "measures is empty: name at least one, such as nDCG@10")
        known = [self.tried(item, partial(check_measure, str(name), judge)) for item, name in found]
        if all(known):
            self.tried(node, lambda: check_measures(measures))
        for item, name in found:
            if is_answer_measure(str(name)):
                self.tried(item, self._checks.labelled)
                break
        return measures

    def _purpose(self, space: Space, parts: Parts) -> None:
        """What is in the file to no purpose: settings of answers for a ranking, a judge that nobody asks."""
        if space.asking is None:
            for section in ("axes", "fixed"):
                for name, (key, _) in self.inside(parts, section).items():
                    if self._checks.of_answers(name):
                        self.wrong(
                            key,
                            f"{name!r} shapes answers, which {space.primary} does not measure: "
                            "name measures of answers, such as measures: [right, token_f1]",
                        )
            for name in ("questions", "judge", "repeats"):
                if name in parts and not (name == "repeats" and space.repeats == 1):
                    self.wrong(
                        parts[name][0],
                        f"{name} is of answers, and {space.primary} measures rankings, which come out alike "
                        "each time: name measures of answers, or leave it out",
                    )
        elif space.judge != "none" and not space.asking.judged:
            wanted = ", ".join(judge_metrics(space.judge))
            self.wrong(parts["judge"][1], f"no measure is of the judge {space.judge!r}: name one of {wanted}")
        if space.primary == ABSTENTION_PRECISION:
            at = parts.get("primary", parts["measures"])[1]
            self.wrong(
                at,
                f"{ABSTENTION_PRECISION} cannot be primary: each configuration abstains on other questions, "
                "so no two can be compared question by question",
            )

    def _primary(self, parts: Parts, measures: tuple[str, ...]) -> str:
        primary = self.text(parts, "primary", measures[0] if measures else "")
        if "primary" in parts and primary not in measures:
            self.wrong(parts["primary"][1], f"primary {primary!r} is none of the measures: {measures}")
        return primary

    def _prices(self, parts: Parts) -> dict[str, Price]:
        prices = {}
        for model, (key, node) in self.inside(parts, "prices").items():
            fields = {
                name: self.one(value, name) for name, (_, value) in self.mapping(node, "a price").items()
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
                self.wrong(
                    key,
                    f"the price of {model!r} has prompt and completion (per million tokens, not negative), "
                    "currency, and the date (such as 2026-01-31) on which it was read",
                )
        if prices:
            self.tried(parts["prices"][0], lambda: one_currency(prices))
        return prices

    def _grid(self, space: Space, parts: Parts) -> None:
        """What can be wrong only of whole configurations."""
        axes, size = parts["axes"][0], 1
        for values in space.axes.values():
            size *= len(values)
        if size > MOST_CONFIGURATIONS:
            self.wrong(axes, f"the grid has {size:,} combinations, more than {MOST_CONFIGURATIONS:,}")
            return
        configurations = space.configurations()
        if space.baseline not in configurations:
            at = parts.get("baseline", parts["axes"])[0]
            self.wrong(at, f"the baseline {space.baseline} is not in the grid: a constraint leaves it out")
        by_chance = self._each(configurations, space, axes)
        if space.repeats > 1 and not by_chance and not self.mistakes:
            self.wrong(
                parts["repeats"][1],
                f"repeats is {space.repeats}, and no configuration has a model in the loop: its answers come "
                "out alike each time; leave it out, or set generation.llm to mistral or vllm",
            )

    def _each(self, configurations: list[dict[str, Any]], space: Space, axes: yaml.Node) -> bool:
        """Whether one of the configurations has a model in the loop."""
        wrong: dict[str, list[dict[str, Any]]] = {}
        by_chance = False
        for values in configurations:
            try:
                by_chance |= self._checks.configuration({**space.fixed, **values}, space.asking)
            except BadInput as error:
                wrong.setdefault(str(error), []).append(values)
        for what, of in wrong.items():
            self.wrong(
                axes,
                f"{what}; so it is for {len(of)} of {len(configurations)} configurations, such as {of[0]}: "
                "leave such out with a constraint, or change a value",
            )
        return by_chance
