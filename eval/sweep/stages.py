"""What the stages of a ranking compute, from their inputs' artefacts to their own, by the code of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from eval.beir import Dataset, read_dataset
from eval.index import Cut, Recipe, cut_corpus, open_index
from eval.run import depths
from eval.sweep.asking import asked_dataset
from eval.sweep.fusing import Question, fuse, rerank
from eval.sweep.kit import Kit, Kits
from eval.sweep.measures import Asking
from eval.sweep.plan import Stage
from eval.sweep.ragged import packed, unpacked
from eval.sweep.replay import PlayedEmbedder
from eval.sweep.store import Artefact, Store
from ingest.collection import slices
from rag.embedding.base import Embedder
from rag.headed import passage_text
from rag.index import build_index_store
from rag.index.base import Index, IndexStore, Leg, LegName, Scored
from rag.index.payload import from_payload, to_payload
from rag.language import detect_language
from rag.retriever import legs_of
from rag.types import SparseVector

_FETCHED = 20
"""Questions whose passages are fetched to see how long that takes."""
Made = tuple[dict[str, Any], dict[str, Any]]
"""Arrays and facts of an artefact, before its time is known."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all stages of a sweep are computed with; it can be sent to another process."""

    dataset: Path
    split: str | None
    folder: Path
    kits: Kits
    indexes: Callable[[Path], IndexStore]
    asking: Asking | None = None


def embedded(root: Path) -> IndexStore:
    """Where a sweep's indexes lie unless told otherwise: in its folder, with the engine in the process."""
    return build_index_store("edge", root=root, command="ardoise eval sweep")


@dataclass(frozen=True, slots=True)
class AtWork:
    """A stage with what it is computed from."""

    stage: Stage
    kit: Kit
    dataset: Dataset
    store: Store
    indexes: Callable[[Path], IndexStore]
    asking: Asking | None

    @classmethod
    def on(cls, stage: Stage, job: Job) -> AtWork:
        """The stage of a job; raises as the parts do when they are built."""
        dataset = _dataset(job.dataset, job.split, job.asking)
        return cls(stage, job.kits(stage.values), dataset, Store(job.folder), job.indexes, job.asking)

    @property
    def leg(self) -> LegName:
        """The leg that it is of."""
        return cast("LegName", self.stage.leg)

    def input(self, label: str) -> Artefact:
        """What another stage made."""
        return self.store.load(label.partition(".")[0], self.stage.inputs[label])

    def cut(self) -> Cut:
        """The cut corpus."""
        return read_cut(self.store, self.stage.inputs["chunk"])


async def _chunk(at: AtWork) -> Made:
    chunks, languages = cut_corpus(at.dataset, at.kit.chunker, lambda *_: None)
    rows = [
        [chunk.id, language, to_payload(chunk)] for chunk, language in zip(chunks, languages, strict=True)
    ]
    return {}, {"chunks": rows}


async def _embed(at: AtWork) -> Made:
    chunks, _ = at.cut()
    # In the slices of a single run: what is computed together can change the last digits.
    vectors = [
        await at.kit.embedder.embed_documents([passage_text(chunk) for chunk in part])
        for part in slices(chunks)
    ]
    return {"vectors": np.concatenate(vectors)}, {}


async def _query(at: AtWork) -> Made:
    """Each question's vector or terms, and the milliseconds that they took."""
    encode = _embed_query if at.leg == "dense" else _terms
    questions = at.dataset.queries
    await encode(at.kit, questions[0].text)  # the first one loads the model
    found, times = [], []
    for question in questions:
        start = time.perf_counter()
        found.append(await encode(at.kit, question.text))
        times.append((time.perf_counter() - start) * 1000)
    ms = np.array(times)
    if at.leg == "dense":
        return {"ms": ms, "vectors": np.array([vector for vector, _ in found])}, {}
    terms = [list(zip(vector.indices, vector.values, strict=True)) for vector, _ in found]
    return {"ms": ms}, {"terms": terms, "languages": [language for _, language in found]}


async def _embed_query(kit: Kit, text: str) -> tuple[Any, None]:
    return await kit.embedder.embed_query(text), None


async def _terms(kit: Kit, text: str) -> tuple[Any, str]:
    language = detect_language(text)
    return kit.sparse.encode_query(text, language), language


async def _index(at: AtWork) -> Made:
    for note in at.store.collections.glob(f"{_recipe(at, at.leg).collection}.json"):
        note.unlink()  # what other code built is not to be used again
    index, built = await open_leg(at, at.leg)
    await index.close()
    return {}, asdict(built)


async def open_leg(at: AtWork, leg: LegName) -> tuple[Index, Any]:
    """The index of a leg; one that is gone or damaged since is built anew."""
    store = at.indexes(at.store.collections)
    try:
        index, built, _ = await open_index(_recipe(at, leg), store, at.store.collections, cut=at.cut())
    finally:
        await store.close()
    return index, built


def _recipe(at: AtWork, leg: LegName) -> Recipe:
    embedder = at.kit.embedder
    if leg == "dense":
        texts = [passage_text(chunk) for chunk in at.cut()[0]]
        vectors = dict(zip(texts, at.input("embed").arrays["vectors"], strict=True))
        embedder = cast("Embedder", PlayedEmbedder(embedder, vectors))
    return Recipe(at.dataset, at.kit.chunker, embedder, at.kit.sparse, leg)


async def _retrieve(at: AtWork) -> Made:
    """For each limit that a search may set, what the leg finds for each question, and how long it takes."""
    chunks, _ = at.cut()
    rows = {chunk.id: row for row, chunk in enumerate(chunks)}
    vectors = _vectors(at.leg, at.input(f"query.{at.leg}"))
    limits = list(
        dict.fromkeys(max(at.kit.candidates, top_k) for top_k in depths(len(chunks), at.dataset.size))
    )
    opened, _ = await open_leg(at, at.leg)
    index = at.kit.searched(opened)
    try:
        await _look_up(index, Leg(at.leg, vectors[0], limits[0]))  # the first search reads files
        found = [
            [await _look_up(index, Leg(at.leg, vector, limit)) for vector in vectors] for limit in limits
        ]
        fetch_ms = await _fetch_ms(index, [ranking for ranking, _ in found[0][:_FETCHED]])
    finally:
        await index.close()
    rankings = [
        [(rows[one.chunk_id], one.score) for one in ranking] for of_limit in found for ranking, _ in of_limit
    ]
    times = np.array([[ms for _, ms in of_limit] for of_limit in found])
    return {**packed("found", rankings), "ms": times}, {"limits": limits, "fetch_ms": fetch_ms}


async def _look_up(index: Index, leg: Leg) -> tuple[list[Scored], float]:
    if isinstance(leg.vector, SparseVector) and not leg.vector.indices:
        return [], 0.0  # a question without terms: the retriever leaves the leg out
    start = time.perf_counter()
    (found,) = await index.search([leg])
    return found, (time.perf_counter() - start) * 1000


async def _fetch_ms(index: Index, rankings: Sequence[Sequence[Scored]]) -> float:
    """Milliseconds that fetching a passage takes: the median over some rankings."""
    times = []
    for ranking in filter(None, rankings):
        start = time.perf_counter()
        await index.fetch([one.chunk_id for one in ranking])
        times.append((time.perf_counter() - start) * 1000 / len(ranking))
    return float(np.median(times)) if times else 0.0


def _vectors(leg: str, encoded: Artefact) -> list[Any]:
    if leg == "dense":
        return list(encoded.arrays["vectors"])
    pairs = [tuple(zip(*terms, strict=True)) or ((), ()) for terms in encoded.facts["terms"]]
    return [SparseVector(tuple(indices), tuple(values)) for indices, values in pairs]


async def _fuse(at: AtWork) -> Made:
    return await fuse(at.kit, at.dataset, at.cut()[0], _questions(at))


async def _rerank(at: AtWork) -> Made:
    return await rerank(at.kit, at.dataset, at.cut()[0], _questions(at), at.input("fuse"))


def _questions(at: AtWork) -> list[Question]:
    """The questions with what the earlier stages found for them."""
    legs = legs_of(at.kit.mode)
    encoded = {leg: at.input(f"query.{leg}") for leg in legs}
    found = {
        leg: _found(at.store.folder, at.stage.inputs[f"retrieve.{leg}"], at.stage.inputs["chunk"])
        for leg in legs
    }
    vectors = {leg: _vectors(leg, encoded[leg]) for leg in legs}
    languages = encoded["sparse"].facts["languages"] if "sparse" in legs else [None] * len(at.dataset.queries)
    made = []
    for place, query in enumerate(at.dataset.queries):
        before = sum(float(encoded[leg].arrays["ms"][place]) for leg in legs)
        times = {
            limit: before + sum(found[leg].ms(limit, place) for leg in legs)
            for limit in found[legs[0]].limits
        }
        look_up = partial(_look_back, found, place)
        of = {leg: vectors[leg][place] for leg in legs}
        made.append(Question(query, languages[place], of, look_up, times, found[legs[0]].fetch_ms))
    return made


def _look_back(found: Mapping[LegName, _Found], place: int, leg: LegName, limit: int) -> list[Scored]:
    return found[leg].ranking(limit, place)


class _Found:
    """What a leg found. Rankings become objects when somebody asks, once for all stages that do."""

    def __init__(self, artefact: Artefact, ids: Sequence[str]) -> None:
        self.limits: list[int] = artefact.facts["limits"]
        self.fetch_ms: float = artefact.facts["fetch_ms"]
        self._ms = artefact.arrays["ms"]
        self._rows = unpacked("found", artefact.arrays)
        self._ids = ids
        self._made: dict[int, list[Scored]] = {}

    def ms(self, limit: int, place: int) -> float:
        return float(self._ms[self.limits.index(limit)][place])

    def ranking(self, limit: int, place: int) -> list[Scored]:
        number = self.limits.index(limit) * self._ms.shape[1] + place
        if number not in self._made:
            self._made[number] = [Scored(self._ids[row], score) for row, score in self._rows[number]]
        return self._made[number]


@lru_cache(maxsize=4)
def _found(folder: Path, key: str, chunks: str) -> _Found:
    ids = [chunk.id for chunk in read_cut(Store(folder), chunks)[0]]
    return _Found(Store(folder).load("retrieve", key), ids)


Work = Callable[[AtWork], Coroutine[Any, Any, Made]]
RANKING: Mapping[str, Work] = {
    "chunk": _chunk,
    "embed": _embed,
    "query": _query,
    "index": _index,
    "retrieve": _retrieve,
    "fuse": _fuse,
    "rerank": _rerank,
}
"""What each kind of stage computes on the way to a ranking."""


def read_cut(store: Store, key: str) -> Cut:
    """The chunks of a corpus and their languages."""
    return _read_cut(store.folder, key)


@lru_cache(maxsize=4)
def _read_cut(folder: Path, key: str) -> Cut:
    rows = Store(folder).load("chunk", key).facts["chunks"]
    return [from_payload(chunk, payload) for chunk, _, payload in rows], [language for _, language, _ in rows]


@lru_cache(maxsize=1)
def _dataset(folder: Path, split: str | None, asking: Asking | None) -> Dataset:
    dataset = read_dataset(folder, split)
    return asked_dataset(dataset, asking.questions) if asking else dataset
