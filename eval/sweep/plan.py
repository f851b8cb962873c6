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
from eval.sweep.answer_kit import AnswerKit
from eval.sweep.asking import digest_of, read_asked
from eval.sweep.code import code_version
from eval.sweep.kit import Kit, Kits
from eval.sweep.measures import Asking
from eval.sweep.space import Values
from rag.index.base import LegName
from rag.retriever import legs_of

KINDS = (
    "chunk",
    "embed",
    "query",
    "index",
    "retrieve",
    "fuse",
    "rerank",
    "assemble",
    "generate",
    "judge",
)
"""In the order of the pipeline; ``query`` encodes the questions for a leg. A sweep of rankings ends with
``fuse`` or ``rerank``. A sweep of answers goes from the indexes to ``assemble``, which searches as the system
does and gathers the passages that a question is answered from, ``generate``, which answers once, and
``judge``; an agent assembles for itself while it answers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One computation that any number of configurations share.

    ``inputs`` maps the labels of other stages (``retrieve.dense``) to their keys; ``values`` are the settings
    of one of the configurations, from which its parts are made; ``what`` names the parts for a reader.
    ``repeat`` counts from 0 where the same is done again.
    """

    kind: str
    leg: LegName | None
    key: str
    inputs: Mapping[str, str]
    values: Values
    what: str
    repeat: int | None = None

    @property
    def label(self) -> str:
        """The kind, with the leg or the repeat where there is one."""
        of = self.leg if self.repeat is None else self.repeat
        return self.kind if of is None else f"{self.kind}.{of}"

    @property
    def holds(self) -> frozenset[str]:
        """What no other stage may use at the same time: an index has one user."""
        used = frozenset(key for label, key in self.inputs.items() if label.startswith("index."))
        return used | {self.key} if self.kind == "index" else used

    @property
    def pace(self) -> str:
        """What the stages have in common that take about as long: writing depends on who writes."""
        return f"{self.kind} {self.what}" if self.kind in ("generate", "judge") else self.kind


@dataclass(frozen=True, slots=True)
class Configuration:
    """Values for the axes and, by label, the keys of the stages that lead to its ranking."""

    id: str
    values: Values
    stages: Mapping[str, str]

    @property
    def last(self) -> str:
        """The label of the stage whose ranking counts, or whose answers."""
        return next(label for label in ("generate.0", "rerank", "fuse") if label in self.stages)

    def repeats(self, kind: str) -> list[str]:
        """The labels of its stages of a kind that is repeated, in order."""
        return [label for label in self.stages if label.startswith(f"{kind}.")]


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
        """Configurations that come to the very result of another: settings that mean nothing to them."""
        return len(self.configurations) - len({one.stages[one.last] for one in self.configurations})

    def without_sharing(self) -> int:
        """Stage runs if each configuration ran by itself."""
        return sum(len(configuration.stages) for configuration in self.configurations)


def make_plan(
    configurations: Sequence[Values],
    fixed: Values,
    dataset: Dataset,
    kits: Kits,
    asking: Asking | None = None,
) -> Plan:
    """The plan for some configurations, called c000 and on in their order; ``asking``: for answers.

    Raises:
        BadInput: a configuration names a part that does not exist or cannot be used.
    """
    stages: dict[str, Stage] = {}
    planned = []
    labels = digest_of(read_asked(dataset.folder, dataset.split, asking.questions)) if asking else ""
    for number, values in enumerate(configurations):
        settings = {**fixed, **values}
        graph = _Graph(dataset, kits(settings), settings, asking, labels)
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
    asking: Asking | None
    labels: str
    made: dict[str, Stage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kit = self.kit
        # A chunker counts in the embedder's tokens.
        self._add("chunk", [self.dataset.digest, kit.chunker.name, kit.embedder.tokenizer], [kit.chunker])
        for leg in legs_of(kit.mode):
            self._index(leg)
        if self.asking and kit.answers:
            self._answers(self.asking, kit.answers)
        else:
            self._ranking()

    def _ranking(self) -> None:
        kit, legs = self.kit, legs_of(self.kit.mode)
        for leg in legs:
            self._retrieve(leg)
        found = [f"{name}.{leg}" for name in ("query", "retrieve") for leg in legs]
        fusion = kit.fusion.name if len(legs) > 1 else "none"
        shape = [self.dataset.judged_digest, kit.mode, fusion, kit.reach, kit.candidates, kit.searching]
        self._add("fuse", shape, [kit.fusion.fuse, kit.embedder, kit.sparse], ["chunk", *found])
        if kit.reranks:
            shape = [kit.reranker.name, kit.rerank_depth, kit.reranking]
            self._add("rerank", shape, [kit.reranker], ["chunk", *found, "fuse"])

    def _index(self, leg: LegName) -> None:
        encoder: Any = self._encoder(leg)
        inputs = ["chunk"]
        if leg == "dense":
            self._add("embed", [encoder.name], [encoder], ["chunk"])
            inputs.append("embed")
        self._add("index", [encoder.name], [encoder], inputs, leg)

    def _retrieve(self, leg: LegName) -> None:
        kit, encoder = self.kit, self._encoder(leg)
        self._add("query", [encoder.name, self.dataset.judged_digest], [encoder], leg=leg)
        # At least DEPTH candidates are asked for in any case.
        inputs = ["chunk", f"index.{leg}", f"query.{leg}"] + (["embed"] if leg == "dense" else [])
        shape = [max(DEPTH, kit.candidates), kit.looking if leg == "sparse" else {}]
        self._add("retrieve", shape, [encoder], inputs, leg)

    def _answers(self, asking: Asking, answers: AnswerKit) -> None:
        kit, legs = self.kit, legs_of(self.kit.mode)
        code = ("eval.sweep.answering", *answers.modules)
        parts = [kit.fusion.fuse, kit.embedder, kit.sparse, kit.reranker]
        inputs = ["chunk", *(f"index.{leg}" for leg in legs), *(["embed"] if "dense" in legs else [])]
        finding = [self.labels, kit.mode, kit.reranker.name, answers.finding]
        if not answers.agent:
            self._add("assemble", finding, parts, inputs, code=code)
        for repeat in range(1 if answers.by_rule else asking.repeats):
            saying = [answers.graph, answers.model, self.labels, answers.saying, repeat]
            if answers.agent:
                self._add("generate", [*saying, *finding], parts, inputs, repeat=repeat, code=code)
            else:
                self._add("generate", saying, [], ["assemble"], repeat=repeat, code=code)
            if asking.judge != "none":
                shape = [asking.judge, answers.judge_model, self.labels, asking.judged, answers.judging]
                self._add("judge", shape, [], [f"generate.{repeat}"], repeat=repeat, code=code)

    def _encoder(self, leg: LegName) -> Any:
        return self.kit.embedder if leg == "dense" else self.kit.sparse

    def _add(
        self,
        kind: str,
        shape: Sequence[Any],
        parts: Sequence[Any],
        inputs: Sequence[str] = (),
        leg: LegName | None = None,
        repeat: int | None = None,
        code: Sequence[str] = (),
    ) -> None:
        keys = {label: self.made[label].key for label in inputs}
        version = code_version(["eval.sweep.stages", *sorted({_module(part) for part in parts} | set(code))])
        address = json.dumps([kind, leg, shape, keys, version], sort_keys=True, default=str)
        key = hashlib.sha256(address.encode()).hexdigest()[:24]
        what = ", ".join(str(one) for one in shape if isinstance(one, str) and one and len(one) != 64)
        stage = Stage(kind, leg, key, keys, self.values, what, repeat)
        self.made[stage.label] = stage


def _module(part: Any) -> str:
    """Where a part's code stands: a function's own module, or that of an object's class."""
    return str(part.__module__ if callable(part) else type(part).__module__)


def in_order(stages: Mapping[str, Stage]) -> Iterator[Stage]:
    """The stages kind after kind: each comes after its inputs."""
    for kind in KINDS:
        yield from (stage for stage in stages.values() if stage.kind == kind)
