"""What happened how often: counters with labels, kept in the process for whoever exports them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

Labels = tuple[tuple[str, str], ...]


class Counters:
    """Monotonic counters by name and labels, as Prometheus counts; label values come from short lists."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Labels]] = Counter()

    def add(self, name: str, **labels: str) -> None:
        """Counts one more ``name`` with these labels."""
        self._counts[name, tuple(sorted(labels.items()))] += 1

    def count(self, name: str, **labels: str) -> int:
        """How often ``name`` was counted with at least these labels."""
        wanted = set(labels.items())
        return sum(n for (key, with_), n in self._counts.items() if key == name and wanted <= set(with_))

    def snapshot(self) -> Mapping[tuple[str, Labels], int]:
        """All counts so far, by name and sorted labels."""
        return dict(self._counts)
