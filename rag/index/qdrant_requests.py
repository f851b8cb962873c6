"""The words of the Qdrant client for what an index does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from qdrant_client import models

from rag.embedding.base import Vectors
from rag.index.base import Leg, Point
from rag.index.filters import Filter
from rag.index.payload import FILTER_KEY, conditions, from_payload, range_path, to_payload
from rag.index.tokens import found_tokens, graph_threshold, vector_name
from rag.index.tuning import Tuning
from rag.types import SparseVector

FORMAT_KEY = "ardoise_format"
"""Where a collection's metadata holds its format version; version 1 wrote none."""


def collection_config(dimension: int, tuning: Tuning) -> dict[str, Any]:
    """Arguments of ``create_collection`` for both legs."""
    return {
        "vectors_config": {"dense": models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
        "sparse_vectors_config": {"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        "hnsw_config": models.HnswConfigDiff(m=tuning.m, ef_construct=tuning.ef_construct),
        "optimizers_config": _optimizers(dimension, {}, tuning),
        "quantization_config": _quantization(tuning),
    }


def token_config(length: int) -> models.DenseVectorNameConfig:
    """What ``create_vector_name`` makes of token vectors of this length."""
    return models.DenseVectorNameConfig(
        dense=models.DenseVectorConfig(
            size=length,
            distance=models.Distance.DOT,
            multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            datatype=models.VectorStorageDatatype.FLOAT16,
        )
    )


def token_storage(dimension: int, tokens: Mapping[str, int], tuning: Tuning) -> dict[str, Any]:
    """Arguments of ``update_collection`` that keep the token vectors of these encoders as they should be.

    On disk, unquantized and without a graph: they are only ever asked for chunks that are named.
    """
    stored = models.VectorParamsDiff(
        hnsw_config=models.HnswConfigDiff(m=0), quantization_config=models.Disabled.DISABLED, on_disk=True
    )
    return {
        "vectors_config": {vector_name(encoder): stored for encoder in tokens},
        "optimizers_config": _optimizers(dimension, tokens, tuning),
    }


def to_struct(point: Point) -> models.PointStruct:
    """The point as the client sends it."""
    vectors: dict[str, Any] = {"dense": point.dense.tolist(), "sparse": sparse_vector(point.sparse)}
    if point.tokens is not None:
        vectors[vector_name(point.tokens.encoder)] = point.tokens.vectors.tolist()
    return models.PointStruct(
        id=point.chunk.id,
        vector=vectors,
        payload=to_payload(point.chunk),
    )


def from_record(record: models.Record) -> Point:
    """The point that ``to_struct`` was given, its dense vector at length 1."""
    vectors: Any = record.vector
    sparse = vectors.get("sparse")
    return Point(
        from_payload(str(record.id), record.payload or {}),
        np.array(vectors["dense"], dtype=np.float32),
        SparseVector(tuple(sparse.indices), tuple(sparse.values)) if sparse else SparseVector((), ()),
        found_tokens(vectors),
    )


def query_request(leg: Leg, filter: Filter | None, tuning: Tuning | None) -> models.QueryRequest:
    """One leg's query, ids and scores only; without ``tuning`` for local mode, which is always exact."""
    params: models.SearchParams | None = None
    if isinstance(leg.vector, SparseVector):
        query: Any = sparse_vector(leg.vector)
        # The IDF that the index keeps goes on counting deleted points until segments are rebuilt; over an
        # explicit corpus (a tenant's documents, or everything) the server counts those that live.
        corpus = where(filter.corpus if filter else None) or models.Filter()
        params = models.SearchParams(idf=models.IdfCorpusParams(corpus=corpus))
    else:
        query = leg.vector.tolist()
    if tuning is not None and not isinstance(leg.vector, SparseVector):
        again = models.QuantizationSearchParams(rescore=True, oversampling=tuning.oversampling)
        params = models.SearchParams(hnsw_ef=tuning.ef, exact=leg.exact, quantization=again)
    return models.QueryRequest(
        query=query,
        using=leg.name,
        filter=where(filter),
        limit=leg.limit,
        with_payload=False,
        params=params,
    )


def token_request(
    query: Vectors, encoder: str, chunk_ids: Sequence[str], *, local: bool
) -> models.QueryRequest:
    """MaxSim of each of the chunks, by the sum over the query's tokens; local mode is always exact."""
    there: list[Any] = [
        models.HasIdCondition(has_id=list(chunk_ids)),
        models.HasVectorCondition(has_vector=vector_name(encoder)),
    ]
    return models.QueryRequest(
        query=query.tolist(),
        using=vector_name(encoder),
        filter=models.Filter(must=there),
        limit=len(chunk_ids),
        with_payload=False,
        params=None if local else models.SearchParams(exact=True),
    )


def where(filter: Filter | None) -> models.Filter | None:
    """The filter in the client's words."""
    if filter is None:
        return None
    must: list[Any] = [
        models.FieldCondition(key=FILTER_KEY, match=models.MatchAny(any=entries))
        for entries in conditions(filter)
    ]
    must += [
        models.FieldCondition(
            key=range_path(wanted.kind, wanted.key),
            range=models.Range(gte=wanted.gte, gt=wanted.gt, lte=wanted.lte, lt=wanted.lt),
        )
        for wanted in filter.ranges
    ]
    return models.Filter(must=must)


def sparse_vector(vector: SparseVector) -> models.SparseVector:
    """The vector as the client sends it."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _optimizers(dimension: int, tokens: Mapping[str, int], tuning: Tuning) -> models.OptimizersConfigDiff:
    threshold = graph_threshold(tuning.hnsw_from, dimension, tokens)
    return models.OptimizersConfigDiff(indexing_threshold=threshold)


def _quantization(tuning: Tuning) -> models.ScalarQuantization | models.BinaryQuantization | None:
    match tuning.quantization:
        case "int8":
            int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
            return models.ScalarQuantization(scalar=int8)
        case "binary":
            return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
        case "none":
            return None
