"""``ardoise search``: the passages for a query."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.output import Collection, JsonFlag, out, print_json, request_of, run
from app.explained import explained_document, explained_hit, explained_queries
from app.remote import search_remotely
from app.requests import SearchRequest
from app.settings import load_settings
from app.system import open_system
from app.views import Json
from rag.errors import IndexInUse
from rag.index.filters import read_words


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    collection: Collection = None,
    top_k: Annotated[int | None, typer.Option(help="Hits to return.")] = None,
    mode: Annotated[str | None, typer.Option(help="hybrid, dense or sparse.")] = None,
    reranker: Annotated[
        str | None, typer.Option(help="auto, cross_encoder, late_interaction, llm or none.")
    ] = None,
    filter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Only chunks that meet it: lang=en, lang=en|fr, year>=2020, date<2024-01-31; repeatable.",
        ),
    ] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUESTION", help="What was asked before, for the expansion rewrite; repeatable."
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say how each hit came to its rank.")] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="DOCUMENT", help="Say where this document fell out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find passages, with the rank that each leg gave them."""
    chosen: dict[str, Any] = {
        "top_k": top_k,
        "mode": mode,
        "reranker": reranker,
        "explain": explain,
        "expect": expect,
    }
    chosen["history"] = [{"role": "user", "content": question} for question in after or []]
    found = run(_search(query, collection, filter or [], chosen))
    if as_json:
        print_json(found)
    else:
        _print(found)


async def _search(query: str, collection: str | None, filters: list[str], chosen: dict[str, Any]) -> Json:
    request = request_of(
        SearchRequest,
        query=query,
        collection=collection,
        **chosen,
        filter=read_words(filters),
    )
    settings = load_settings()
    try:
        async with open_system(settings, owner="ardoise search") as system:
            return await system.search(request)
    except IndexInUse as error:
        return await search_remotely(request, settings, error)


def _print(found: Json) -> None:
    for line in explained_queries(found) if "explain" in found else ():
        out.print(line, style="cyan", markup=False)
    if not found["hits"]:
        out.print("no hits")
    for hit in found["hits"]:
        legs = ", ".join(f"{name} {leg['rank']}" for name, leg in hit["legs"].items())
        place = " > ".join(hit["headings"]) or f"characters of {hit['document_id']}"
        page = f", page {hit['page']}" if hit["page"] else ""
        title = f"{hit['rank']}. {hit['uri']}{page}  ({hit['score']:.4f}; {legs})"
        out.print(title, style="bold", markup=False)
        out.print(f"   {place}", style="dim", markup=False)
        text = " ".join(hit["text"].split())
        out.print(f"   {text[:300]}{'…' if len(text) > 300 else ''}", markup=False)
        for line in explained_hit(found, hit) if "explain" in hit else ():
            out.print(f"   {line}", style="cyan", markup=False)
        out.print()
    for line in explained_document(found) if "explain" in found else ():
        out.print(line, style="bold", markup=False)
    total = found["timings_ms"].get("total", 0.0)
    out.print(f"{len(found['hits'])} hits in {total:.0f} ms from {found['collection']}", style="dim")
