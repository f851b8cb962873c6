"""The handbook's formulas as data: what a question has to speak of, what it has to give, what comes out."""

from rag.llm.formulas.base import Formula, Match
from rag.llm.formulas.corpora import FORMULAS as _CORPORA
from rag.llm.formulas.evaluation import FORMULAS as _EVALUATION
from rag.llm.formulas.inference import FORMULAS as _INFERENCE
from rag.llm.formulas.matching import best_match
from rag.llm.formulas.models import FORMULAS as _MODELS
from rag.llm.formulas.retrieval import FORMULAS as _RETRIEVAL
from rag.llm.formulas.serving import FORMULAS as _SERVING
from rag.llm.formulas.systems import FORMULAS as _SYSTEMS
from rag.llm.formulas.transformer import FORMULAS as _TRANSFORMER

__all__ = ["FORMULAS", "Formula", "Match", "best_match"]

FORMULAS: tuple[Formula, ...] = (
    *_TRANSFORMER,
    *_INFERENCE,
    *_RETRIEVAL,
    *_SYSTEMS,
    *_MODELS,
    *_CORPORA,
    *_SERVING,
    *_EVALUATION,
)
"""All of them."""
