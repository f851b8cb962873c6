"""Where a wrong answer went wrong: the stage at which its gold passage was lost.

In the manner of RAGChecker (Ru et al., 2024), which tells a retriever's failures from a generator's; here
each stage of the pipeline is told apart, and without a model, since the gold passages are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from eval.folder import written

FILE = "diagnosis.parquet"
"""In the folder of a run: the columns configuration, query and verdict."""


class Verdict(StrEnum):
    """What became of a question, in the order of the stages."""

    RIGHT = "right"
    MISSING = "missing from the index"
    NOT_RETRIEVED = "not retrieved"
    FUSION = "dropped by fusion"
    RERANKER = "dropped by the reranker"
    BUDGET = "dropped by the context budget"
    IGNORED = "given and ignored"
    UNSUPPORTED = "answered without support"
    FAILED = "failed"


MEANING: Mapping[Verdict, str] = {
    Verdict.RIGHT: "nothing was lost",
    Verdict.MISSING: "no chunk of the index holds the gold passage: it was not ingested, or cut in two",
    Verdict.NOT_RETRIEVED: "the passage is in the index, and no leg had it among its candidates",
    Verdict.FUSION: "a leg had found it, and it was not among those that fusion passed on",
    Verdict.RERANKER: "the reranker got it, and did not put it among the first",
    Verdict.BUDGET: "it was ranked high enough, and found no room in the prompt",
    Verdict.IGNORED: "it stood in the prompt, and the answer is wrong or abstains all the same",
    Verdict.UNSUPPORTED: "the answer states what none of its citations supports, or should have abstained",
    Verdict.FAILED: "there is no answer, or no ranking: an error",
}


@dataclass(frozen=True, slots=True)
class Said:
    """The answer as far as a diagnosis needs it; ``supported`` if some citation carries its claim."""

    correct: bool
    abstained: bool
    supported: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What each stage saw of one question; passages go by their ids, best first.

    ``gold`` has a set for each gold passage: the ids in the index that hold it, empty if no chunk does; it
    has no set at all for a question that nothing answers. ``legs`` are the candidates of each leg, ``fused``
    is what fusion passed on (to the reranker, where one ran), ``reranked`` what came back from it cut to the
    depth asked for, ``context`` what stood in the prompt; ``None`` for a stage that did not run. ``said`` is
    ``None`` for retrieval alone.
    """

    gold: Sequence[frozenset[str]]
    legs: Mapping[str, Sequence[str]]
    fused: Sequence[str]
    reranked: Sequence[str] | None = None
    context: Sequence[str] | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict on one query in one configuration."""

    configuration: str
    query: str
    verdict: Verdict


def diagnose(seen: Seen | None) -> Verdict:
    """The earliest stage at which a gold passage was lost: the first one to mend. ``None``: it failed.

    An answer that is correct is right whatever was lost. A query of retrieval alone is right when the last
    stage still has every gold passage. Where every stage passed them on, the answer is at fault.
    """
    if seen is None:
        return Verdict.FAILED
    if seen.said and seen.said.correct:
        return Verdict.RIGHT
    if not all(seen.gold):
        return Verdict.MISSING
    for verdict, passed_on in _stages(seen):
        if any(passed_on.isdisjoint(holders) for holders in seen.gold):
            return verdict
    if seen.said is None:
        return Verdict.RIGHT
    held = seen.said.abstained or (seen.said.supported and seen.gold)
    return Verdict.IGNORED if held else Verdict.UNSUPPORTED


def counts(diagnoses: Iterable[Diagnosis]) -> dict[str, dict[Verdict, int]]:
    """How often each verdict fell, by configuration, in the order of the stages; zeros are there too."""
    found: dict[str, Counter[Verdict]] = {}
    for one in diagnoses:
        found.setdefault(one.configuration, Counter())[one.verdict] += 1
    return {name: {verdict: count[verdict] for verdict in Verdict} for name, count in found.items()}


def write_diagnosis(folder: Path, diagnoses: Sequence[Diagnosis]) -> None:
    """Writes ``FILE`` into the folder of a run, whole or not at all.

    Raises:
        StorageFull, StorageError: the folder cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    columns = {
        "configuration": [one.configuration for one in diagnoses],
        "query": [one.query for one in diagnoses],
        "verdict": [one.verdict.value for one in diagnoses],
    }
    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    part = folder / f"{FILE}.part"
    with written(folder):
        parquet.write_table(pyarrow.table(columns, schema=schema), part)
        part.replace(folder / FILE)


def read_diagnosis(folder: Path) -> list[Diagnosis]:
    """What ``write_diagnosis`` wrote; nothing where there is no such file."""
    from pyarrow import parquet

    path = folder / FILE
    if not path.is_file():
        return []
    return [
        Diagnosis(row["configuration"], row["query"], Verdict(row["verdict"]))
        for row in parquet.read_table(path).to_pylist()
    ]


def _stages(seen: Seen) -> list[tuple[Verdict, frozenset[str]]]:
    """The stages that ran, each with the verdict on a passage that it lost and the ids that it passed on."""
    found = frozenset(passage for ranking in seen.legs.values() for passage in ranking)
    ran = [
        (Verdict.NOT_RETRIEVED, found),
        (Verdict.FUSION, seen.fused),
        (Verdict.RERANKER, seen.reranked),
        (Verdict.BUDGET, seen.context),
    ]
    return [(verdict, frozenset(ids)) for verdict, ids in ran if ids is not None]
