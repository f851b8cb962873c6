"""``ardoise eval redteam``: what text that the agent reads can make it do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.cli.ingest import progress_bar
from app.cli.output import JsonFlag, out, print_json, run
from app.redteam import red_team
from app.settings import load_settings
from eval.redteam.attacks import ATTACKS, read_attacks
from eval.redteam.page import Faced, page, rate
from eval.redteam.verdict import succeeded


def redteam(
    attacks: Annotated[Path, typer.Option(help="A JSONL file of attacks.")] = ATTACKS,
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write the page into.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Plant attacks, ask about something else, and count those that succeed, also with a model that obeys."""

    async def work() -> list[Faced]:
        planted = read_attacks(attacks)
        with progress_bar() as bar, tempfile.TemporaryDirectory() as home:
            task = bar.add_task("red team", total=2 * len(planted))
            return await red_team(
                load_settings(), planted, Path(home), lambda done, _: bar.update(task, completed=done)
            )

    faced = run(work())
    if out_file:
        out_file.write_text(page(faced), encoding="utf-8")
    if as_json:
        print_json({"attacks": [_view(one) for one in faced]})
        return
    for name, many in (
        ("rules", [one.rules for one in faced]),
        ("obedient", [one.obedient for one in faced]),
    ):
        won = sum(succeeded(one.attack, outcome) for one, outcome in zip(faced, many, strict=True))
        reached = sum(outcome.reached for outcome in many)
        out.print(
            f"{name}: {reached} of {len(faced)} reached it, succeeded {rate(won, len(faced))}", markup=False
        )


def _view(one: Faced) -> dict[str, object]:
    return {
        "id": one.attack.id,
        "kind": one.attack.kind,
        "disguise": one.attack.disguise,
        "planted": one.attack.planted,
        "rules": {"reached": one.rules.reached, "succeeded": succeeded(one.attack, one.rules)},
        "obedient": {"reached": one.obedient.reached, "succeeded": succeeded(one.attack, one.obedient)},
    }
