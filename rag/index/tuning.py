"""How the dense leg trades exactness for speed and memory: the HNSW graph and quantization.

The graph is of Malkov & Yashunin 2018, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs", doi:10.1109/TPAMI.2018.2889473.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Quantization = Literal["none", "int8", "binary"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a collection is built and searched with; a change takes hold when the collection is next built.

    Attributes:
        hnsw_from: points from which a graph is built; below, every search is exact and nothing is quantized.
            A graph makes building three times as long and holds the interpreter meanwhile; up to 100,000
            points an exact search takes some tens of milliseconds and misses nothing (docs/benchmarks.md).
        m: edges of a point in the graph; more cost memory and find more.
        ef_construct: candidates looked at for each edge while building.
        ef: candidates looked at in a search; more cost time and find more.
        quantization: of the vectors that the graph is searched over: a byte or a bit a component. The best
            found are scored again with the exact vectors, which stay on disk.
        oversampling: candidates scored again, as a multiple of those asked for.
    """

    hnsw_from: int = 100_000
    m: int = 16
    ef_construct: int = 100
    ef: int = 128
    quantization: Quantization = "none"
    oversampling: float = 2.0


DEFAULT = Tuning()
