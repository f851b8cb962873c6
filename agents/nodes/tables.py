"""Tables that tools made of quotations, after an answer: their citations go on from where its own end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.nodes.speech import Speech
from agents.state import Outcome
from rag.types import Answer

_MARKER = re.compile(r" ?\[(\d+)\]")


def tables(results: Sequence[Outcome]) -> str:
    """The tables as a model reads them: without markers, which would be taken for those of its passages."""
    return "\n".join(_MARKER.sub("", one.result.text) for one in results if one.result.quotes)


def with_tables(written: Answer, results: Sequence[Outcome], speech: Speech) -> Answer:
    """``written`` and the tables under it; one that says nothing gives way to them."""
    made = [outcome.result for outcome in results if outcome.result.quotes]
    if made and written.abstained:
        if not speech.dropped():
            speech.retract("a table says more")
        written = replace(written, text="", abstained=False)
    for result in made:
        last = max((one.marker for one in written.citations), default=0)
        table = _renumbered(result.text, last)
        quotes = [replace(one, marker=one.marker + last) for one in result.quotes]
        shown = [one for one in quotes if f"[{one.marker}]" in table]
        before = "\n\n" if written.text else ""
        speech.say(before + table)
        written = replace(written, text=written.text + before + table, citations=(*written.citations, *shown))
    return written


def _renumbered(table: str, last: int) -> str:
    return _MARKER.sub(lambda mark: f" [{int(mark[1]) + last}]", table)
