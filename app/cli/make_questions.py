"""``ardoise eval make-questions`` and ``ardoise eval dataset``: labelled questions from one's own files."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import JsonFlag, out, print_json, run
from app.parts import build_chat, build_settings_chunker, build_settings_embedder
from app.settings import Settings, load_settings
from app.system import open_system
from eval.beir_folder import write_beir, write_questions
from eval.drafting.base import Draft, Drafter
from eval.drafting.finding import finder
from eval.drafting.headings import HeadingDrafter
from eval.drafting.making import Made
from eval.drafting.making import make_questions as make
from eval.drafting.model import ModelDrafter
from eval.questions import read_questions
from ingest.files import discover
from rag.embedding.base import Embedder
from rag.errors import BadInput
from rag.llm.extractive import EXTRACTIVE
from rag.types import Document

Corpus = Annotated[Path | None, typer.Option(help="A folder of files, or a BEIR folder.")]


def make_questions(
    out_file: Annotated[Path, typer.Option("--out", help="The questions.jsonl to write.")],
    corpus: Corpus = None,
    collection: Annotated[str | None, typer.Option(help="A collection instead of --corpus.")] = None,
    number: Annotated[int, typer.Option("-n", min=1, max=10_000, help="Questions wanted.")] = 50,
    llm: Annotated[str, typer.Option(help="extractive (no model: headings), mistral or vllm.")] = EXTRACTIVE,
    seed: Annotated[int, typer.Option(help="The order in which documents take turns.")] = 0,
    beir: Annotated[Path | None, typer.Option(help="Also write a BEIR folder here.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft labelled questions about documents; they are marked as synthetic, and drops are counted."""

    async def work() -> Made:
        if (corpus is None) == (collection is None):
            raise BadInput("name either --corpus PATH or --collection NAME")
        settings = load_settings()
        documents = read_documents(corpus) if corpus else await _of_collection(settings, collection)
        async with AsyncExitStack() as stack:
            embedder = build_settings_embedder(settings)
            drafter = await _drafter(stack, settings, llm, embedder)
            search = finder(documents, build_settings_chunker(settings, embedder), settings.retrieval.top_k)

            async def finds(draft: Draft) -> bool:
                return search(draft)

            made = await make(documents, drafter, embedder, finds, wanted=number, seed=seed)
        write_questions(out_file, made.questions)
        if beir:
            write_beir(beir, documents, made.questions)
        return made

    view = run(work()).view()
    if as_json:
        print_json(view)
        return
    out.print(f"{view['kept']} of {view['drafts']} drafts kept, by {view['drafter']}", markup=False)
    for why, count in view["dropped"].items():
        out.print(f"dropped: {count} {why}", markup=False)


def dataset(
    corpus: Annotated[Path, typer.Argument(help="A folder of files.")],
    questions: Annotated[Path, typer.Option(help="A questions.jsonl about them.")],
    out_dir: Annotated[Path, typer.Option("--out", help="The BEIR folder to write.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a BEIR folder of files and questions, for `eval run` and `eval sweep`; quotes are checked."""

    async def work() -> dict[str, Any]:
        documents, asked = read_documents(corpus), read_questions(questions)
        write_beir(out_dir, documents, asked)
        judged = sum(bool(one.gold) for one in asked)
        return {
            "folder": str(out_dir),
            "documents": len(documents),
            "questions": len(asked),
            "judged": judged,
        }

    view = run(work())
    if as_json:
        print_json(view)
    else:
        out.print(
            f"{view['folder']}: {view['documents']} documents, {view['judged']} judged questions",
            markup=False,
        )


def read_documents(path: Path) -> list[Document]:
    """The documents of a folder, named as ingestion names them.

    Raises:
        BadInput: nothing there, or a file that cannot be read; questions about it would all be wrong.
    """
    found = discover([path])
    documents = []
    for source in (source for _, stream in found.streams() for source in stream):
        try:
            documents.append(source.document(source.read()))
        except BadInput as error:
            raise BadInput(f"{source.uri}: {error}: repair it, or take it out of the folder") from error
    return documents


async def _of_collection(settings: Settings, name: str | None) -> list[Document]:
    async with open_system(settings, owner="ardoise eval make-questions") as system:
        views = [
            await system.library.document(one["id"], name) for one in await system.library.documents(name)
        ]
    return [
        Document(
            view["id"], view["text"], view["uri"], view["mime"], view["language"], view.get("metadata") or {}
        )
        for view in views
    ]


async def _drafter(stack: AsyncExitStack, settings: Settings, llm: str, embedder: Embedder) -> Drafter:
    if llm == EXTRACTIVE:
        return HeadingDrafter()
    chat = build_chat(settings, llm, embedder)
    stack.push_async_callback(chat.close)
    return ModelDrafter(chat)
