"""LangChain: EnsembleRetriever over BM25 and vectors in memory, and QdrantVectorStore in hybrid mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench_retrieval.material import LIMIT, Side, chunk_id
from bench_retrieval.worker import Ask

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_qdrant.sparse_embeddings import SparseEmbeddings


def ensemble(chunks: Side, queries: Side) -> Ask:
    """BM25Retriever and InMemoryVectorStore, fused by reciprocal rank."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.vectorstores import InMemoryVectorStore

    documents = [Document(page_content=text, id=chunk_id(number)) for number, text in enumerate(chunks.texts)]
    words = BM25Retriever.from_documents(documents, k=LIMIT)
    store = InMemoryVectorStore.from_documents(documents, _dense(chunks, queries))
    vectors = store.as_retriever(search_kwargs={"k": LIMIT})
    retriever = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])
    return lambda number: [str(found.id) for found in retriever.invoke(queries.texts[number])]


def qdrant(chunks: Side, queries: Side) -> Ask:
    """QdrantVectorStore over the client's local mode."""
    from langchain_qdrant import QdrantVectorStore, RetrievalMode

    store = QdrantVectorStore.from_texts(
        chunks.texts,
        embedding=_dense(chunks, queries),
        sparse_embedding=_sparse(chunks, queries),
        ids=[chunk_id(number) for number in range(len(chunks.texts))],
        retrieval_mode=RetrievalMode.HYBRID,
        location=":memory:",
    )

    def ask(number: int) -> list[str]:
        found = store.similarity_search(queries.texts[number], k=LIMIT)
        return [str(document.metadata["_id"]) for document in found]

    return ask


def _dense(chunks: Side, queries: Side) -> Embeddings:
    from langchain_core.embeddings import Embeddings

    class LookUp(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            # The Qdrant store embeds a word of its own first, to learn the dimension.
            known = (chunks.place.get(text, 0) for text in texts)
            return [chunks.vectors[place].tolist() for place in known]

        def embed_query(self, text: str) -> list[float]:
            return queries.numbers(text)

    return LookUp()


def _sparse(chunks: Side, queries: Side) -> SparseEmbeddings:
    from langchain_qdrant.sparse_embeddings import SparseEmbeddings, SparseVector

    def vector(side: Side, text: str) -> SparseVector:
        indices, values = side.sparse(side.place[text])
        return SparseVector(indices=indices, values=values)

    class LookUp(SparseEmbeddings):
        def embed_documents(self, texts: list[str]) -> list[SparseVector]:
            return [vector(chunks, text) for text in texts]

        def embed_query(self, text: str) -> SparseVector:
            return vector(queries, text)

    return LookUp()
