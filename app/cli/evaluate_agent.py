"""``ardoise eval agent``: the agent on labelled questions, beside the chain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, out, print_json, run
from app.evaluation import ask_labelled, shaping_settings
from app.settings import Settings, load_settings
from app.system import open_system
from eval.agent import AgentRun, ask_set
from eval.agent_report import agent_report
from eval.questions import Question, Split, read_questions
from eval.quotes import QUESTIONS
from rag.errors import BadInput, UnknownChoice

HANDBOOK = Path("eval/data/handbook")


def agent(
    dataset: Annotated[Path, typer.Option(help="A questions.jsonl, or the folder of one.")] = HANDBOOK,
    split: Annotated[str | None, typer.Option(help="dev or test; both without it.")] = None,
    types: Annotated[str, typer.Option(help="Types of question, with commas between; all without it.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each type at most.")] = None,
    also: Annotated[list[Path] | None, typer.Option(help="Another file, reported beside it, whole.")] = None,
    collection: Annotated[str | None, typer.Option(help="The collection to ask.")] = None,
    chain: Annotated[bool, typer.Option("--chain/--no-chain", help="Ask the chain too.")] = True,
    out_dir: Annotated[Path | None, typer.Option("--out", help="Folder to write the run into.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask labelled questions of the agent and of the chain, and compare the two."""

    async def work() -> AgentRun:
        if split not in (None, *get_args(Split)):
            raise UnknownChoice("split", split, get_args(Split))
        asked = _chosen(read_questions(_file(dataset), cast("Split | None", split)), types, limit)
        sets: dict[str, Sequence[Question]] = {_name(dataset, split): asked}
        for path in also or ():
            if (name := _name(path)) in sets:
                raise BadInput(f"{path}: a set named {name} is asked already; rename the file or its folder")
            sets[name] = read_questions(_file(path))
        overrides = {"collection": collection} if collection else {}
        result = await _asked(load_settings(overrides=overrides), sets, chain)
        if out_dir:
            result.write(out_dir)
        return result

    view = run(work()).view()
    if as_json:
        print_json(view)
    else:
        out.print(agent_report(view), markup=False)


async def _asked(settings: Settings, sets: dict[str, Sequence[Question]], chain: bool) -> AgentRun:
    async with open_system(settings, owner="ardoise eval agent") as system:
        # Parts as they are named once loaded: what answered is what is written down.
        parts = await system.ready()
        with progress_bar() as bar:
            task = bar.add_task("asking", total=None)
            done = [
                await ask_set(
                    name,
                    questions,
                    partial(ask_labelled, system),
                    partial(ask_labelled, system, agent=False) if chain else None,
                    progress=lambda what, n, total: bar.update(
                        task, description=what, completed=n, total=total
                    ),
                )
                for name, questions in sets.items()
            ]
    config: dict[str, Any] = {
        "llm": parts["llm"],
        "embedder": settings.embedding.model,
        "collection": parts["name"],
        "chunks": parts["chunks"],
        "sets": {name: len(questions) for name, questions in sets.items()},
        "settings": shaping_settings(settings),
    }
    return AgentRun(tuple(done), config)


def _file(path: Path) -> Path:
    return path / QUESTIONS if path.is_dir() else path


def _name(path: Path, split: str | None = None) -> str:
    file = _file(path)
    name = file.resolve().parent.name if file.name == QUESTIONS else file.stem
    return ", ".join(filter(None, [name, split]))


def _chosen(questions: Sequence[Question], types: str, limit: int | None) -> list[Question]:
    """Questions of the types wanted, the first of each as many as the limit says.

    Raises:
        UnknownChoice: no question is of a type that was named.
    """
    there = dict.fromkeys(question.type for question in questions)
    wanted = [name.strip() for name in types.split(",") if name.strip()] or list(there)
    for name in wanted:
        if name not in there:
            raise UnknownChoice("type of question", name, there)
    of = {name: [question for question in questions if question.type == name] for name in wanted}
    kept = {question.id for found in of.values() for question in found[:limit]}
    return [question for question in questions if question.id in kept]
