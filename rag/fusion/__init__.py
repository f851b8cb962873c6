"""Fusion: the rankings of several legs to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.errors import UnknownChoice
from rag.fusion.base import Fused, Fusion
from rag.index.base import Scored

FUSIONS = ("rrf", "convex", "dbsf")


def build_fusion(kind: str = "rrf", *, k: float = 60) -> Fusion:
    """The fusion called ``kind``: ``rrf``, with its constant ``k``, ``convex`` or ``dbsf``.

    Raises:
        UnknownChoice: there is none of that name.
    """
    match kind:
        case "rrf":
            from rag.fusion.rrf import rrf

            def fuse(candidates: Mapping[str, Sequence[Scored]], weights: Mapping[str, float]) -> list[Fused]:
                rankings = [[scored.chunk_id for scored in found] for found in candidates.values()]
                return rrf(rankings, k, [weights[leg] for leg in candidates])

            return Fusion(f"rrf(k={k:g})", fuse)
        case "convex":
            from rag.fusion.convex import convex

            return Fusion(kind, lambda found, by: convex(list(found.values()), [by[leg] for leg in found]))
        case "dbsf":
            from rag.fusion.dbsf import dbsf

            return Fusion(kind, lambda found, by: dbsf(list(found.values()), [by[leg] for leg in found]))
        case _:
            raise UnknownChoice("fusion", kind, FUSIONS)
