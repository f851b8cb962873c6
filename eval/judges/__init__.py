"""Judges of answers: a model through RAGAS, or what can be checked without one."""

from __future__ import annotations

from collections.abc import Sequence

from eval.judges.base import Judge
from eval.judges.patient import Limits
from eval.judges.replies import ReplyCache
from rag.embedding.base import Embedder
from rag.errors import ConfigurationError, UnknownChoice
from rag.llm.base import ChatModel
from rag.llm.extractive import EXTRACTIVE

JUDGES = ("none", "support", "ragas")


def build_judge(
    name: str,
    chat: ChatModel,
    embedder: Embedder,
    *,
    metrics: Sequence[str] = (),
    limits: Limits | None = None,
    cache: ReplyCache | None = None,
) -> Judge | None:
    """The judge of this name; ``none`` is ``None``.

    Args:
        name: one of ``JUDGES``.
        chat: the model that judges; ``support`` has no use for it, nor for what follows.
        embedder: compares questions for ``ragas``.
        metrics: those of RAGAS that are wanted; all without it.
        limits: how the model may be asked.
        cache: keeps the model's replies.

    Raises:
        UnknownChoice: there is no judge, or no metric, of this name.
        ConfigurationError: the extractive backend, which copies sentences and cannot judge, as the model.
        MissingExtra: ``ragas`` is not installed.
    """
    match name:
        case "none":
            return None
        case "support":
            from eval.judges.support import SupportJudge

            return SupportJudge()
        case "ragas":
            from eval.judges.ragas import RagasJudge

            if chat.name == EXTRACTIVE:
                raise ConfigurationError(
                    "the judge 'ragas' needs a chat model, and the backend 'extractive' is none: set "
                    "ARDOISE_JUDGE__LLM=mistral (with MISTRAL_API_KEY) or vllm, or take --judge support, "
                    "which needs no model"
                )
            return RagasJudge(chat, embedder, metrics=metrics, limits=limits, cache=cache)
    raise UnknownChoice("judge", name, JUDGES)
