"""From a collection to a reranker: mine, train, decide; killed anywhere, the same call goes on."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.beir import Dataset, Query
from eval.folder import environment, write_json, write_rows, written
from eval.index import Progress, Recipe, open_index
from eval.run import DEPTH, Parts
from eval.tuning.mining import Group, Mining, mine
from eval.tuning.questions import Parted, TrainingQuery, given_queries, part, pseudo_queries, titles
from eval.tuning.training import Schedule, digest, train
from eval.tuning.verdict import MEASURE, Verdict, decide, look
from rag.errors import BadInput
from rag.index.base import Index
from rag.resilience.deadline import Deadline
from rag.retriever import SearchRequest
from rag.search import Searching
from rag.types import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CARD = "card.json"
WORK = "unfinished"
"""Folder of what a killed run goes on from; gone once the card is written."""
_SEARCH_S = 600.0
"""Longest search: the first one loads the model, and nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train, and how it is judged.

    Attributes:
        groups: most groups to train with; judged questions come first, then titles and headings.
        depth: hits that are reranked, as ``retrieval.rerank_depth``.
        choose: share of the judged questions that the weight is chosen with.
        test: share of them that is kept for the test.
        mining: how wrong passages are chosen.
        schedule: how to train; its ``seed`` is that of the whole.
    """

    groups: int = 800
    depth: int = 10
    choose: float = 0.1
    test: float = 0.2
    mining: Mining = field(default_factory=Mining)
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def seed(self) -> int:
        """Of everything that is left to chance."""
        return self.schedule.seed


async def tune(
    dataset: Dataset,
    parts: Parts,
    encoder: Path,
    plan: Plan,
    out: Path,
    home: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Trains a cross-encoder and keeps it in ``out`` if a paired test shows that it helps.

    Returns the card, which is written to ``out`` too, with what was tried, the numbers and ``helped``. A card
    of the same collection, parts and plan is returned as it stands. ``home`` keeps the collection's index.

    Raises:
        BadInput: ``out`` holds something else, or the collection has too little to train or to test with.
        StorageFull, StorageError: ``out`` cannot be written.
        ArdoiseError: as a search raises it.
    """
    tried = _tried(dataset, parts, encoder, plan)
    if (card := _card_of(out, tried)) is not None:
        return card
    parted = part(dataset, plan.choose, plan.test, plan.seed)
    if not (parted.choose and parted.test):
        raise BadInput(f"{dataset.folder}: {len(dataset.queries)} judged questions are too few to test with")
    started = time.perf_counter()
    recipe = Recipe(dataset, parts.chunker, parts.embedder, parts.sparse, "hybrid")
    index, _, _ = await open_index(recipe, parts.store, home, progress)
    try:
        search = parts.retriever(index)
        groups = await _groups(dataset, index, parted, plan, search, out / WORK, tried, progress)
        held = [
            [(query, await _hits(search, query.text)) for query in queries]
            for queries in (parted.choose, parted.test)
        ]
    finally:
        await index.close()
    model = train(encoder, groups, plan.schedule, out / WORK, progress)
    choose, test = (look(model, found, plan.depth, progress) for found in held)
    verdict = decide(choose, test, dataset.qrels, plan.seed)
    seconds = time.perf_counter() - started
    return _finish(out, model, _card(tried, parted, groups, verdict, seconds), verdict)


async def _groups(
    dataset: Dataset,
    index: Index,
    parted: Parted,
    plan: Plan,
    search: Searching,
    work: Path,
    tried: Mapping[str, Any],
    progress: Progress,
) -> list[Group]:
    """The groups, mined once: they are kept for the run that goes on after a kill."""
    if (kept := _kept(work, tried)) is not None:
        return kept
    random = np.random.default_rng(plan.seed)
    chunks = [chunk async for batch in index.scan() for chunk in batch]
    named = titles(dataset)
    others = pseudo_queries(named, sorted(chunks, key=lambda chunk: chunk.id))
    queries = [
        *given_queries(parted.train, dataset.qrels),
        *(others[place] for place in random.permutation(len(others))),
    ]
    groups = await _mined(queries, plan, search, named, random, progress)
    if not groups:
        raise BadInput(f"{dataset.folder}: no query finds a right passage and {plan.mining.negatives} wrong")
    write_rows(work, "groups.jsonl", (asdict(group) for group in groups))
    write_json(work, "tried.json", tried)
    return groups


async def _mined(
    queries: Iterable[TrainingQuery],
    plan: Plan,
    search: Searching,
    named: Mapping[str, str],
    random: np.random.Generator,
    progress: Progress,
) -> list[Group]:
    groups: list[Group] = []
    for query in queries:
        if len(groups) == plan.groups:
            break
        group = mine(query, await _hits(search, query.text), plan.mining, named, random)
        groups += [group] if group else []
        progress("mine", len(groups), plan.groups)
    return groups


async def _hits(search: Searching, text: str) -> tuple[Hit, ...]:
    """What both legs find for a text, fused."""
    result = await search.search(SearchRequest(text, Deadline.after(_SEARCH_S), DEPTH, "hybrid"))
    return result.hits


def _tried(dataset: Dataset, parts: Parts, encoder: Path, plan: Plan) -> dict[str, Any]:
    """What stands for a run: of two with the same one, one is enough."""
    how = replace(plan, schedule=replace(plan.schedule, save_every=Schedule().save_every))
    return {
        "dataset": dataset.name,
        "split": dataset.split,
        "corpus_sha256": dataset.digest,
        "queries_sha256": dataset.judged_digest,
        "chunker": parts.chunker.name,
        "embedder": parts.embedder.name,
        "sparse": parts.sparse.name,
        "encoder_sha256": digest(encoder),
        "plan": asdict(how),
    }


def _kept(work: Path, tried: Mapping[str, Any]) -> list[Group] | None:
    if _read(work / "tried.json") != tried:
        return None
    lines = (work / "groups.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Group(row["query"], row["positive"], tuple(row["negatives"]), row["origin"]) for row in rows]


def _card_of(out: Path, tried: Mapping[str, Any]) -> dict[str, Any] | None:
    card = _read(out / CARD)
    if card is None or card.get("tried") == tried:
        return card
    raise BadInput(f"{out} holds the card of another run: choose another folder, or delete it")


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON object, if the file is there."""
    if not path.is_file():
        return None
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _card(
    tried: Mapping[str, Any],
    parted: Parted,
    groups: Sequence[Group],
    verdict: Verdict,
    seconds: float,
) -> dict[str, Any]:
    """``seconds`` are those of the last process, where a killed one went before."""
    sizes: dict[str, Sequence[Query]] = {"choose": parted.choose, "test": parted.test}
    return {
        "helped": verdict.helped,
        "wording": verdict.comparison.wording,
        "measure": MEASURE,
        "before": verdict.before,
        "after": verdict.after,
        "rerank_weight": verdict.weight,
        "by_weight": {str(weight): mean for weight, mean in verdict.chosen.items()},
        "comparison": verdict.comparison.view(),
        "ms_per_question": verdict.ms,
        "groups": dict(Counter(group.origin for group in groups)),
        "questions": {name: len(queries) for name, queries in sizes.items()},
        "seconds": seconds,
        "tried": tried,
        "environment": environment(),
    }


def _finish(out: Path, model: CrossEncoder, card: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """Writes the model, if it helped, then the card, without which it is not finished."""
    if verdict.helped:
        with written(out):
            model.save_pretrained(str(out))
    write_json(out, CARD, card)
    shutil.rmtree(out / WORK, ignore_errors=True)
    return card
