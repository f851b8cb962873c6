"""The peers: ``python -m bench_retrieval.peers NAME MATERIAL CHUNKS`` serves one as a worker.

It runs in the peers' environment. Each is set up as its documentation shows, in memory, with 100 candidates
of each leg; embeddings and the Qdrant stores' sparse vectors are looked up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bench_retrieval import haystack_peer, langchain_peers, llamaindex_peers, sparse_peers
from bench_retrieval.material import Side, load
from bench_retrieval.worker import Ask, serve

PEERS: Mapping[str, Callable[[Side, Side], Ask]] = {
    "LangChain EnsembleRetriever": langchain_peers.ensemble,
    "LlamaIndex QueryFusionRetriever": llamaindex_peers.fusion,
    "Haystack hybrid pipeline": haystack_peer.hybrid,
    "LangChain Qdrant hybrid": langchain_peers.qdrant,
    "LlamaIndex Qdrant hybrid": llamaindex_peers.qdrant,
    "sparse: rank-bm25": sparse_peers.rank_bm25,
    "sparse: bm25s": sparse_peers.bm25s,
}


def main(name: str, material: str, chunks: str) -> None:
    """Serves the peer until the input ends."""
    serve(partial(_build, name, Path(material), Path(chunks)))


def _build(name: str, material: Path, chunks: Path) -> dict[str, Ask]:
    return {name: PEERS[name](load(chunks, "chunks"), load(material, "queries"))}


if __name__ == "__main__":
    main(*sys.argv[1:])
