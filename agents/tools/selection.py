"""With many tools, a retrieval step: the best k of them for a question, by their descriptions.

A model that is shown a hundred schemas pays for them in every prompt and chooses worse among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.tools.base import Tool
from rag.embedding.base import Embedder, Vectors
from rag.lexical import content_stems

KEPT = 8
"""Tools that are offered when there are more."""

ALWAYS = ("search_corpus", "calculator")
"""Tools that are offered whatever the question: without them an agent can neither look up nor compute."""

_RRF = 60  # Cormack et al. (2009)
_SPLIT = re.compile(r"[_\W]+|(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class ToolIndex:
    """Tools as they are searched: ``stems`` of each one's text for BM25, ``vectors`` of them if embedded."""

    tools: tuple[Tool, ...]
    stems: tuple[tuple[str, ...], ...]
    vectors: Vectors | None = None


async def index_tools(tools: Sequence[Tool], embedder: Embedder | None = None) -> ToolIndex:
    """The index of ``tools``; with ``embedder``, float32 vectors of length 1 as well."""
    texts = [_text(tool) for tool in tools]
    stems = tuple(tuple(content_stems(text, "en")) for text in texts)
    vectors = await embedder.embed_documents(texts) if embedder and texts else None
    return ToolIndex(tuple(tools), stems, vectors)


async def rank_tools(question: str, index: ToolIndex, embedder: Embedder | None = None) -> list[Tool]:
    """All tools, the best for ``question`` first: BM25 and, with vectors, cosine, fused by rank."""
    rankings = [_bm25(content_stems(question, "en"), index.stems)]
    if embedder is not None and index.vectors is not None:
        rankings.append(index.vectors @ await embedder.embed_query(question))
    fused = np.zeros(len(index.tools))
    for scores in rankings:
        order = np.argsort(-scores, kind="stable")
        fused[order] += np.where(scores[order] > 0, 1 / (_RRF + 1 + np.arange(len(order))), 0)
    return [index.tools[place] for place in np.argsort(-fused, kind="stable")]


async def select_tools(
    question: str, index: ToolIndex, embedder: Embedder | None = None, k: int = KEPT
) -> dict[str, Tool]:
    """At most ``k`` tools for ``question``, best first; among them those of ``ALWAYS`` and those it names."""
    named = {tool.name: tool for tool in index.tools}
    if len(named) <= k:
        return named
    best = [tool.name for tool in await rank_tools(question, index, embedder)]
    called = [name for name in named if "_" in name and name in question]
    kept = [name for name in dict.fromkeys((*ALWAYS, *called)) if name in named][:k]
    kept += [name for name in best if name not in kept][: k - len(kept)]
    return {name: named[name] for name in sorted(kept, key=best.index)}


class ToolChoice:
    """The best ``k`` tools for a question, as the graph asks for them; keeps the index of the last tools.

    A request's tools are bound to its collection and its user, their texts are those of every request.
    """

    def __init__(self, k: int = KEPT, embedder: Embedder | None = None) -> None:
        self._k = k
        self._embedder = embedder
        self._texts: tuple[str, ...] = ()
        self._index = ToolIndex((), ())

    async def __call__(self, question: str, tools: Mapping[str, Tool]) -> Mapping[str, Tool]:
        """``tools`` where they are ``k`` at most, else those of ``select_tools``."""
        if len(tools) <= self._k:
            return tools
        texts = tuple(_text(tool) for tool in tools.values())
        if texts != self._texts:
            self._index, self._texts = await index_tools(tuple(tools.values()), self._embedder), texts
        best = await select_tools(question, self._index, self._embedder, self._k)
        return {name: tools[name] for name in best}


def _text(tool: Tool) -> str:
    """Name, description with its examples, and the names of the arguments."""
    properties: Mapping[str, object] = tool.parameters.get("properties", {})
    words = [" ".join(_SPLIT.split(name)) for name in (tool.name, *properties)]
    return f"{words[0]}: {tool.description} {' '.join(words[1:])}"


def _bm25(query: Sequence[str], texts: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75) -> Vectors:
    """BM25 of each text (Robertson and Zaragoza, 2009), idf as in Lucene; float32 of shape ``[n]``."""
    lengths = np.array([len(text) for text in texts], dtype=np.float32)
    scores = np.zeros(len(texts), dtype=np.float32)
    for term in set(query):
        counts = np.array([text.count(term) for text in texts], dtype=np.float32)
        holding = np.count_nonzero(counts)
        idf = np.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        scores += idf * counts * (k1 + 1) / (counts + k1 * (1 - b + b * lengths / lengths.mean()))
    return scores
