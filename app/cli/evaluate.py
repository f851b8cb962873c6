"""``ardoise eval``: measure retrieval and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.calibrate import calibrate
from app.cli.evaluate_agent import agent
from app.cli.evaluate_answers import answers
from app.cli.ingest import progress_bar
from app.cli.make_questions import dataset as make_dataset
from app.cli.make_questions import make_questions
from app.cli.output import JsonFlag, out, print_json, run
from app.cli.redteam import redteam
from app.evaluation import evaluate_dataset
from app.settings import Settings, load_settings
from eval.beir import Dataset, read_dataset
from eval.bench import bench as bench_table
from eval.report import run_report
from eval.run import RetrievalRun
from rag.errors import BadInput
from rag.retriever import Mode

cli = typer.Typer(help="Measure retrieval and answers.", no_args_is_help=True)
cli.command("agent")(agent)
cli.command("answers")(answers)
cli.command("calibrate")(calibrate)
cli.command("redteam")(redteam)
cli.command("make-questions")(make_questions)
cli.command("dataset")(make_dataset)

Out = Annotated[Path | None, typer.Option("--out", help="Folder to write the run into.")]


@cli.command("run")
def run_retrieval(
    dataset: Annotated[Path, typer.Option(help="A BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv.")],
    split: Annotated[str | None, typer.Option(help="Reads queries_SPLIT.jsonl and qrels_SPLIT.tsv.")] = None,
    mode: Annotated[str | None, typer.Option(help="hybrid, dense or sparse.")] = None,
    chunker: Annotated[str, typer.Option(help="whole, fixed or recursive.")] = "whole",
    reranker: Annotated[
        str, typer.Option(help="auto, cross_encoder, late_interaction, llm or none.")
    ] = "none",
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting.")] = None,
    config: Annotated[Path | None, typer.Option(help="A settings file instead of ardoise.toml.")] = None,
    out_dir: Out = None,
    as_json: JsonFlag = False,
) -> None:
    """Rank documents for every judged query of a collection and score the rankings."""

    async def work() -> RetrievalRun:
        result = await retrieve(dataset, split, mode, chunker, reranker, set_, config)
        if out_dir:
            result.write(out_dir)
        return result

    view = run(work()).view()
    if as_json:
        print_json(view)
    else:
        out.print(run_report(view), markup=False)


async def retrieve(
    dataset: Path,
    split: str | None,
    mode: str | None,
    chunker: str,
    reranker: str,
    set_: list[str] | None,
    config: Path | None,
) -> RetrievalRun:
    """What ``ardoise eval run`` does with its arguments."""
    chosen = {"retrieval.mode": mode, "chunking.chunker": chunker, "retrieval.reranker": reranker}
    settings = load_settings(overrides=chosen | _pairs(set_ or []), file=config)
    return await _with_bar(settings, read_dataset(dataset, split))


@cli.command("bench")
def bench(
    data: Annotated[list[Path], typer.Argument(help="BEIR folders, or folders of them.")],
) -> None:
    """Sparse, dense and hybrid retrieval on each collection, as a Markdown table."""

    async def work() -> str:
        async def one(dataset: Dataset, mode: Mode) -> RetrievalRun:
            overrides = {"retrieval.mode": mode, "chunking.chunker": "whole", "retrieval.reranker": "none"}
            return await _with_bar(load_settings(overrides=overrides), dataset)

        return await bench_table([read_dataset(folder) for folder in _folders(data)], one)

    out.print(run(work()), markup=False)


async def _with_bar(settings: Settings, dataset: Dataset) -> RetrievalRun:
    with progress_bar() as bar:
        task = bar.add_task(dataset.name, total=None)
        return await evaluate_dataset(
            settings,
            dataset,
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )


def _folders(given: list[Path]) -> list[Path]:
    found = []
    for folder in given:
        inside = sorted(path.parent for path in folder.glob("*/qrels.tsv"))
        found += [folder] if (folder / "corpus.jsonl").is_file() else inside
    if not found:
        raise BadInput(
            f"no BEIR folder in {', '.join(map(str, given))}: one holds corpus.jsonl and qrels.tsv"
        )
    return found


def _pairs(words: list[str]) -> dict[str, Any]:
    pairs = [word.partition("=") for word in words]
    if wrong := [word for word, (key, sign, _) in zip(words, pairs, strict=True) if not (key and sign)]:
        raise BadInput(f"--set takes SECTION.NAME=VALUE, not {wrong[0]!r}")
    return {key: value for key, _, value in pairs}
