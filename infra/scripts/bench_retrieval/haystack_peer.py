"""Haystack: a pipeline of its BM25 and embedding retrievers over the document store in memory."""

from __future__ import annotations

from bench_retrieval.material import LIMIT, Side, chunk_id
from bench_retrieval.worker import Ask


def hybrid(chunks: Side, queries: Side) -> Ask:
    """Both retrievers into a DocumentJoiner, fused by reciprocal rank."""
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    store.write_documents(
        [
            Document(id=chunk_id(number), content=text, embedding=chunks.vectors[number].tolist())
            for number, text in enumerate(chunks.texts)
        ]
    )
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=LIMIT))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=LIMIT))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("words", "joiner")
    pipeline.connect("vectors", "joiner")

    def ask(number: int) -> list[str]:
        asked = {
            "words": {"query": queries.texts[number]},
            "vectors": {"query_embedding": queries.vectors[number].tolist()},
        }
        return [document.id for document in pipeline.run(asked)["joiner"]["documents"]]

    return ask
