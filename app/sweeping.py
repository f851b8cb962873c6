"""Sweeps over the settings' parts: which settings a sweep may vary, and the parts of each configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.evaluation import shaping_settings
from app.parts import (
    Parts,
    build_chat,
    build_retriever,
    build_settings_chunker,
    build_settings_embedder,
    build_settings_reranker,
    with_sparse_leg,
)
from app.respondent import answer_settings, build_answer_kit
from app.sections import RetrievalSettings
from app.settings import Settings, load_settings
from eval.sweep.asking import check_labelled
from eval.sweep.file import UnknownSetting
from eval.sweep.kit import Kit
from eval.sweep.measures import Asking
from eval.sweep.space import Values
from rag.embedding.base import Embedder
from rag.errors import BadInput, ConfigurationError, UnknownChoice
from rag.fusion import build_fusion
from rag.fusion.base import Fusion
from rag.index import build_index_store
from rag.index.base import Index
from rag.llm.base import ChatModel
from rag.llm.extractive import EXTRACTIVE
from rag.reranking.base import Reranker
from rag.resilience.workers import Workers
from rag.retriever import Retriever
from rag.sparse import build_sparse_encoder
from rag.sparse.base import SparseEncoder

SECTIONS = ("embedding", "chunking", "retrieval")
"""What any sweep can vary."""
ANSWERING = ("generation", "agent")
"""What a sweep of answers can vary beside those, and ``GRAPH``."""
GRAPH, GRAPHS = "graph", ("chain", "agent")
"""The name under which a sweep chooses who answers, which is no setting but asked for with each question."""
DEFAULTS: Values = {"chunking.chunker": "whole", "retrieval.reranker": "none"}
"""Where a configuration does not say otherwise: those of ``ardoise eval run``."""
_NAMED = frozenset(
    "mode candidates fusion rrf_k reranker reranker_model rerank_depth k1 b".split()  # noqa: SIM905 - a table
)
"""Retrieval settings that the kit has by name, or that the names of its parts tell."""
_LOOKING = frozenset({"sparse"})
_RERANKING = frozenset({"rerank_weight"})
_AROUND = frozenset({"expansion", "collapse", "mmr", "widen"})
"""What comes before and behind the retriever, which is all that a sweep of rankings takes apart."""
_UNUSED = frozenset({"top_k"})
"""An evaluation ranks to a depth of its own."""


class SettingsKits:
    """The kit for some settings; parts that load a model are made once for all that share them.

    It can be sent to another process, which makes its own parts.
    """

    def __init__(self, file: Path | None = None, answers: bool = False) -> None:
        """``file`` is read for settings instead of ``ardoise.toml``; ``answers`` makes kits that answer."""
        self._file = file
        self._answers = answers
        self._parts: dict[tuple[str, ...], Any] = {}

    def __reduce__(self) -> tuple[type[SettingsKits], tuple[Path | None, bool]]:
        return SettingsKits, (self._file, self._answers)

    def answering(self) -> SettingsKits:
        """Kits that answer, made of the same parts."""
        kits = SettingsKits(self._file, answers=True)
        kits._parts = self._parts
        return kits

    def settings(self, values: Values) -> Settings:
        """The settings of a configuration; ``ConfigurationError`` if they do not go together."""
        overrides = {**DEFAULTS, **{name: value for name, value in values.items() if name != GRAPH}}
        settings = load_settings(overrides=overrides, file=self._file)
        if self._answers:
            return settings
        standard = RetrievalSettings()
        for name in sorted(_AROUND):
            if getattr(settings.retrieval, name) != getattr(standard, name):
                raise ConfigurationError(
                    f"a sweep of rankings has no stage for retrieval.{name}: measure it with "
                    "`ardoise eval run --set`, or by the answers, with measures such as token_f1"
                )
        return settings

    def __call__(self, values: Values) -> Kit:
        """The kit.

        Raises:
            BadInput: the settings do not go together, or name a part that is not there.
        """
        settings = self.settings(values)
        retrieval = settings.retrieval
        parts = self._common(settings)
        agent = values.get(GRAPH, GRAPHS[0]) == "agent"
        return Kit(
            chunker=build_settings_chunker(settings, parts.embedder),
            embedder=parts.embedder,
            sparse=parts.sparse,
            fusion=parts.fusion,
            reranker=parts.reranker,
            retriever=_Build(parts, settings),
            mode=retrieval.mode,
            candidates=retrieval.candidates,
            rerank_depth=retrieval.rerank_depth,
            deadline_s=settings.request.deadline_s,
            searched=lambda index: with_sparse_leg(parts, settings, index),
            looking=_some(retrieval, _LOOKING),
            searching=_others(retrieval, _NAMED | _LOOKING | _RERANKING | _UNUSED),
            reranking=_some(retrieval, _RERANKING),
            settings=shaping_settings(settings) | (answer_settings(settings, agent) if self._answers else {}),
            answers=build_answer_kit(settings, parts, agent) if self._answers else None,
        )

    def _common(self, settings: Settings) -> Parts:
        retrieval = settings.retrieval
        embedding = settings.embedding.model_dump_json()
        embedder: Embedder = self._once(("embedder", embedding), lambda: build_settings_embedder(settings))
        chat: ChatModel = self._once(
            ("chat", embedding, settings.generation.model_dump_json()),
            lambda: build_chat(settings, settings.generation.backend, embedder),
        )
        reranker, why = self._once(
            ("reranker", embedding, retrieval.reranker, retrieval.reranker_model),
            lambda: build_settings_reranker(settings, retrieval.reranker, embedder, chat),
        )
        return Parts(
            embedder=embedder,
            sparse=build_sparse_encoder(k1=retrieval.k1, b=retrieval.b),
            store=self._once(
                ("store",), lambda: build_index_store("edge", root=settings.home / "eval" / "unused")
            ),
            reranker=reranker,
            reranker_why=why,
            fusion=build_fusion(retrieval.fusion, k=retrieval.rrf_k),
            workers=self._once(("workers",), lambda: Workers(threads=1, name="analyze")),
            chat=chat,
            offline=self._once(("offline", embedding), lambda: build_chat(settings, "extractive", embedder)),
        )

    def _once(self, key: tuple[str, ...], build: Any) -> Any:
        if key not in self._parts:
            self._parts[key] = build()
        return self._parts[key]


class _Build:
    """The retriever of a configuration over other parts."""

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self._parts = parts
        # What the sparse leg found is played back: nothing may be put in front of it.
        retrieval = settings.retrieval.model_copy(update={"sparse": "bm25"})
        self._settings = settings.model_copy(update={"retrieval": retrieval})

    def __call__(
        self, index: Index, embedder: Embedder, sparse: SparseEncoder, fusion: Fusion, reranker: Reranker
    ) -> Retriever:
        parts = replace(self._parts, embedder=embedder, sparse=sparse, fusion=fusion)
        return build_retriever(parts, self._settings, index, reranker)


class SettingsChecks:
    """Tells what is wrong with the settings that a sweep's file names."""

    def __init__(self, kits: SettingsKits, dataset: Path) -> None:
        """``dataset`` is the folder that will be swept over."""
        self._kits = kits
        self._dataset = dataset

    @cached_property
    def _names(self) -> dict[str, Any]:
        """The settings that a sweep may vary, with their fields; no addresses, no secrets."""
        return {
            f"{section}.{name}": field
            for section in (*SECTIONS, *ANSWERING)
            for name, field in _section(section).model_fields.items()
            if "key" not in name and "url" not in name
        }

    def setting(self, name: str, value: Any) -> None:
        """``UnknownSetting`` if no sweep can vary it, ``BadInput`` if the value is out of its bounds."""
        if name == GRAPH:
            if value not in GRAPHS:
                raise UnknownChoice(GRAPH, value, GRAPHS)
            return
        field = self._names.get(name)
        if field is None:
            near = [known for known in self._names if known.partition(".")[0] == name.partition(".")[0]]
            choices = near or [*self._names, GRAPH]
            raise UnknownSetting(f"unknown setting {name!r}: choose one of {', '.join(choices)}")
        try:
            kind: Any = Annotated[field.annotation, field]
            TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            mistake = error.errors(include_url=False)[0]
            raise BadInput(f"{name}: {mistake['msg']} (got {value!r})") from None

    def of_answers(self, name: str) -> bool:
        """Whether a setting shapes answers and no ranking."""
        return name == GRAPH or name.partition(".")[0] in ANSWERING

    def labelled(self) -> None:
        """``BadInput`` if the data set has no labelled questions."""
        check_labelled(self._dataset)

    def configuration(self, values: Values, asking: Asking | None) -> bool:
        """Whether a model is in the loop of answering.

        ``BadInput`` if these values do not go together, or name a part that does not exist.
        """
        answers = (self._kits.answering() if asking else self._kits)(values).answers
        if answers is None or asking is None:
            return False
        if asking.judge == "ragas" and answers.judge_model == EXTRACTIVE:
            raise BadInput("the judge 'ragas' needs a chat model: set ARDOISE_JUDGE__LLM to mistral or vllm")
        return not answers.by_rule


def _section(name: str) -> type[BaseModel]:
    kind = Settings.model_fields[name].annotation
    assert isinstance(kind, type)  # noqa: S101 - sections are classes
    return kind


def _some(section: BaseModel, names: frozenset[str]) -> Mapping[str, Any]:
    return section.model_dump(include=set(names))


def _others(section: BaseModel, names: frozenset[str]) -> Mapping[str, Any]:
    return section.model_dump(exclude=set(names))
