"""The headings of a document, and which of them stand above a position."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ingest.chunkers.lines import MARKDOWN, Kind, Line, read_lines
from rag.types import Document


class Outline:
    """Heading paths of one document, from its title down."""

    def __init__(self, document: Document, lines: Sequence[Line] | None = None) -> None:
        if lines is None:
            lines = read_lines(document.text, document.mime in MARKDOWN)
        title = document.metadata.get("title")
        self._starts: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        self._root = (title,) if isinstance(title, str) and title else ()
        stack: list[Line] = []
        for index, line in enumerate(lines):
            # Headings that follow each other with nothing between count for the first of them
            if line.kind is Kind.HEADING and line.level:
                stack = [above for above in stack if above.level < line.level] + [line]
                if not _continues(lines, index):
                    self._starts.append(line.start)
                    self._paths.append(())
                self._paths[-1] = self._named(stack)

    def path_at(self, position: int) -> tuple[str, ...]:
        """The headings above ``position``, outermost first; one that starts there is the last of them."""
        index = bisect_right(self._starts, position) - 1
        return self._paths[index] if index >= 0 else self._root

    def _named(self, stack: Sequence[Line]) -> tuple[str, ...]:
        titles = tuple(line.title for line in stack)
        return titles if titles[:1] == self._root else self._root + titles


def title_of(document: Document) -> str | None:
    """What the document calls itself: its metadata's ``title``, else its first heading of the top level."""
    title = document.metadata.get("title")
    if isinstance(title, str) and title.strip():
        return title.strip()
    lines = read_lines(document.text, document.mime in MARKDOWN)
    return next((line.title for line in lines if line.kind is Kind.HEADING and line.level == 1), None)


def _continues(lines: Sequence[Line], index: int) -> bool:
    """Whether only blank lines stand between the heading at ``index`` and the one before it."""
    while index > 0:
        index -= 1
        if lines[index].kind is not Kind.BLANK:
            return lines[index].kind is Kind.HEADING
    return False
