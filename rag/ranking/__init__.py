"""After ranking: what makes a list of hits say more in as many places, as pure functions."""

from __future__ import annotations

from rag.errors import UnknownChoice
from rag.ranking.widen import Widening, neighbours, parents

WIDENINGS = ("none", "neighbours", "parents")


def build_widening(kind: str = "none", count: int = 1, most: int = 4000) -> Widening | None:
    """How hits grow: by ``count`` neighbours on each side, or to their parent; to ``most`` characters.

    Raises:
        UnknownChoice: there is none of that name.
    """
    match kind:
        case "none":
            return None
        case "neighbours":
            return neighbours(count, most)
        case "parents":
            return parents(most)
        case _:
            raise UnknownChoice("widening", kind, WIDENINGS)
