"""The handbook's formulas as data: what a question has to speak of, what it has to give, what comes out."""

from rag.llm.formulas.adapters import FORMULAS as _ADAPTERS
from rag.llm.formulas.agents import FORMULAS as _AGENTS
from rag.llm.formulas.answers import FORMULAS as _ANSWERS
from rag.llm.formulas.attention import FORMULAS as _ATTENTION
from rag.llm.formulas.base import Formula, Match
from rag.llm.formulas.batches import FORMULAS as _BATCHES
from rag.llm.formulas.blocks import FORMULAS as _BLOCKS
from rag.llm.formulas.caches import FORMULAS as _CACHES
from rag.llm.formulas.compute import FORMULAS as _COMPUTE
from rag.llm.formulas.decoders import FORMULAS as _DECODERS
from rag.llm.formulas.decoding import FORMULAS as _DECODING
from rag.llm.formulas.fleets import FORMULAS as _FLEETS
from rag.llm.formulas.hosting import FORMULAS as _HOSTING
from rag.llm.formulas.indexes import FORMULAS as _INDEXES
from rag.llm.formulas.judgements import FORMULAS as _JUDGEMENTS
from rag.llm.formulas.loads import FORMULAS as _LOADS
from rag.llm.formulas.matching import best_match
from rag.llm.formulas.metrics import FORMULAS as _METRICS
from rag.llm.formulas.mistral import FORMULAS as _MISTRAL
from rag.llm.formulas.models import FORMULAS as _MODELS
from rag.llm.formulas.outages import FORMULAS as _OUTAGES
from rag.llm.formulas.passages import FORMULAS as _PASSAGES
from rag.llm.formulas.positions import FORMULAS as _POSITIONS
from rag.llm.formulas.preferences import FORMULAS as _PREFERENCES
from rag.llm.formulas.quantization import FORMULAS as _QUANTIZATION
from rag.llm.formulas.rankings import FORMULAS as _RANKINGS
from rag.llm.formulas.reliability import FORMULAS as _RELIABILITY
from rag.llm.formulas.runs import FORMULAS as _RUNS
from rag.llm.formulas.safeguards import FORMULAS as _SAFEGUARDS
from rag.llm.formulas.service import FORMULAS as _SERVICE
from rag.llm.formulas.shards import FORMULAS as _SHARDS
from rag.llm.formulas.tokens import FORMULAS as _TOKENS
from rag.llm.formulas.training import FORMULAS as _TRAINING

__all__ = ["FORMULAS", "Formula", "Match", "best_match"]

FORMULAS: tuple[Formula, ...] = (
    *_ATTENTION,
    *_POSITIONS,
    *_DECODERS,
    *_BLOCKS,
    *_COMPUTE,
    *_TOKENS,
    *_TRAINING,
    *_ADAPTERS,
    *_PREFERENCES,
    *_ANSWERS,
    *_CACHES,
    *_DECODING,
    *_BATCHES,
    *_HOSTING,
    *_MISTRAL,
    *_INDEXES,
    *_JUDGEMENTS,
    *_METRICS,
    *_PASSAGES,
    *_QUANTIZATION,
    *_RANKINGS,
    *_SERVICE,
    *_SHARDS,
    *_RELIABILITY,
    *_FLEETS,
    *_AGENTS,
    *_SAFEGUARDS,
    *_RUNS,
    *_LOADS,
    *_OUTAGES,
    *_MODELS,
)
"""All of them."""
