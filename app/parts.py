"""The composition root: each part that the settings choose, built once. Tests build ``Parts`` from fakes."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from agents.tools.connections import McpConnections, ToolSource
from agents.tools.mcp import McpServer
from app.settings import Settings
from ingest.chunkers import build_chunker
from ingest.chunkers.base import Chunker
from rag.answer.cache import build_answer_cache
from rag.answer.cache.answers import AnswerCache
from rag.embedding import Remote, build_embedder, sentence_embedder
from rag.embedding.base import Embedder
from rag.errors import ConfigurationError, UnknownChoice
from rag.fusion import build_fusion
from rag.fusion.base import Fusion
from rag.fusion.weights import DenseWeight
from rag.headed import passage_text
from rag.index import build_index_store
from rag.index.base import Index, IndexStore
from rag.index.tuning import Tuning
from rag.llm import build_chat_model
from rag.llm.base import ChatModel
from rag.llm.resilient import ResilientChat
from rag.llm.structured import StructuredChat
from rag.queries import build_expander
from rag.queries.stage import Expansion
from rag.ranking import build_widening
from rag.ranking.source import Sources
from rag.ranking.stage import Review
from rag.reranking import build_reranker, over_index
from rag.reranking.base import Reranker
from rag.resilience.policy import Policies, PolicyLimits
from rag.resilience.workers import Workers
from rag.retriever import Retriever
from rag.search import Searcher, Searching
from rag.sparse import build_sparse_encoder
from rag.sparse.base import SparseEncoder
from rag.telemetry.metrics import Metrics
from rag.types import Chunk


@dataclass(frozen=True, slots=True)
class Parts:
    """What a system is made of.

    ``others`` are asked when ``chat`` fails; ``offline`` plans and answers by rule when no model can.
    ``judge`` reads cited sentences beside their quotes, where there is one. Without a ``cache`` every
    question is answered anew. ``foreign`` has tools of other programs. ``policies`` are those of the models.
    """

    embedder: Embedder
    sparse: SparseEncoder
    store: IndexStore
    reranker: Reranker
    reranker_why: str
    fusion: Fusion
    workers: Workers
    chat: ChatModel
    offline: ChatModel
    others: tuple[ChatModel, ...] = ()
    judge: ChatModel | None = None
    metrics: Metrics = field(default_factory=Metrics)
    policies: Policies = field(default_factory=Policies)
    cache: AnswerCache | None = None
    foreign: ToolSource | None = None


def build_parts(settings: Settings, store: IndexStore) -> Parts:
    """The parts for ``settings`` over ``store``; weights are found here and loaded at their first use.

    Raises:
        ConfigurationError: weights, keys or names that a part needs are missing.
    """
    embedder = build_settings_embedder(settings)
    check_token_vectors(settings, embedder)
    retrieval = settings.retrieval
    metrics, policies = Metrics(), Policies()
    chat = build_resilient_chat(settings, settings.generation.backend, embedder, metrics, policies)
    reranker, why = build_settings_reranker(settings, retrieval.reranker, embedder, chat)
    return Parts(
        embedder=embedder,
        sparse=build_sparse_encoder(k1=retrieval.k1, b=retrieval.b),
        store=store,
        reranker=reranker,
        reranker_why=why,
        fusion=build_fusion(retrieval.fusion, k=retrieval.rrf_k),
        workers=Workers(threads=1, name="analyze"),
        chat=chat,
        offline=build_chat(settings, "extractive", embedder),
        others=build_fallbacks(settings, embedder, metrics, policies),
        judge=build_citation_judge(settings, embedder, metrics, policies),
        metrics=metrics,
        policies=policies,
        cache=build_settings_cache(settings, embedder, metrics),
        foreign=McpConnections(build_mcp_servers(settings)) if settings.mcp else None,
    )


def build_mcp_servers(settings: Settings) -> tuple[McpServer, ...]:
    """The servers of tools that the settings name."""
    return tuple(
        McpServer(
            name,
            url=server.url or "",
            command=server.command[0] if server.command else "",
            arguments=server.command[1:],
            tools=server.tools,
            timeout_s=server.timeout_s,
            approval=server.approval,
        )
        for name, server in settings.mcp.items()
    )


def build_settings_cache(settings: Settings, embedder: Embedder, metrics: Metrics) -> AnswerCache | None:
    """The answer cache that the settings choose, if any.

    Raises:
        ConfigurationError: Redis is chosen, and its URL is missing or none.
        MissingExtra: Redis is chosen, and its package is not installed.
    """
    cache = settings.cache
    if cache.backend == "none":
        return None
    return build_answer_cache(
        cache.backend,
        url=_secret(cache.redis_url),
        entries=cache.entries,
        fresh_s=cache.fresh_s,
        kept_s=cache.kept_s,
        embedder=sentence_embedder(embedder),
        similarity=cache.similarity,
        metrics=metrics,
    )


def build_retriever(parts: Parts, settings: Settings, index: Index, reranker: Reranker) -> Retriever:
    """The retriever over one index."""
    return Retriever(
        parts.embedder,
        parts.sparse,
        index,
        over_index(reranker, index),
        parts.fusion,
        parts.workers,
        candidates=settings.retrieval.candidates,
        rerank_top=settings.retrieval.rerank_depth,
        rerank_weight=settings.retrieval.rerank_weight,
        dense_weight=DenseWeight(settings.retrieval.dense_weight, settings.retrieval.dense_weight_unknown),
    )


def build_searcher(
    parts: Parts, settings: Settings, index: Index, reranker: Reranker, sources: Sources
) -> Searching:
    """The retriever over one index, with what the settings put before and behind it."""
    retriever, retrieval = build_retriever(parts, settings, index, reranker), settings.retrieval
    widening = build_widening(retrieval.widen, retrieval.widen_by, retrieval.widen_chars)
    review = Review(
        parts.workers, retrieval.collapse, retrieval.mmr, widening, sources, retrieval.review_depth
    )
    if retrieval.expansion == "none" and not review.steps:
        return retriever
    chat = None if settings.generation.backend == "extractive" else parts.chat
    expander = build_expander(retrieval.expansion, chat=chat, most=retrieval.expansion_queries)
    return Searcher(retriever, Expansion(expander), review, retrieval.rrf_k)


def with_sparse_leg(parts: Parts, settings: Settings, index: Index) -> Index:
    """The index, with the sparse leg that the settings choose in front of it."""
    retrieval = settings.retrieval
    if retrieval.sparse == "bm25":
        return index
    from rag.index.rank_bm25 import RankBm25Index

    def term_ids(chunk: Chunk) -> list[int]:
        return parts.sparse.term_ids(passage_text(chunk), str(chunk.metadata["language"]))

    return RankBm25Index(index, term_ids, retrieval.k1, retrieval.b)


def build_tuning(settings: Settings) -> Tuning:
    """How the settings want the dense leg built and searched."""
    index = settings.index
    return Tuning(
        hnsw_from=index.hnsw_from,
        m=index.hnsw_m,
        ef_construct=index.hnsw_ef_construct,
        ef=index.hnsw_ef,
        quantization=index.quantization,
        oversampling=index.oversampling,
    )


def check_token_vectors(settings: Settings, embedder: Embedder) -> None:
    """Sees that the vectors of tokens can be made, where the settings want them kept.

    Raises:
        ConfigurationError: the embedder has none.
    """
    if settings.index.token_vectors and embedder.token_embedder("en") is None:
        raise ConfigurationError(
            f"index.token_vectors keeps the vectors of tokens, which {embedder.name} does not give: choose a"
            " local model on onnxruntime (ARDOISE_EMBEDDING__RUNTIME=onnx), or switch it off"
        )


def build_settings_reranker(
    settings: Settings, kind: str, embedder: Embedder, chat: ChatModel
) -> tuple[Reranker, str]:
    """The reranker called ``kind`` over the settings' models, and why it is the one.

    Raises:
        UnknownChoice, ConfigurationError: as ``build_reranker`` raises them.
    """
    llm = None if settings.generation.backend == "extractive" else chat
    return build_reranker(kind, model=settings.retrieval.reranker_model, embedder=embedder, chat=llm)


def build_settings_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name, with its cache on disk.

    Raises:
        ConfigurationError: its weights are nowhere to be found.
    """
    embedding = settings.embedding
    return build_embedder(
        embedding.model,
        folder=embedding.weights,
        models=settings.home / "models",
        runtime=embedding.runtime,
        precision=embedding.precision,
        cache=settings.home / "cache" / "embeddings.sqlite" if embedding.cache_entries else None,
        cache_entries=embedding.cache_entries,
        batch_size=embedding.batch_size,
        remote=Remote(
            url=embedding.url,
            api_key=_secret(embedding.api_key),
            dimension=embedding.dimension,
            max_tokens=embedding.max_tokens,
            mistral_url=settings.generation.mistral_url,
            mistral_api_key=_secret(settings.generation.mistral_api_key),
        ),
    )


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""


def build_store(settings: Settings, owner: str, url: str | None) -> IndexStore:
    """Where collections live: a Qdrant server once its URL is set, else a folder under ``home``.

    ``owner`` (a command) and ``url`` (a service's address) are told to processes that find one in use.
    """
    index = settings.index
    if index.qdrant_url is None:
        root = settings.home / "collections"
        return build_index_store("edge", root=root, command=owner, url=url, tuning=build_tuning(settings))
    key = index.qdrant_api_key
    return build_index_store(
        "qdrant",
        location=index.qdrant_url,
        api_key=key.get_secret_value() if key else None,
        timeout_s=index.timeout_s,
        tuning=build_tuning(settings),
    )


def build_chat(settings: Settings, backend: str, embedder: Embedder, model: str = "") -> ChatModel:
    """A chat model by the name of its backend, with nothing around it; ``model`` unset: the settings' one.

    Raises:
        UnknownChoice: there is no such backend.
        ConfigurationError: its key or model name is missing.
    """
    generation = settings.generation
    if backend not in ("extractive", "mistral", "vllm"):
        raise UnknownChoice("llm", backend, ("extractive", "mistral", "vllm"))
    key = {"mistral": generation.mistral_api_key, "vllm": generation.vllm_api_key}.get(backend)
    return build_chat_model(
        backend,
        embedder=embedder,
        model=model or generation.model_at(backend),
        api_key=_secret(key),
        server_url=generation.vllm_url if backend == "vllm" else generation.mistral_url,
    )


def build_resilient_chat(
    settings: Settings,
    backend: str,
    embedder: Embedder,
    metrics: Metrics,
    policies: Policies,
    model: str = "",
) -> ChatModel:
    """A chat model under the policy of its name, held to the schemas of its requests.

    Raises:
        UnknownChoice, ConfigurationError: as ``build_chat`` raises them.
    """
    bare = build_chat(settings, backend, embedder, model)
    if backend == "extractive":
        return bare
    given = settings.resilience
    limits = PolicyLimits(
        retries=given.retries,
        backoff_base_s=given.backoff_base_s,
        backoff_cap_s=given.backoff_cap_s,
        budget_share=given.retry_share,
        budget_burst=given.retry_burst,
        idle_s=given.idle_s,
        hedge_after_s=given.hedge_after_s,
        start=min(given.concurrency_start, given.concurrency_max),
        most=given.concurrency_max,
        waiting=given.waiting,
        failures=given.breaker_failures,
        open_s=given.breaker_open_s,
        open_max_s=max(given.breaker_open_s, given.breaker_open_max_s),
    )
    return StructuredChat(ResilientChat(bare, policies.of(bare.name, limits, metrics)))


def build_fallbacks(
    settings: Settings, embedder: Embedder, metrics: Metrics, policies: Policies
) -> tuple[ChatModel, ...]:
    """The models that the settings name for when the first one cannot answer, in their order.

    Raises:
        ConfigurationError: a key that one of them needs is missing.
    """
    names = (name.split(":", 1) for name in settings.resilience.fallbacks)
    return tuple(
        build_resilient_chat(settings, kind, embedder, metrics, policies, model) for kind, model in names
    )


def build_citation_judge(
    settings: Settings, embedder: Embedder, metrics: Metrics, policies: Policies
) -> ChatModel | None:
    """The model that the settings name for reading cited sentences beside their quotes, if any.

    Raises:
        ConfigurationError: a key that it needs is missing.
    """
    if settings.generation.judge is None:
        return None
    kind, model = settings.generation.judge.split(":", 1)
    return build_resilient_chat(settings, kind, embedder, metrics, policies, model)


def build_settings_chunker(settings: Settings, embedder: Embedder) -> Chunker:
    """The chunker that the settings name."""
    chunking = settings.chunking
    return build_chunker(chunking.chunker, chunking.size, chunking.overlap, embedder.token_spans)
