"""LlamaIndex: QueryFusionRetriever over BM25 and vectors in memory, and QdrantVectorStore in hybrid mode."""

from __future__ import annotations

from bench_retrieval.material import LIMIT, Side, chunk_id
from bench_retrieval.worker import Ask


def fusion(chunks: Side, queries: Side) -> Ask:
    """VectorStoreIndex and BM25Retriever, fused by reciprocal rank; no model makes further queries."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.retrievers.bm25 import BM25Retriever

    index = VectorStoreIndex(_nodes(chunks), embed_model=_dense(queries))
    retriever = QueryFusionRetriever(
        [
            index.as_retriever(similarity_top_k=LIMIT),
            BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=LIMIT),
        ],
        llm=MockLLM(),
        num_queries=1,
        mode="reciprocal_rerank",
        similarity_top_k=LIMIT,
        use_async=True,
    )
    return lambda number: [found.node.node_id for found in retriever.retrieve(queries.texts[number])]


def qdrant(chunks: Side, queries: Side) -> Ask:
    """QdrantVectorStore over the client's local mode, with its own fusion of the two legs."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.vector_stores.qdrant import QdrantVectorStore
    from qdrant_client import QdrantClient

    def sparse(side: Side, texts: list[str]) -> tuple[list[list[int]], list[list[float]]]:
        vectors = [side.sparse(side.place[text]) for text in texts]
        return [indices for indices, _ in vectors], [values for _, values in vectors]

    store = QdrantVectorStore(
        "bench",
        client=QdrantClient(location=":memory:"),
        enable_hybrid=True,
        sparse_doc_fn=lambda texts: sparse(chunks, texts),
        sparse_query_fn=lambda texts: sparse(queries, texts),
    )
    context = StorageContext.from_defaults(vector_store=store)
    index = VectorStoreIndex(_nodes(chunks), storage_context=context, embed_model=_dense(queries))
    retriever = index.as_retriever(
        similarity_top_k=LIMIT, sparse_top_k=LIMIT, hybrid_top_k=LIMIT, vector_store_query_mode="hybrid"
    )
    return lambda number: [found.node.node_id for found in retriever.retrieve(queries.texts[number])]


def _nodes(chunks: Side) -> list[object]:
    from llama_index.core.schema import TextNode

    return [
        TextNode(id_=chunk_id(number), text=text, embedding=chunks.vectors[number].tolist())
        for number, text in enumerate(chunks.texts)
    ]


def _dense(queries: Side) -> object:
    from llama_index.core.embeddings import BaseEmbedding

    class LookUp(BaseEmbedding):
        """Embeds queries alone: the nodes bring their vectors."""

        def _get_text_embedding(self, text: str) -> list[float]:
            raise NotImplementedError(text)

        def _get_query_embedding(self, query: str) -> list[float]:
            return queries.numbers(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return queries.numbers(query)

    return LookUp()
