"""Reranking: hits in a better order."""

from __future__ import annotations

from pathlib import Path

from rag.embedding.base import Embedder
from rag.errors import ConfigurationError, UnknownChoice
from rag.index.base import Index
from rag.llm.base import ChatModel
from rag.reranking.base import Reranker

RERANKERS = ("auto", "cross_encoder", "late_interaction", "llm", "none")


def build_reranker(
    kind: str = "auto",
    *,
    model: str | None = None,
    folder: Path | None = None,
    batch_size: int = 16,
    embedder: Embedder | None = None,
    chat: ChatModel | None = None,
) -> tuple[Reranker, str]:
    """The reranker called ``kind``, and why it is the one.

    Args:
        kind: ``none``; ``cross_encoder``; ``late_interaction``; ``llm``; ``auto``: the cross-encoder if its
            weights are on this machine, else none. Late interaction has to be asked for: it costs more than
            all before it, and lost where passages are longer than the encoder's window (docs/ablation.md).
        model: a CrossEncoder's name or folder.
        folder: where the files of ``model`` are, if not in the hub client's cache.
        batch_size: pairs that the cross-encoder scores at once.
        embedder: whose token vectors late interaction compares.
        chat: the model that ``llm`` asks.

    Raises:
        UnknownChoice: there is none of that name.
        ConfigurationError: what the reranker needs is not there.
    """
    match kind:
        case "none":
            from rag.reranking.none import NoReranker

            return NoReranker(), "as configured"
        case "cross_encoder":
            if found := _cross_encoder(model or _default_model(), folder, batch_size):
                return found
            raise ConfigurationError(
                f"{_missing(model or _default_model())}: name a folder that holds them, fetch them once with"
                f" 'hf download {model or _default_model()}', or choose the reranker late_interaction or none"
            )
        case "late_interaction":
            if found := _late_interaction(embedder):
                return found
            raise ConfigurationError(
                f"the reranker late_interaction compares the vectors of tokens, which"
                f" {embedder.name if embedder else 'no embedder'} does not give: choose a local model on"
                " onnxruntime (ARDOISE_EMBEDDING__RUNTIME=onnx), or the reranker none"
            )
        case "llm":
            if chat is None:
                raise ConfigurationError(
                    "the reranker llm needs a language model: set ARDOISE_LLM to mistral or vllm"
                )
            from rag.reranking.llm import LlmReranker

            return LlmReranker(chat), "as configured"
        case "auto":
            return _best(model or _default_model(), folder, batch_size)
        case _:
            raise UnknownChoice("reranker", kind, RERANKERS)


def over_index(reranker: Reranker, index: Index) -> Reranker:
    """The reranker for the hits of one index: late interaction uses the token vectors that it keeps."""
    from rag.reranking.late_interaction import LateInteractionReranker

    return reranker.over(index) if isinstance(reranker, LateInteractionReranker) else reranker


def _best(model: str, folder: Path | None, batch_size: int) -> tuple[Reranker, str]:
    from rag.reranking.none import NoReranker

    if found := _cross_encoder(model, folder, batch_size):
        return found
    return NoReranker(), _missing(model)


def _missing(model: str) -> str:
    return f"the weights of {model} are not on this machine"


def _default_model() -> str:
    from rag.reranking.cross_encoder import DEFAULT_MODEL

    return DEFAULT_MODEL


def _cross_encoder(model: str, folder: Path | None, batch_size: int) -> tuple[Reranker, str] | None:
    from rag.reranking.cross_encoder import CrossEncoderReranker, find_cross_encoder
    from rag.resilience.workers import Workers

    found = find_cross_encoder(model, folder)
    if found is None:
        return None
    workers = Workers(threads=1, name="rerank")
    return CrossEncoderReranker(model, found, workers, batch_size=batch_size), f"its weights are in {found}"


def _late_interaction(embedder: Embedder | None) -> tuple[Reranker, str] | None:
    if embedder is None or embedder.token_embedder("en") is None:
        return None
    from rag.reranking.late_interaction import LateInteractionReranker
    from rag.resilience.workers import Workers

    reranker = LateInteractionReranker(embedder, Workers(threads=1, name="rerank"))
    return reranker, "it needs no weights but the embedder's"
