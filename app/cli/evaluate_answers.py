"""``ardoise eval answers``: ask labelled questions and score what comes back."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, err, out, print_json, run
from app.evaluation import (
    ask_labelled,
    build_judge_chat,
    build_settings_judge,
    look_back,
    settings_prices,
)
from app.parts import build_settings_embedder
from app.settings import Settings, load_settings
from app.system import open_system
from eval.answers import evaluate_answers
from eval.judges.base import Judge
from eval.judges.rehearsal import Assumed, estimate
from eval.prices import model_of
from eval.questions import Question, Split, read_questions
from eval.report import answers_report, estimate_report
from rag.errors import BadInput, UnknownChoice
from rag.llm.base import ChatModel


def answers(
    questions: Annotated[Path, typer.Option(help="A questions.jsonl file.")],
    split: Annotated[str | None, typer.Option(help="dev or test; both without it.")] = None,
    judge: Annotated[str, typer.Option(help="none, support or ragas.")] = "support",
    metric: Annotated[list[str] | None, typer.Option(help="A metric of RAGAS; all without it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what judging will take.")] = False,
    out_dir: Annotated[Path | None, typer.Option("--out", help="Folder to write the run into.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask every labelled question of a file and score the answers."""

    async def work() -> tuple[dict[str, Any], str]:
        if split not in (None, *get_args(Split)):
            raise UnknownChoice("split", split, get_args(Split))
        if (dry_run or metric) and judge != "ragas":
            raise BadInput(f"--dry-run and --metric belong to --judge ragas: {judge!r} asks no model")
        asked, settings = read_questions(questions, cast("Split | None", split)), load_settings()
        async with AsyncExitStack() as stack:
            embedder = build_settings_embedder(settings)
            chat = build_judge_chat(settings, embedder)
            stack.push_async_callback(chat.close)
            chosen = build_settings_judge(judge, settings, chat, embedder, metric or ())
            if judge == "ragas":
                expected = await _expected(settings, asked, chat, chosen)
                if dry_run:
                    return expected, estimate_report(expected)
                err.print(estimate_report(expected), markup=False)
            view = await _asked(settings, asked, chosen, chat, out_dir)
            return view, answers_report(view)

    view, text = run(work())
    if as_json:
        print_json(view)
    else:
        out.print(text, markup=False)


async def _expected(
    settings: Settings, questions: tuple[Question, ...], chat: ChatModel, judge: Judge | None
) -> dict[str, Any]:
    assumed = Assumed(settings.retrieval.top_k, settings.chunking.size)
    metrics = judge.metrics if judge else ()
    return (await estimate(questions, chat.name, assumed, metrics)).view(settings_prices(settings))


async def _asked(
    settings: Settings,
    questions: tuple[Question, ...],
    judge: Judge | None,
    judge_chat: ChatModel,
    folder: Path | None,
) -> dict[str, Any]:
    backend = settings.generation.backend
    async with open_system(settings, owner="ardoise eval answers") as system:
        with progress_bar() as bar:
            task = bar.add_task("asking", total=len(questions))
            result = await evaluate_answers(
                questions,
                lambda question: ask_labelled(system, question),
                judge,
                look_back=lambda question, asked: look_back(system, question, asked),
                model=settings.generation.model_at(backend) or backend,
                judge_model=model_of(judge_chat.name),
                prices=settings_prices(settings),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    if folder:
        result.write(folder)
    return result.view()
