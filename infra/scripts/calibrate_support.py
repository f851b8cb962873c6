"""What each check of a citation is worth on labelled claims, and the cosine from which meaning would agree.

    python infra/scripts/calibrate_support.py

A claim's split is that of the question it was made from. The least cosine that counts as agreement is chosen
on dev, where it makes kappa largest; every figure is then told for both splits.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from app.parts import build_settings_embedder
from app.settings import load_settings
from eval.calibration import Claim, confusion, kappa, read_claims
from eval.questions import read_questions
from rag.answer.support import CHECKS
from rag.embedding import sentence_embedder
from rag.embedding.base import Embedder

DATA = Path(__file__).resolve().parents[2] / "eval" / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """A claim, its split, the checks that flag it, and its cosine to its quote."""

    claim: Claim
    split: str
    flags: tuple[str, ...]
    cosine: float


Says = Callable[[Row], bool]


async def rows(embedder: Embedder) -> list[Row]:
    """All claims; those that are their quote word for word have a cosine of 1."""
    claims = read_claims(DATA / "claims" / "claims.jsonl")
    splits = {one.id: str(one.split) for one in read_questions(DATA / "handbook" / "questions.jsonl")}
    cited = [one.row().answer.citations[0] for one in claims]
    said = await embedder.embed_documents([one.claim for one in cited])
    quoted = await embedder.embed_documents([one.quote for one in cited])
    cosines = (said * quoted).sum(axis=1)
    return [
        Row(claim, splits[claim.id.removeprefix(f"{claim.kind}-")], citation.flags, float(cosine))
        for claim, citation, cosine in zip(claims, cited, cosines, strict=True)
    ]


def agreement(found: Sequence[Row], says: Says) -> float:
    """Cohen's kappa of ``says`` and the labels; 0 where chance alone explains all."""
    labels = np.array([row.claim.supported for row in found])
    return kappa(confusion(labels, np.array([says(row) for row in found]))) or 0.0


def best_cosine(found: Sequence[Row], rest: Says) -> float:
    """The cosine from which a claim agrees, beside ``rest``, that makes kappa largest."""
    edges = sorted({row.cosine for row in found})
    return max(edges, key=lambda edge: agreement(found, partial(near, edge, rest)))


def unflagged(checks: Set[str], row: Row) -> bool:
    """Whether none of these checks flags the claim."""
    return not checks & set(row.flags)


def near(cosine: float, rest: Says, row: Row) -> bool:
    """Whether claim and quote are that near, and ``rest`` agrees too."""
    return row.cosine >= cosine and rest(row)


def table(found: Sequence[Row]) -> list[str]:
    """A line for each check alone and left out, for all of them, and for the cosine alone and added."""
    dev, test = ([row for row in found if row.split == split] for split in ("dev", "test"))
    every = partial(unflagged, CHECKS.keys())
    alone, added = best_cosine(dev, partial(unflagged, frozenset())), best_cosine(dev, every)
    arms: dict[str, Says] = {
        **{f"`{name}` alone": partial(unflagged, {name}) for name in CHECKS},
        "all of them": every,
        **{f"all but `{name}`": partial(unflagged, CHECKS.keys() - {name}) for name in CHECKS},
        f"cosine from {alone:.3f} alone": partial(near, alone, partial(unflagged, frozenset())),
        f"all, and cosine from {added:.3f}": partial(near, added, every),
    }
    lines = [
        f"| checks | kappa, dev ({len(dev)}) | kappa, test ({len(test)}) | supported and flagged, test |",
        "|---|---:|---:|---:|",
    ]
    for name, says in arms.items():
        wrong = sum(row.claim.supported and not says(row) for row in test)
        lines.append(f"| {name} | {agreement(dev, says):.3f} | {agreement(test, says):.3f} | {wrong} |")
    return lines


async def main() -> None:
    """Prints a table for each of the embedders that could compare."""
    embedder = build_settings_embedder(load_settings())
    for one in dict.fromkeys((embedder, sentence_embedder(embedder))):
        sys.stdout.write("\n".join(["", one.name, "", *table(await rows(one)), ""]))


if __name__ == "__main__":
    asyncio.run(main())
