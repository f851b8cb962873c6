"""Configurations as a graph of stages, each named by its inputs, its settings and its code."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.beir import Dataset
from eval.run import DEPTH
from eval.sweep.code import code_version
from eval.sweep.kit import Kit, Kits
from eval.sweep.space import Values
from rag.index.base import LegName
from rag.retriever import legs_of

KINDS = ("chunk", "embed", "query", "index", "retrieve", "fuse", "rerank")
"""In the order of the pipeline; ``query`` encodes the questions for a leg."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One computation that any number of configurations share.

    ``inputs`` maps the labels of other stages (``retrieve.dense``) to their keys; ``values`` are the settings
    of one of the configurations, from which its parts are made; ``what`` names the parts for a reader.
    """

    kind: str
    leg: LegName | None
    key: str
    inputs: Mapping[str, str]
    values: Values
    what: str

    @property
    def label(self) -> str:
        """The kind, with the leg where there is one."""
        return self.kind if self.leg is None else f"{self.kind}.{self.leg}"

    @property
    def holds(self) -> str | None:
        """What no other stage may use at the same time: an index has one user."""
        return self.inputs.get(f"index.{self.leg}", self.key) if self.kind in ("index", "retrieve") else None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Values for the axes and, by label, the keys of the stages that lead to its ranking."""

    id: str
    values: Values
    stages: Mapping[str, str]

    @property
    def last(self) -> str:
        """The label of the stage whose ranking counts."""
        return "rerank" if "rerank" in self.stages else "fuse"


@dataclass(frozen=True, slots=True)
class Plan:
    """Configurations and the distinct stages behind them, each after its inputs."""

    configurations: tuple[Configuration, ...]
    stages: Mapping[str, Stage]

    def counts(self) -> dict[str, int]:
        """Stages by kind, in the order of the pipeline."""
        counted = Counter(stage.kind for stage in self.stages.values())
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    def alike(self) -> int:
        """Configurations that come to the very ranking of another: settings that mean nothing to them."""
        return len(self.configurations) - len({one.stages[one.last] for one in self.configurations})

    def without_sharing(self) -> int:
        """Stage runs if each configuration ran by itself."""
        return sum(len(configuration.stages) for configuration in self.configurations)


def make_plan(configurations: Sequence[Values], fixed: Values, dataset: Dataset, kits: Kits) -> Plan:
    """The plan for some configurations, called c000 and on in their order.

    Raises:
        BadInput: a configuration names a part that does not exist or cannot be used.
    """
    stages: dict[str, Stage] = {}
    planned = []
    for number, values in enumerate(configurations):
        settings = {**fixed, **values}
        graph = _Graph(dataset, kits(settings), settings)
        stages.update({stage.key: stage for stage in graph.made.values() if stage.key not in stages})
        keys = {label: stage.key for label, stage in graph.made.items()}
        planned.append(Configuration(f"c{number:03}", values, keys))
    return Plan(tuple(planned), stages)


@dataclass(slots=True)
class _Graph:
    """The stages of one configuration."""

    dataset: Dataset
    kit: Kit
    values: Values
    made: dict[str, Stage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kit, legs = self.kit, legs_of(self.kit.mode)
        # A chunker counts in the embedder's tokens.
        self._add("chunk", [self.dataset.digest, kit.chunker.name, kit.embedder.tokenizer], [kit.chunker])
        for leg in legs:
            self._leg(leg)
        found = [f"{name}.{leg}" for name in ("query", "retrieve") for leg in legs]
        fusion = kit.fusion.name if len(legs) > 1 else "none"
        shape = [self.dataset.judged_digest, kit.mode, fusion, kit.reach, kit.candidates, kit.searching]
        self._add("fuse", shape, [kit.fusion.fuse, kit.embedder, kit.sparse], ["chunk", *found])
        if kit.reranks:
            shape = [kit.reranker.name, kit.rerank_depth, kit.reranking]
            self._add("rerank", shape, [kit.reranker], ["chunk", *found, "fuse"])

    def _leg(self, leg: LegName) -> None:
        kit = self.kit
        encoder: Any = kit.embedder if leg == "dense" else kit.sparse
        inputs = ["chunk"]
        if leg == "dense":
            self._add("embed", [kit.embedder.name], [kit.embedder], ["chunk"])
            inputs.append("embed")
        self._add("query", [encoder.name, self.dataset.judged_digest], [encoder], leg=leg)
        self._add("index", [encoder.name], [encoder], inputs, leg)
        # At least DEPTH candidates are asked for in any case.
        inputs = ["chunk", f"index.{leg}", f"query.{leg}"] + (["embed"] if leg == "dense" else [])
        self._add(
            "retrieve",
            [max(DEPTH, kit.candidates), kit.looking if leg == "sparse" else {}],
            [encoder],
            inputs,
            leg,
        )

    def _add(
        self,
        kind: str,
        shape: Sequence[Any],
        parts: Sequence[Any],
        inputs: Sequence[str] = (),
        leg: LegName | None = None,
    ) -> None:
        keys = {label: self.made[label].key for label in inputs}
        code = code_version(["eval.sweep.stages", *sorted({_module(part) for part in parts})])
        address = json.dumps([kind, leg, shape, keys, code], sort_keys=True, default=str)
        key = hashlib.sha256(address.encode()).hexdigest()[:24]
        what = ", ".join(str(one) for one in shape if isinstance(one, str) and len(one) != 64)
        stage = Stage(kind, leg, key, keys, self.values, what)
        self.made[stage.label] = stage


def _module(part: Any) -> str:
    """Where a part's code stands: a function's own module, or that of an object's class."""
    return str(part.__module__ if callable(part) else type(part).__module__)


def in_order(stages: Mapping[str, Stage]) -> Iterator[Stage]:
    """The stages kind after kind: each comes after its inputs."""
    for kind in KINDS:
        yield from (stage for stage in stages.values() if stage.kind == kind)
