"""The query side: what is looked up for a question, where that is more or other than the question itself."""

from __future__ import annotations

from rag.errors import ConfigurationError, UnknownChoice
from rag.llm.base import ChatModel
from rag.queries.base import MOST_QUERIES, QueryExpander

EXPANSIONS = ("none", "rewrite", "multi_query", "hyde", "decompose")


def build_expander(
    kind: str = "none", *, chat: ChatModel | None = None, most: int = MOST_QUERIES
) -> QueryExpander:
    """The expander called ``kind``.

    Args:
        kind: ``none``; ``rewrite`` resolves what points back into the conversation; ``multi_query`` asks in
            other words too; ``hyde`` looks for passages like one that a model made up; ``decompose`` asks
            each part of a question too.
        chat: the model; without one, ``rewrite`` and ``decompose`` go by rule.
        most: queries, the question itself included.

    Raises:
        UnknownChoice: there is none of that name.
        ConfigurationError: it needs a model.
    """
    if kind not in EXPANSIONS:
        raise UnknownChoice("expansion", kind, EXPANSIONS)
    if kind == "none":
        from rag.queries.none import AsItStands

        return AsItStands()
    return _by_rule(kind, most) if chat is None else _by_model(kind, chat, most)


def _by_rule(kind: str, most: int) -> QueryExpander:
    match kind:
        case "rewrite":
            from rag.queries.rewrite_rule import RuleRewriter

            return RuleRewriter()
        case "decompose":
            from rag.queries.decompose_rule import RuleDecomposer

            return RuleDecomposer(most)
        case _:
            raise ConfigurationError(
                f"the expansion {kind} needs a language model: set ARDOISE_LLM to mistral or vllm, or choose"
                " rewrite or decompose, which can go by rule"
            )


def _by_model(kind: str, chat: ChatModel, most: int) -> QueryExpander:
    match kind:
        case "rewrite":
            from rag.queries.rewrite import Rewriter

            return Rewriter(chat)
        case "decompose":
            from rag.queries.several import DECOMPOSE, SeveralQueries

            return SeveralQueries(chat, DECOMPOSE, most)
        case "multi_query":
            from rag.queries.several import MULTI_QUERY, SeveralQueries

            return SeveralQueries(chat, MULTI_QUERY, most)
        case _:
            from rag.queries.hyde import Hyde

            return Hyde(chat)
