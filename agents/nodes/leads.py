"""A question of several parts, and where the passages found so far lead: the hop of a multi-hop question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from agents.nodes.evidence import computed, hits_of
from agents.nodes.route import SEARCH
from agents.state import Context, State
from rag.lexical import content_stems
from rag.links import linked
from rag.llm.extractive import EXTRACTIVE
from rag.llm.extractive_parts import parts_of
from rag.sentences import split_sentences
from rag.types import Hit

_READ = 8
"""Passages, the best first, whose links are looked at."""

_LINKED = 2
"""Documents that links lead to which are searched …"""

_NEAREST = 3
"""… and documents of the best passages in which each part of the question is looked for."""

_SHARED = 2
"""Words of content that a sentence shares with the question before its links are followed."""


def parts_asked(state: State) -> list[str]:
    """The clauses of a question that asks for several things; none where its one number was computed.

    A follow-up has none: what it asks for stands in two questions.
    """
    if state["query"] != state["question"]:
        return []
    parts = list(parts_of(state["query"]))
    return parts if len(parts) > 1 or not computed(state["results"]) else []


async def leads_of(parts: Sequence[str], state: State, context: Context) -> list[Mapping[str, Any]]:
    """The searches that the passages found lead to; none without ``parts``, or where a model planned.

    The question in the documents that are linked to, and each part of it in those of the best passages. The
    words are the user's, the documents are the collection's: a passage only chooses among them.
    """
    searched = any(outcome.call.name == SEARCH and outcome.result.hits for outcome in state["results"])
    if not parts or not searched or context.chat.name != EXTRACTIVE:
        return []
    hits = hits_of(state["results"])
    nearest = list(islice(dict.fromkeys(hit.chunk.document_id for hit in hits), _NEAREST))
    follow = await _linked(state["query"], hits, context)
    searches = [(state["query"], follow)] if follow else []
    searches += [(part, nearest) for part in parts]
    return [{"query": query, "filters": {"document_id": documents}} for query, documents in searches]


async def _linked(query: str, hits: Sequence[Hit], context: Context) -> list[str]:
    """The documents of the collection that the sentences with most of the question's words link to."""
    if context.known is None:
        return []
    shared: dict[str, int] = {}
    for hit in hits[:_READ]:
        language = str(hit.chunk.metadata.get("language") or "en")
        wanted = set(content_stems(query, language))
        for sentence in split_sentences(hit.chunk.text):
            names = linked(sentence.text, hit.chunk.document_id)
            count = len(wanted & set(content_stems(sentence.text, language))) if names else 0
            if count >= _SHARED:
                shared |= {name: max(count, shared.get(name, 0)) for name in names}
    known = await context.known(list(shared))
    return sorted((name for name in shared if name in known), key=lambda name: -shared[name])[:_LINKED]
