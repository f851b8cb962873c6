"""The sections of the settings: a group of names, types, bounds and defaults each."""

from __future__ import annotations

import datetime
import re
import shlex
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

NO_KEY = "no_key"
"""The type of the mistake that a malformed key is."""


def _fits_a_header(key: SecretStr) -> SecretStr:
    word = key.get_secret_value().strip()
    if not re.fullmatch(r"[!-~]*", word):
        raise PydanticCustomError(
            NO_KEY, "a key is one word of ASCII letters, digits and signs, and this one is not"
        )
    return SecretStr(word)


Key = Annotated[SecretStr, AfterValidator(_fits_a_header)]
"""A secret that travels in an HTTP header. A line break in it would end up in an error's text."""


class Section(BaseModel):
    """A group of settings: a typo in a name is an error, and nothing changes after start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EmbeddingSettings(Section):
    """The model that turns text into dense vectors."""

    model: str = Field(
        "bilingual",
        description="bilingual: all-MiniLM-L6-v2 for English, multilingual-e5-small for the rest; else a"
        " sentence-transformers model or its folder; mistral-embed; a server's model",
    )
    url: str | None = Field(
        None, description="a server that speaks OpenAI's protocol (vLLM): its root, without /v1"
    )
    api_key: Key | None = Field(None, description="of that server")
    dimension: int | None = Field(
        None, ge=1, le=65_536, description="of the vectors of a model behind an API"
    )
    max_tokens: int = Field(512, ge=16, le=131_072, description="longest input of the server's model")
    weights: Path | None = Field(None, description="a local folder with the weights of all-MiniLM-L6-v2")
    runtime: Literal["auto", "onnx", "torch"] = Field(
        "auto", description="onnx: compiled once, quick to start; auto: onnx where the model allows it"
    )
    precision: Literal["auto", "fp32", "int8"] = Field(
        "auto", description="of the compiled model; auto: int8 for multilingual-e5-small, fp32 for others"
    )
    batch_size: int = Field(32, ge=1, le=1024)
    cache_entries: int = Field(200_000, ge=0, description="document vectors kept on disk; 0 switches it off")


class ChunkingSettings(Section):
    """How documents are cut."""

    chunker: str = "recursive"
    size: int = Field(200, ge=16, le=8192, description="tokens of the embedder")
    overlap: int = Field(20, ge=0, le=4096, description="tokens of the embedder")


class IndexSettings(Section):
    """Where collections live: a folder under ``home``, or a Qdrant server once its URL is set."""

    qdrant_url: str | None = None
    qdrant_api_key: Key | None = None
    timeout_s: int = Field(10, ge=1, le=3600, description="of one request to the server")
    hnsw_from: int = Field(100_000, ge=1, description="chunks from which an HNSW graph is built")
    hnsw_m: int = Field(16, ge=2, le=256, description="edges of a chunk in the graph")
    hnsw_ef_construct: int = Field(100, ge=4, le=10_000, description="candidates while the graph is built")
    hnsw_ef: int = Field(128, ge=1, le=10_000, description="candidates while the graph is searched")
    quantization: Literal["none", "int8", "binary"] = Field(
        "none", description="of the vectors that the graph is searched over"
    )
    oversampling: float = Field(2.0, ge=1, le=100, description="candidates that exact vectors score again")
    token_vectors: bool = Field(
        False,
        description="keep the vectors of every chunk's tokens for the reranker late_interaction, which then"
        " computes none; takes about 0.2 MB a chunk. The next ingestion makes or removes them",
    )


class RetrievalSettings(Section):
    """How a query becomes hits."""

    mode: Literal["hybrid", "dense", "sparse"] = "hybrid"
    sparse: Literal["bm25", "rank_bm25"] = Field(
        "bm25", description="rank_bm25: the textbook's leg, in memory and slow, to compare with"
    )
    candidates: int = Field(100, ge=1, le=10_000, description="candidates of each leg")
    top_k: int = Field(8, ge=1, le=1000)
    fusion: Literal["rrf", "convex", "dbsf"] = "convex"
    rrf_k: int = Field(60, ge=1, le=10_000)
    dense_weight: float = Field(0.8, ge=0, le=100, description="of the dense leg; the sparse one's is 1")
    dense_weight_unknown: float = Field(
        0.2, ge=0, le=100, description="the same for a question in a language that the embedder does not know"
    )
    reranker: str = Field("auto", description="auto, cross_encoder, late_interaction, llm or none")
    reranker_model: str = "cross-encoder/ms-marco-MiniLM-L6-v2"
    rerank_depth: int = Field(10, ge=1, le=1000)
    rerank_weight: float = Field(
        0.5, ge=0, le=1, description="of the reranker's scores; the fused ones have the rest"
    )
    expansion: Literal["none", "rewrite", "multi_query", "hyde", "decompose"] = Field(
        "none", description="what a question becomes; multi_query and hyde need a language model"
    )
    expansion_queries: int = Field(4, ge=1, le=8, description="of one question, itself included")
    collapse: float | None = Field(
        None, gt=0, le=1, description="share of runs of words that makes hits near duplicates; unset: off"
    )
    mmr: float | None = Field(None, ge=0, le=1, description="weight of relevance against novelty; unset: off")
    widen: Literal["none", "neighbours", "parents"] = Field(
        "none", description="what a hit grows by: chunks on both sides, or its section"
    )
    widen_by: int = Field(1, ge=1, le=20, description="chunks on each side")
    widen_chars: int = Field(4000, ge=200, le=100_000, description="longest passage that a hit grows to")
    review_depth: int = Field(30, ge=1, le=200, description="hits that collapse, mmr and widen look at")
    k1: float = Field(0.9, ge=0, le=10)
    b: float = Field(0.4, ge=0, le=1)


class GenerationSettings(Section):
    """Which model writes the answer."""

    llm: Literal["extractive", "mistral", "vllm"] | None = Field(
        None, description="unset: mistral when a key is there, extractive otherwise"
    )
    model: str | None = Field(
        None, description="the model's name at the backend; unset: mistral_model for mistral"
    )
    mistral_model: str = Field("mistral-small-latest", description="what a Mistral key alone selects")
    judge: str | None = Field(
        None,
        pattern=r"^(mistral|vllm):\S+$",
        description="backend:model that reads cited sentences beside their quotes; unset: rules alone",
    )
    mistral_api_key: Key | None = None
    vllm_api_key: Key | None = Field(None, description="that of vLLM's --api-key, where it has one")
    mistral_url: str = Field("https://api.mistral.ai", description="the server's root, without /v1")
    vllm_url: str = Field("http://localhost:8001", description="the server's root, without /v1")
    prompt_tokens: int = Field(
        6000, ge=500, le=1_000_000, description="tokens of a prompt; fewer where a server's window is small"
    )
    max_tokens: int = Field(1024, ge=16, le=32_768, description="tokens of an answer")

    @property
    def backend(self) -> Literal["extractive", "mistral", "vllm"]:
        """The chosen backend, with the default filled in."""
        return self.llm or ("mistral" if self.mistral_api_key else "extractive")

    def model_at(self, backend: str) -> str:
        """The model's name at a backend; empty where somebody has to set it."""
        return self.model or (self.mistral_model if backend == "mistral" else "")


class RequestSettings(Section):
    """Bounds on a request."""

    deadline_s: float = Field(60.0, gt=0, le=3600)
    concurrency: int = Field(16, ge=1, le=10_000, description="requests answered at once; more get 503")


class ResilienceSettings(Section):
    """What is done when a model is slow, limited or down; for each backend and model by itself."""

    fallbacks: tuple[str, ...] = Field(
        (), description="models to try next, as backend:model; separated by commas in the environment"
    )
    retries: int = Field(3, ge=0, le=20, description="before the first token, for 429, 5xx and no connection")
    backoff_base_s: float = Field(0.25, gt=0, le=60, description="doubles with each retry; with full jitter")
    backoff_cap_s: float = Field(8.0, gt=0, le=600)
    retry_share: float = Field(0.1, ge=0, le=1, description="retries per request, in the long run")
    retry_burst: float = Field(10.0, ge=0, le=10_000, description="retries that may come on top at once")
    idle_s: float = Field(15.0, gt=0, le=3600, description="longest silence of a stream")
    hedge_after_s: float | None = Field(
        None, gt=0, le=3600, description="silence before the first token that gets a second call; unset: none"
    )
    concurrency_start: int = Field(8, ge=1, le=10_000, description="calls at once, to begin with")
    concurrency_max: int = Field(64, ge=1, le=10_000, description="calls at once, however well it goes")
    waiting: int = Field(1024, ge=0, le=100_000, description="calls that wait for their turn")
    breaker_failures: int = Field(5, ge=1, le=1000, description="in a row, until the backend is left alone")
    breaker_open_s: float = Field(1.0, gt=0, le=3600, description="until one call tries it; then doubles")
    breaker_open_max_s: float = Field(15.0, gt=0, le=3600, description="longest time between two tries")

    @field_validator("fallbacks", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        names = value.split(",") if isinstance(value, str) else value
        if isinstance(names, list | tuple):
            for name in names:
                if not re.fullmatch(r"\s*(mistral|vllm):\S+\s*", str(name)):
                    raise ValueError(f"{name!r} is no mistral:MODEL or vllm:MODEL")
            return tuple(str(name).strip() for name in names)
        return names


class AgentSettings(Section):
    """What one question may use before it has to be answered with what was found."""

    steps: int = Field(16, ge=8, le=1000, description="nodes of the graph that run")
    tool_calls: int = Field(8, ge=1, le=1000)
    parallel: int = Field(4, ge=1, le=64, description="tool calls of one round, side by side")
    rewrites: int = Field(2, ge=0, le=20, description="ways back from thin evidence")
    tokens: int = Field(40_000, ge=0, le=100_000_000, description="of prompts and replies")
    money: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="in the currency of the model's entry in prices"
    )
    reserve_s: float = Field(5.0, ge=0, le=600, description="before the deadline, kept for the answer")
    tools_offered: int = Field(
        12, ge=2, le=200, description="tools that a model is shown; of more, the best for a question"
    )


class McpSettings(Section):
    """A server of tools (Model Context Protocol): a command that is started here, or a URL."""

    command: tuple[str, ...] = Field(
        (), description="the program and its arguments; as a shell writes them in the environment"
    )
    url: str | None = Field(None, description="streamable HTTP, such as http://localhost:8080/mcp")
    tools: tuple[str, ...] = Field(
        (), description="those that may be called; unset: all; separated by commas in the environment"
    )
    timeout_s: float = Field(15.0, gt=0, le=600, description="of one call")
    approval: Literal["always", "unless_read_only", "never"] = Field(
        "always",
        description="of its calls by a yes; unless_read_only: the server says that a tool only reads",
    )

    @field_validator("command", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return tuple(shlex.split(value)) if isinstance(value, str) else value

    @field_validator("tools", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_address(self) -> McpSettings:
        if bool(self.command) == bool(self.url):
            raise ValueError("give a command or a url, one of the two")
        return self


class MemorySettings(Section):
    """Where conversations are kept, and how much of them."""

    database_url: SecretStr | None = Field(None, description="PostgreSQL; unset: a file below home")
    keep_turns: int = Field(20, ge=1, le=10_000, description="turns of a thread that can be gone back to")
    history_tokens: int = Field(
        2000, ge=100, le=1_000_000, description="kept word for word, up to a quarter of prompt_tokens"
    )


class CacheSettings(Section):
    """Answers that are given again while the collection, the model and the prompts are the same."""

    store: Literal["auto", "memory", "redis", "none"] = Field(
        "auto", description="auto: redis once its URL is set, else in the process"
    )
    redis_url: SecretStr | None = None
    entries: int = Field(1000, ge=1, le=1_000_000, description="answers kept; those used longest ago go")
    fresh_s: float = Field(3600.0, gt=0, le=31_536_000, description="age up to which no new answer is made")
    kept_s: float = Field(
        86_400.0, gt=0, le=31_536_000, description="age up to which one is given when no model answers"
    )
    similarity: float | None = Field(
        None,
        gt=0,
        le=1,
        description="cosine from which two questions are one; unset: same words only. Even at .98 one near"
        " miss in ten is taken for the same question (docs/generation.md)",
    )

    @property
    def backend(self) -> Literal["memory", "redis", "none"]:
        """The chosen store, with the default filled in."""
        if self.store != "auto":
            return self.store
        return "redis" if self.redis_url else "memory"


class JudgeSettings(Section):
    """The model that judges answers, and how it may be asked."""

    llm: Literal["extractive", "mistral", "vllm"] | None = Field(None, description="unset: as generation.llm")
    model: str | None = Field(None, description="unset: as generation.model, where the backend is the same")
    concurrency: int = Field(8, ge=1, le=256, description="calls at once")
    per_minute: int | None = Field(None, ge=1, le=100_000, description="calls begun in a minute")
    attempts: int = Field(4, ge=1, le=20, description="for one reply, while the backend is down")
    deadline_s: float = Field(120.0, gt=0, le=3600, description="of one call")
    cache_entries: int = Field(200_000, ge=0, description="replies kept on disk; 0 switches it off")


class PriceSettings(Section):
    """What a model costs per million tokens, and when that was read: prices change."""

    prompt: float = Field(ge=0, allow_inf_nan=False)
    completion: float = Field(ge=0, allow_inf_nan=False)
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")
    date: datetime.date
