"""``ardoise eval compare`` and ``eval gate``: is a difference more than chance, does a score still hold."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from app.cli import evaluate
from app.cli.output import FAILURE, JsonFlag, errors_told, out, print_json, run
from eval.compare import compare_runs, read_run
from eval.gate import Expected, PerQuery, judge, read_expected, read_scores, store
from eval.report import comparison_report
from eval.run import RetrievalRun
from rag.errors import BadInput, UnknownChoice


def compare(
    runs: Annotated[list[str], typer.Argument(help="Folders of runs, or FOLDER#CONFIGURATION of a sweep.")],
    measure: Annotated[str | None, typer.Option(help="What to compare by; the runs' first one.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare runs on the same queries, each with the first: intervals, paired tests, what can be seen."""
    with errors_told():
        view = compare_runs([read_run(word) for word in runs], measure).view()
    if as_json:
        print_json(view)
    else:
        out.print(comparison_report(view), markup=False)


def gate(
    expected: Annotated[Path, typer.Argument(help="Stored rows: command, measure, score, tolerance.")],
    update: Annotated[bool, typer.Option("--update", help="Store what the commands give now.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Fail when a measure has dropped below its stored row by more than its tolerance and than chance."""

    async def work() -> list[tuple[Expected, PerQuery]]:
        return [(row, _scores(await _run(row), row.measure)) for row in rows]

    with errors_told():
        rows = read_expected(expected)
        stored = {} if update else read_scores(expected)
    got = run(work())
    with errors_told():
        if update:
            store(expected, got)
            rows, stored = read_expected(expected), read_scores(expected)
            got = [(row, scores) for row, (_, scores) in zip(rows, got, strict=True)]
        verdicts = [judge(row, scores, stored.get(row.name)) for row, scores in got]
    passed = all(verdict.passed for verdict in verdicts)
    if as_json:
        print_json({"passed": passed, "rows": [verdict.view() for verdict in verdicts]})
    else:
        out.print("\n".join(verdict.wording for verdict in verdicts), markup=False)
    if not passed:
        raise typer.Exit(FAILURE)


async def _run(row: Expected) -> RetrievalRun:
    """The run of a row's command, read by the command line's own parser."""
    words = shlex.split(row.command)[len(("ardoise", "eval", "run")) :]
    command: Any = typer.main.get_command(evaluate.cli)
    arguments: dict[str, Any] = command.commands["run"].make_context("ardoise eval run", words).params
    unwanted = [arguments.pop(name) for name in ("out_dir", "as_json")]
    if any(unwanted):
        raise BadInput(f"{row.name}: a stored command takes neither --out nor --json")
    return await evaluate.retrieve(**arguments)


def _scores(result: RetrievalRun, measure: str) -> Mapping[str, float]:
    if measure not in result.scores.mean:
        raise UnknownChoice("measure", measure, result.scores.mean)
    return {query: scores[measure] for query, scores in result.scores.per_query.items()}
