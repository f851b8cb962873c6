"""What the command line and the HTTP API print: the nouns as JSON objects, in one place for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.events import Cited, Done, Event, NodeDone, Retracted, Token, ToolUse
from ingest.manifest import Entry
from ingest.pipeline import IngestReport
from rag.llm.base import ToolCall
from rag.queries.base import Queries
from rag.types import Answer, Citation, Degradation, Document, Hit

Json = dict[str, Any]


def search_view(
    query: str,
    collection: str,
    hits: Sequence[Hit],
    timings: Mapping[str, float],
    parts: Mapping[str, Any],
    degraded: Sequence[Degradation] = (),
) -> Json:
    """The object of ``search --json``; times in milliseconds."""
    return {
        "query": query,
        "collection": collection,
        "hits": [hit_view(rank, hit) for rank, hit in enumerate(hits, 1)],
        "timings_ms": _rounded(timings),
        "parts": dict(parts),
        "degraded": degraded_view(degraded),
    }


def degraded_view(degraded: Sequence[Degradation]) -> list[Json]:
    """The parts that could not do their work as configured, and why."""
    return [{"part": item.part, "why": item.why} for item in degraded]


def hit_view(rank: int, hit: Hit) -> Json:
    """One hit with its place in each leg."""
    return {
        "rank": rank,
        "score": hit.score,
        "chunk_id": hit.chunk.id,
        "document_id": hit.chunk.document_id,
        "uri": hit.chunk.metadata.get("uri", hit.chunk.document_id),
        "text": hit.chunk.text,
        "page": hit.chunk.page,
        "headings": list(hit.chunk.headings),
        "legs": {name: {"rank": leg.rank, "score": leg.score} for name, leg in hit.legs.items()},
        "rerank_score": hit.rerank_score,
        **({"stands_for": list(hit.stands_for)} if hit.stands_for else {}),
    }


def queries_view(queries: Queries | None) -> Json:
    """What a question became before it was looked up; nothing where nothing expands questions."""
    if queries is None:
        return {}
    shown = {"queries": list(queries.texts), "hypothetical": list(queries.hypothetical), "why": queries.why}
    return {"expansion": shown}


def answer_view(
    question: str,
    answer: Answer,
    thread: str | None,
    parts: Mapping[str, Any],
    waiting: Sequence[ToolCall] = (),
) -> Json:
    """The object of ``ask --json``; times in milliseconds; ``waiting`` only while something waits."""
    view = {
        "question": question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "grade": answer.grade,
        "degraded": degraded_view(answer.degraded),
        "citations": [citation_view(citation) for citation in answer.citations],
        "thread": thread,
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
        },
        "timings_ms": _rounded(answer.timings),
        "trace": [{"node": step.node, "ms": step.ms, **step.detail} for step in answer.trace],
        "parts": dict(parts),
    }
    return view | ({"waiting": [call_view(call) for call in waiting]} if waiting else {})


def call_view(call: ToolCall) -> Json:
    """A tool call."""
    return {"name": call.name, "arguments": dict(call.arguments)}


def turn_view(checkpoint: str, at: str | None, values: Mapping[str, Any]) -> Json:
    """One turn of a thread; ``checkpoint`` is where to go back to."""
    answer = values["answer"].text if "answer" in values else ""
    return {"checkpoint": checkpoint, "at": at, "question": values["question"], "answer": answer}


def citation_view(citation: Citation) -> Json:
    """One citation."""
    return {
        "marker": citation.marker,
        "chunk_id": citation.chunk_id,
        "document_id": citation.document_id,
        "uri": citation.uri,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "quote": citation.quote,
        "supported": citation.supported,
        "claim": citation.claim,
        "flags": list(citation.flags),
        "similarity": citation.similarity,
    }


def entry_view(entry: Entry) -> Json:
    """One document in a list."""
    return {
        "id": entry.id,
        "uri": entry.uri,
        "mime": entry.mime,
        "language": entry.language,
        "title": entry.metadata.get("title"),
        "chunks": len(entry.chunk_ids),
        "sha256": entry.sha256,
        "ingested_at": entry.ingested_at,
    }


def document_view(document: Document) -> Json:
    """One document with its text."""
    return {
        "id": document.id,
        "uri": document.uri,
        "mime": document.mime,
        "language": document.language,
        "metadata": dict(document.metadata),
        "pages": [{"number": page.number, "start": page.start, "end": page.end} for page in document.pages],
        "text": document.text,
    }


def report_view(report: IngestReport) -> Json:
    """The object of ``ingest --json``."""
    return {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "pruned": report.pruned,
        "failed": [{"uri": uri, "why": why} for uri, why in report.failed],
        "skipped": {suffix: list(uris) for suffix, uris in report.skipped.items()},
        "chunks": report.chunks,
        "seconds": round(report.seconds, 3),
    }


def event_views(event: Event, done: Json | None) -> list[tuple[str, Json]]:
    """Names and data of what the API streams for an event; ``done`` is the whole object for the last one."""
    match event:
        case Token(text):
            return [("token", {"text": text})]
        case ToolUse(name, arguments):
            return [("tool_call", {"name": name, "arguments": dict(arguments)})]
        case NodeDone(step):
            return [("node", {"node": step.node, "ms": step.ms, **step.detail})]
        case Retracted(why):
            return [("retracted", {"why": why})]
        case Cited(citation):
            return [("citation", citation_view(citation))]
        case Done():
            return [("done", done or {})]


def _rounded(timings: Mapping[str, float]) -> Json:
    return {stage: round(ms, 2) for stage, ms in timings.items()}
