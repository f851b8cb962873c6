"""``ardoise tune``: make parts of retrieval from what is on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, out, print_json, run
from app.settings import load_settings
from app.tuning import tune_reranker
from eval.beir import read_dataset
from eval.tuning.run import Plan
from eval.tuning.training import Schedule

cli = typer.Typer(help="Train parts on this machine.", no_args_is_help=True)


@cli.callback()
def _group() -> None:
    """Train parts on this machine."""


@cli.command("reranker")
def reranker(
    data: Annotated[Path, typer.Option(help="A BEIR folder with judged questions.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder of the model, and of its card.")],
    split: Annotated[str | None, typer.Option(help="Reads queries_SPLIT.jsonl and qrels_SPLIT.tsv.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Model or folder to start from. [default: all-MiniLM-L6-v2]")
    ] = None,
    chunker: Annotated[str, typer.Option(help="whole, fixed or recursive.")] = "whole",
    groups: Annotated[int, typer.Option(min=1, help="Most queries to train with.")] = Plan().groups,
    epochs: Annotated[int, typer.Option(min=1, help="Times that each is seen.")] = Schedule().epochs,
    max_tokens: Annotated[
        int, typer.Option(min=16, max=512, help="Of question and passage together.")
    ] = Schedule().max_tokens,
    seed: Annotated[int, typer.Option(min=0, help="Of everything left to chance.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Train a cross-encoder on a collection; keep it only if a paired test shows that it helps.

    A part of the questions chooses its weight and another tests it; neither trains it. Stopped, the same
    command goes on where it was.
    """

    async def work() -> dict[str, Any]:
        settings = load_settings(overrides={"chunking.chunker": chunker})
        plan = Plan(
            groups=groups,
            depth=settings.retrieval.rerank_depth,
            schedule=Schedule(epochs=epochs, max_tokens=max_tokens, seed=seed),
        )
        with progress_bar() as bar:
            task = bar.add_task(data.name, total=None)
            return await tune_reranker(
                settings,
                read_dataset(data, split),
                plan,
                out_dir,
                encoder,
                lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
            )

    card = run(work())
    if as_json:
        print_json(card)
    else:
        out.print(_told(card, out_dir), markup=False)


def _told(card: Mapping[str, Any], folder: Path) -> str:
    lines = [
        f"groups    {', '.join(f'{count} {origin}' for origin, count in card['groups'].items())}",
        f"weight    {card['rerank_weight']}, chosen on {card['questions']['choose']} questions",
        f"test      {card['measure']} {card['before']:.4f} fused, {card['after']:.4f} reranked,"
        f" on {card['questions']['test']} questions: {card['wording']}",
        f"time      {card['ms_per_question']:.0f} ms a question",
    ]
    if card["helped"]:
        lines += [
            f"kept in   {folder}; to use it set ARDOISE_RERANKER=cross_encoder,",
            f"          ARDOISE_RETRIEVAL__RERANKER_MODEL={folder},"
            f" ARDOISE_RETRIEVAL__RERANK_WEIGHT={card['rerank_weight']}",
        ]
    else:
        lines.append("not kept  the test does not show that it helps: the card says what was tried")
    return "\n".join(lines)
