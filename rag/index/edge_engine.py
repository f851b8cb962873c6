"""The words of the Qdrant Edge engine for what an index does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import qdrant_edge as engine

from rag.embedding.base import Vectors
from rag.index.base import Leg, Point
from rag.index.filters import Filter
from rag.index.payload import FILTER_KEY, conditions, from_payload, range_path, to_payload
from rag.index.tokens import found_tokens, graph_threshold, vector_name
from rag.index.tuning import Tuning
from rag.types import SparseVector


def new_shard(path: str, dimension: int, tuning: Tuning) -> engine.EdgeShard:
    """An empty shard with both legs and the index on filter fields."""
    shard = engine.EdgeShard.create(path, _config(dimension, {}, tuning))
    shard.update(engine.UpdateOperation.create_field_index(FILTER_KEY, engine.PayloadSchemaType.Keyword))
    shard.flush()
    return shard


def load_shard(path: str, dimension: int, tokens: Mapping[str, int], tuning: Tuning) -> engine.EdgeShard:
    """The shard as it was left; its next optimization goes by ``tuning``."""
    return engine.EdgeShard.load(path, _config(dimension, tokens, tuning))


def make_tokens(encoder: str, length: int) -> engine.UpdateOperation:
    """Makes a place for the token vectors of an encoder; one that is there already stays."""
    return engine.UpdateOperation.create_dense_vector(
        vector_name(encoder),
        length,
        engine.Distance.Dot,
        engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim),
        engine.VectorStorageDatatype.Float16,
    )


def index_range(path: str) -> engine.UpdateOperation:
    """Makes an index on numbers; one that is there already stays."""
    return engine.UpdateOperation.create_field_index(path, engine.PayloadSchemaType.Float)


def from_record(record: engine.Record) -> Point:
    """The point that ``upsert`` was given, its dense vector at length 1."""
    vectors: Any = record.vector
    sparse = vectors.get("sparse")
    return Point(
        from_payload(str(record.id), record.payload or {}),
        np.array(vectors["dense"], dtype=np.float32),
        SparseVector(tuple(sparse.indices), tuple(sparse.values)) if sparse else SparseVector((), ()),
        found_tokens(vectors),
    )


def upsert(points: Sequence[Point]) -> engine.UpdateOperation:
    """Inserts or replaces the points."""
    return engine.UpdateOperation.upsert_points(
        [engine.Point(point.chunk.id, _vectors(point), to_payload(point.chunk)) for point in points]
    )


def replace_sparse(chunk_ids: Sequence[str], vectors: Mapping[str, SparseVector]) -> engine.UpdateOperation:
    """Gives each chunk its new sparse vector; all of them must be there."""
    return engine.UpdateOperation.update_vectors(
        [engine.PointVectors(chunk_id, {"sparse": _sparse(vectors[chunk_id])}) for chunk_id in chunk_ids]
    )


def delete(chunk_ids: Sequence[str]) -> engine.UpdateOperation:
    """Removes the points that are there."""
    return engine.UpdateOperation.delete_points(list(chunk_ids))


def queries(legs: Sequence[Leg], filter: Filter | None, tuning: Tuning) -> engine.QueryBatchRequest:
    """One query a leg, ids and scores only."""
    return engine.QueryBatchRequest([_query(leg, filter, tuning) for leg in legs])


def token_query(query: Vectors, encoder: str, chunk_ids: Sequence[str]) -> engine.QueryRequest:
    """MaxSim of each of the chunks, by the sum over the query's tokens."""
    there = engine.Filter(
        must=[engine.HasIdCondition(set(chunk_ids)), engine.HasVectorCondition(vector_name(encoder))]
    )
    return engine.QueryRequest(
        limit=len(chunk_ids),
        query=engine.Query.Nearest(query.tolist(), using=vector_name(encoder)),
        filter=there,
        with_payload=False,
        params=engine.SearchParams(exact=True),
    )


def where(filter: Filter | None) -> engine.Filter | None:
    """The filter in the engine's words."""
    if filter is None:
        return None
    must: list[Any] = [
        engine.FieldCondition(FILTER_KEY, match=engine.MatchAny(entries)) for entries in conditions(filter)
    ]
    must += [
        engine.FieldCondition(
            range_path(wanted.kind, wanted.key),
            range=engine.RangeFloat(gte=wanted.gte, gt=wanted.gt, lte=wanted.lte, lt=wanted.lt),
        )
        for wanted in filter.ranges
    ]
    return engine.Filter(must=must)


def _config(dimension: int, tokens: Mapping[str, int], tuning: Tuning) -> engine.EdgeConfig:
    dense = engine.EdgeVectorParams(
        size=dimension, distance=engine.Distance.Cosine, quantization_config=_quantization(tuning)
    )
    named = {vector_name(encoder): _token_params(length) for encoder, length in tokens.items()}
    return engine.EdgeConfig(
        vectors={"dense": dense, **named},
        sparse_vectors={"sparse": engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)},
        hnsw_config=engine.HnswIndexConfig(tuning.m, tuning.ef_construct, full_scan_threshold=10_000),
        optimizers=engine.EdgeOptimizersConfig(
            indexing_threshold=graph_threshold(tuning.hnsw_from, dimension, tokens)
        ),
    )


def _token_params(length: int) -> engine.EdgeVectorParams:
    """On disk, unquantized and without a graph: they are only ever asked for chunks that are named."""
    return engine.EdgeVectorParams(
        size=length,
        distance=engine.Distance.Dot,
        on_disk=True,
        multivector_config=engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim),
        datatype=engine.VectorStorageDatatype.Float16,
        hnsw_config=engine.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000),
    )


def _vectors(point: Point) -> dict[str, Any]:
    vectors: dict[str, Any] = {"dense": point.dense.tolist(), "sparse": _sparse(point.sparse)}
    if point.tokens is not None:
        vectors[vector_name(point.tokens.encoder)] = point.tokens.vectors.tolist()
    return vectors


def _quantization(
    tuning: Tuning,
) -> engine.ScalarQuantizationConfig | engine.BinaryQuantizationConfig | None:
    match tuning.quantization:
        case "int8":
            return engine.ScalarQuantizationConfig(engine.ScalarType.Int8, always_ram=True)
        case "binary":
            return engine.BinaryQuantizationConfig(always_ram=True)
        case "none":
            return None


def _query(leg: Leg, filter: Filter | None, tuning: Tuning) -> engine.QueryRequest:
    if isinstance(leg.vector, SparseVector):
        vector: Any = _sparse(leg.vector)
        # The IDF that the index keeps goes on counting deleted points until segments are rebuilt; over an
        # explicit corpus (a tenant's documents, or everything) the engine counts those that live.
        corpus = where(filter.corpus if filter else None) or engine.Filter()
        params = engine.SearchParams(idf=engine.IdfParams(corpus))
    else:
        vector = leg.vector.tolist()
        again = engine.QuantizationSearchParams(rescore=True, oversampling=tuning.oversampling)
        params = engine.SearchParams(hnsw_ef=tuning.ef, exact=leg.exact, quantization=again)
    return engine.QueryRequest(
        limit=leg.limit,
        query=engine.Query.Nearest(vector, using=leg.name),
        filter=where(filter),
        with_payload=False,
        params=params,
    )


def _sparse(vector: SparseVector) -> engine.SparseVector:
    return engine.SparseVector(list(vector.indices), list(vector.values))
