"""``ardoise eval calibrate``: a judge beside people's labels."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import JsonFlag, out, print_json, run
from app.evaluation import build_judge_chat, build_settings_judge
from app.parts import build_settings_embedder
from app.settings import load_settings
from eval.calibration import calibrate as judge_claims
from eval.calibration import read_claims
from eval.report import calibration_report
from rag.errors import UnknownChoice

_JUDGES = ("support", "ragas")


def calibrate(
    labels: Annotated[Path, typer.Option(help="JSON lines: id, claim, quote, supported.")],
    judge: Annotated[str, typer.Option(help="support or ragas.")] = "support",
    threshold: Annotated[float, typer.Option(help="The score from which a claim is supported.")] = 0.5,
    as_json: JsonFlag = False,
) -> None:
    """Compare a judge with labels: kappa, balanced accuracy, what it got wrong and where it failed."""

    async def work() -> dict[str, Any]:
        claims, settings = read_claims(labels), load_settings()
        async with AsyncExitStack() as stack:
            embedder = build_settings_embedder(settings)
            chat = build_judge_chat(settings, embedder)
            stack.push_async_callback(chat.close)
            metrics = ("faithfulness",) if judge == "ragas" else ()
            chosen = build_settings_judge(judge, settings, chat, embedder, metrics)
            if chosen is None:
                raise UnknownChoice("judge", judge, _JUDGES)
            return (await judge_claims(claims, chosen, threshold)).view()

    view = run(work())
    if as_json:
        print_json(view)
    else:
        out.print(calibration_report(view), markup=False)
