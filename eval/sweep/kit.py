"""What a sweep needs of a configuration: the parts that its settings choose, and what shapes a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from eval.run import DEPTH
from eval.sweep.answer_kit import AnswerKit
from eval.sweep.space import Values
from ingest.chunkers.base import Chunker
from rag.embedding.base import Embedder
from rag.fusion.base import Fusion
from rag.index.base import Index
from rag.reranking.base import Reranker
from rag.reranking.none import NoReranker
from rag.retriever import Mode, Retriever
from rag.sparse.base import SparseEncoder


class BuildRetriever(Protocol):
    """The retriever that these settings make, over other parts than theirs."""

    def __call__(
        self, index: Index, embedder: Embedder, sparse: SparseEncoder, fusion: Fusion, reranker: Reranker
    ) -> Retriever:
        """The retriever; the rest of the settings is the configuration's."""


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts of one configuration. Their names say what they compute, as their contracts promise.

    ``searched`` makes an index into what the legs look things up in; ``looking`` are the settings behind it.
    ``searching`` are the other settings that shape a search, and ``reranking`` those that shape only what
    comes after the fusion: stages of configurations that agree in them are shared. ``settings`` are all that
    shape numbers, by ``section.name``, for the record. ``answers`` is how the configuration answers, where a
    sweep is of answers.
    """

    chunker: Chunker
    embedder: Embedder
    sparse: SparseEncoder
    fusion: Fusion
    reranker: Reranker
    retriever: BuildRetriever
    mode: Mode = "hybrid"
    candidates: int = 100
    rerank_depth: int = 30
    deadline_s: float = 60.0
    searched: Callable[[Index], Index] = lambda index: index
    looking: Mapping[str, Any] = field(default_factory=dict)
    searching: Mapping[str, Any] = field(default_factory=dict)
    reranking: Mapping[str, Any] = field(default_factory=dict)
    settings: Values = field(default_factory=dict)
    answers: AnswerKit | None = None

    @property
    def reranks(self) -> bool:
        """Whether there is a reranker."""
        return not isinstance(self.reranker, NoReranker)

    @property
    def reach(self) -> int:
        """How much of a fused ranking matters, where fewer would do to find enough documents."""
        return max(DEPTH, self.rerank_depth) if self.reranks else DEPTH


Kits = Callable[[Values], Kit]
"""The kit for settings; a function that can be sent to another process, and that keeps what is costly."""
