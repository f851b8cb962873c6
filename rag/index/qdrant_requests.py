"""The words of the Qdrant client for what an index does."""

from __future__ import annotations

from typing import Any

import numpy as np
from qdrant_client import models

from rag.index.base import Leg, Point
from rag.index.filters import Filter
from rag.index.payload import FILTER_KEY, conditions, from_payload, range_path, to_payload
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
        "optimizers_config": models.OptimizersConfigDiff(
            indexing_threshold=max(1, tuning.hnsw_from * dimension * 4 // 1024)
        ),
        "quantization_config": _quantization(tuning),
    }


def to_struct(point: Point) -> models.PointStruct:
    """The point as the client sends it."""
    return models.PointStruct(
        id=point.chunk.id,
        vector={"dense": point.dense.tolist(), "sparse": sparse_vector(point.sparse)},
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


def _quantization(tuning: Tuning) -> models.ScalarQuantization | models.BinaryQuantization | None:
    match tuning.quantization:
        case "int8":
            int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
            return models.ScalarQuantization(scalar=int8)
        case "binary":
            return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
        case "none":
            return None
