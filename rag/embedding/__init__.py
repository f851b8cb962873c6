"""Embedding: texts to dense vectors."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from rag.embedding.base import Embedder
from rag.embedding.compile import Precision, why_not
from rag.embedding.weights import DEFAULT_MODEL, MULTILINGUAL, Weights, find_weights
from rag.errors import ConfigurationError, UnknownChoice

RUNTIMES = ("auto", "onnx", "torch")
BILINGUAL = "bilingual"
"""The default model for English and the multilingual one for other languages, in one vector."""
MISTRAL_EMBED = "mistral-embed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where models behind an API are. ``url``: of a server that speaks OpenAI's protocol, without ``/v1``.

    ``dimension`` is the length of its vectors, ``max_tokens`` its longest input.
    """

    url: str | None = None
    api_key: str = ""
    dimension: int | None = None
    max_tokens: int = 512
    mistral_url: str = ""
    mistral_api_key: str = ""


def build_embedder(
    model: str = DEFAULT_MODEL,
    *,
    folder: Path | None = None,
    models: Path | None = None,
    runtime: str = "auto",
    precision: Precision | Literal["auto"] = "auto",
    cache: Path | None = None,
    cache_entries: int = 200_000,
    batch_size: int = 32,
    remote: Remote | None = None,
) -> Embedder:
    """The embedder for ``model``.

    Args:
        model: the name (``owner/name``; without owner, sentence-transformers' own) or the folder of a
            sentence-transformers model; ``bilingual``; ``mistral-embed``; a server's model where ``remote``
            has its address.
        folder: where the files of ``model`` are, if not where they are usually found.
        models: folder for compiled models; without it nothing is compiled.
        runtime: ``onnx`` (compiled once, quick to start), ``torch``, or ``auto``: the former where it can.
        precision: of the compiled model: ``int8`` is faster and smaller, and ranks a little differently;
            ``auto``: as ``suited_precision`` says.
        cache: SQLite file that remembers the vectors of passages; none without it.
        cache_entries: most vectors that the file holds.
        batch_size: texts embedded at once.
        remote: for models behind an API.

    Raises:
        ConfigurationError: the model's files are nowhere to be found, are not a model, or are one that
            ``onnx`` cannot run; or what ``remote`` should say is missing.
        UnknownChoice: there is no such runtime.
    """
    if model == BILINGUAL:
        build = partial(
            build_embedder,
            models=models,
            runtime=runtime,
            precision=precision,
            cache=cache,
            cache_entries=cache_entries,
            batch_size=batch_size,
        )
        return _bilingual(build(DEFAULT_MODEL, folder=folder), build(MULTILINGUAL))
    embedder = _build_remote(model, remote or Remote(), batch_size)
    if embedder is None:
        embedder = _build_local(find_weights(model, folder, models), runtime, precision, models, batch_size)
    if cache is None:
        return embedder
    from rag.embedding.cache import CachedEmbedder
    from rag.resilience.workers import Workers

    return CachedEmbedder(embedder, cache, Workers(threads=1, name="embed-cache"), max_entries=cache_entries)


def local_models(model: str, url: str | None = None) -> tuple[str, ...]:
    """The models that the embedder ``model`` runs on this machine; ``url``: of a server that runs it."""
    if url is not None or model == MISTRAL_EMBED:
        return ()
    return (DEFAULT_MODEL, MULTILINGUAL) if model == BILINGUAL else (model,)


def sentence_embedder(embedder: Embedder, language: str = "en") -> Embedder:
    """What compares sentences with a question in ``language``: of two encoders the one that serves it."""
    from rag.embedding.bilingual import BilingualEmbedder

    return embedder.serving(language) if isinstance(embedder, BilingualEmbedder) else embedder


def thin_cosine(embedder: Embedder) -> float:
    """The dense score below which the best passage is about something else; 0 where that was not measured.

    0.35 of all-MiniLM-L6-v2, in the bilingual vector times 1/√2, where it says something of English questions
    only: multilingual-e5-small finds every two texts more alike than that.
    """
    from rag.embedding.bilingual import BilingualEmbedder

    if not sentence_embedder(embedder).name.startswith(DEFAULT_MODEL):
        return 0.0
    return 0.35 / math.sqrt(2) if isinstance(embedder, BilingualEmbedder) else 0.35


def _bilingual(english: Embedder, other: Embedder) -> Embedder:
    from rag.embedding.bilingual import BilingualEmbedder
    from rag.resilience.workers import Workers

    return BilingualEmbedder(english, other, Workers(threads=1, name="detect"))


def _build_remote(model: str, remote: Remote, batch_size: int) -> Embedder | None:
    """The embedder for a model behind an API; ``None`` if it is none."""
    if remote.url is not None:
        from rag.embedding.openai_server import OpenAiEmbedder

        return OpenAiEmbedder(
            model,
            remote.url,
            dimension=remote.dimension,
            api_key=remote.api_key,
            max_tokens=remote.max_tokens,
            batch_size=batch_size,
        )
    if model == MISTRAL_EMBED:
        from rag.embedding.mistral import MistralEmbedder
        from rag.llm.mistral import MISTRAL_URL

        url = remote.mistral_url or MISTRAL_URL
        return MistralEmbedder(model, remote.mistral_api_key, url, dimension=remote.dimension)
    return None


def why_torch(weights: Weights, runtime: str, models: Path | None) -> str:
    """Why PyTorch runs the model, which takes seconds to start; empty where onnxruntime does.

    Raises:
        ConfigurationError: ``runtime`` is ``onnx``, and that cannot be.
        UnknownChoice: there is no such runtime.
    """
    if runtime not in RUNTIMES:
        raise UnknownChoice("embedding runtime", runtime, RUNTIMES)
    if runtime == "torch":
        return "as configured"
    why = why_not(weights.folder) if models is not None else "there is no folder for compiled models"
    if why and runtime == "onnx":
        raise ConfigurationError(
            f"{weights.model} cannot run on onnxruntime: {why}. Choose the runtime torch"
        )
    return why


def suited_precision(weights: Weights) -> Precision:
    """The least precision that costs no quality to speak of: int8 for multilingual-e5-small, else fp32.

    nDCG@10 of int8 against fp32: multilingual-e5-small .721 of .722 on French questions, .421 of .425 on
    Cranfield; all-MiniLM-L6-v2, in hybrid search, .709 of .716 on SciFact.
    """
    return "int8" if weights.model.startswith(MULTILINGUAL) else "fp32"


def _build_local(
    weights: Weights,
    runtime: str,
    precision: Precision | Literal["auto"],
    models: Path | None,
    batch_size: int,
) -> Embedder:
    from rag.resilience.workers import Workers

    why = why_torch(weights, runtime, models)
    if models is None or why:
        from rag.embedding.sentence_transformer import SentenceTransformerEmbedder

        _log.info("%s runs on PyTorch: %s", weights.model, why)
        return SentenceTransformerEmbedder(weights, Workers(threads=1, name="embed"), batch_size=batch_size)
    from rag.embedding.onnx import LANES, OnnxEmbedder

    workers = Workers(threads=LANES, name="embed")
    chosen = suited_precision(weights) if precision == "auto" else precision
    return OnnxEmbedder(weights, workers, models, precision=chosen, batch_size=batch_size)
