"""The last look at the citations before the answer is out of our hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agents.events import Cited
from agents.nodes.evidence import hits_of
from agents.nodes.step import Note
from agents.state import Context, State
from rag.types import Citation, Degradation, Hit


async def verify(state: State, _context: Context, note: Note) -> dict[str, Any]:
    """Keeps the citations whose quote stands in a passage of this run, and says when none is supported."""
    written = state["answer"]
    found = {hit.chunk.id: hit for hit in hits_of(state["results"])}
    kept = tuple(citation for citation in written.citations if _stands(citation, found, written.grade))
    for citation in kept:
        note.emit(Cited(citation))
    supported = sum(citation.supported for citation in kept)
    note.detail.update(citations=len(written.citations), kept=len(kept), supported=supported)
    if kept and not supported:
        note.degraded.append(Degradation("citations", "no quote supports the sentence that cites it"))
    return {"answer": replace(written, citations=kept)}


def _stands(citation: Citation, found: dict[str, Hit], grade: str) -> bool:
    """Whether the quote is the passage's text at its place; a cached answer has passages of its own."""
    if grade == "cached":
        return True
    hit = found.get(citation.chunk_id)
    if hit is None:
        return False
    start = citation.start - hit.chunk.start
    return hit.chunk.text[start : start + len(citation.quote)] == citation.quote
