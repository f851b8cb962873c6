"""Writes docs/encoders.md: what each local encoder finds, how fast it is, and what it takes.

``python infra/scripts/bench_encoders.py DIR… [--split NAME] [--fresh]``: DIR are BEIR folders; speed is
measured on the first one's texts. Each encoder is timed in a process of its own, one after the other;
rankings are kept below ``ARDOISE_HOME/eval/rankings``; ``--fresh`` ranks anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from app.parts import build_settings_embedder
from app.settings import load_settings
from eval.beir import Dataset, read_dataset
from eval.folder import environment
from rag.embedding.weights import DEFAULT_MODEL, MULTILINGUAL
from rankings import MEASURE, Ranked, commits, ranked, shown

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "encoders.md"
TEXT = Path(__file__).with_name("encoders.md")
DOCUMENTS = 192
QUESTIONS = 48


@dataclass(frozen=True, slots=True)
class Encoder:
    """One way to embed; ``quality`` is whether rankings are made with it."""

    told: str
    settings: Mapping[str, Any]
    quality: bool = True


def _of(model: str, **more: str) -> dict[str, str]:
    return {"embedding.model": model} | {f"embedding.{name}": value for name, value in more.items()}


ENGLISH, OTHERS = DEFAULT_MODEL, MULTILINGUAL
ENCODERS = (
    Encoder("MiniLM, PyTorch", _of(ENGLISH, runtime="torch"), quality=False),
    Encoder("MiniLM, ONNX fp32", _of(ENGLISH, precision="fp32")),
    Encoder("MiniLM, ONNX int8", _of(ENGLISH, precision="int8")),
    Encoder("E5, ONNX fp32", _of(OTHERS, precision="fp32"), quality=False),
    Encoder("E5, ONNX int8", _of(OTHERS, precision="int8")),
    Encoder("**bilingual** (the default)", _of("bilingual")),
)
MODES = {"dense": {"retrieval.mode": "dense"}, "hybrid": {"retrieval.mode": "hybrid"}}


def main() -> None:
    """Times the encoders, ranks with them, writes the page."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("data", type=Path, nargs="+")
    reader.add_argument("--split", help="of collections that have it")
    reader.add_argument("--fresh", action="store_true", help="rank anew")
    reader.add_argument("--timed", help=argparse.SUPPRESS)  # the process of one encoder
    asked = reader.parse_args()
    if asked.timed:
        print(json.dumps(_timed(json.loads(asked.timed), asked.data[0])))  # noqa: T201
        return
    sets = [read_dataset(folder, _split(folder, asked.split)) for folder in asked.data]
    speeds = {one.told: _speed(one, asked.data[0]) for one in ENCODERS}
    found = {mode: _quality(mode, sets, asked.fresh) for mode in MODES}
    where = environment()
    used = [one for of in found.values() for ranks in of.values() for one in ranks]
    page = Template(TEXT.read_text(encoding="utf-8")).substitute(
        speed=_speed_table(speeds),
        quality="\n\n".join(_quality_table(mode, sets, of) for mode, of in found.items()),
        documents=min(DOCUMENTS, sets[0].size),
        questions=QUESTIONS,
        timed=asked.data[0].name,
        command=f'make encoders DATA="{" ".join(map(shown, asked.data))}"',
        machine=where["machine"],
        date=where["time"][:10],
        commit=commits(where["commit"], used),
        load=f"{os.getloadavg()[0]:.1f}",
    )
    PAGE.write_text(page, encoding="utf-8")


def _split(folder: Path, name: str | None) -> str | None:
    return name if name and (folder / f"queries_{name}.jsonl").is_file() else None


def _speed(encoder: Encoder, data: Path) -> dict[str, float]:
    """What the process of this encoder measured."""
    print(f"timing {encoder.told}", file=sys.stderr)  # noqa: T201
    command = [sys.executable, __file__, str(data), "--timed", json.dumps(encoder.settings)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _timed(settings: Mapping[str, Any], data: Path) -> dict[str, float]:
    """Seconds to load (compiled before), documents a second, milliseconds a question, MiB of memory."""
    chosen = load_settings(overrides={**settings, "embedding.cache_entries": 0})
    dataset = read_dataset(data)
    documents = [document.text for document, _ in zip(dataset.documents(), range(DOCUMENTS), strict=False)]
    questions = [query.text for query in dataset.queries[: QUESTIONS + 1]]

    async def measured() -> dict[str, float]:
        await build_settings_embedder(chosen).embed_query("compile, if that is still to be done")
        embedder = build_settings_embedder(chosen)
        start = time.perf_counter()
        await embedder.embed_query(questions[0])
        load = time.perf_counter() - start
        start = time.perf_counter()
        await embedder.embed_documents(documents)
        rate = len(documents) / (time.perf_counter() - start)
        times = []
        for question in questions[1:]:
            start = time.perf_counter()
            await embedder.embed_query(question)
            times.append((time.perf_counter() - start) * 1000)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"load": load, "rate": rate, "ms": float(np.median(times)), "memory": memory}

    return asyncio.run(measured())


def _speed_table(speeds: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        f"| {told} | {of['rate']:.1f} | {of['ms']:.1f} | {of['load']:.1f} | {of['memory']:,.0f} |"
        for told, of in speeds.items()
    ]
    head = "| encoder | documents/s | ms a question | s to load | peak MiB of the process |"
    return "\n".join([head, "|---|---:|---:|---:|---:|", *rows])


def _quality(mode: str, sets: Sequence[Dataset], fresh: bool) -> dict[str, list[Ranked]]:
    """The rankings of each encoder, in the order of the collections."""
    found: dict[str, list[Ranked]] = {}
    for encoder in filter(lambda one: one.quality, ENCODERS):
        told, settings = f"{encoder.told}, {mode}", {**encoder.settings, **MODES[mode]}
        ranks = [ranked(told, settings, one, fresh=fresh) for one in sets]
        found[encoder.told] = [one for one in ranks if one]
    return found


def _quality_table(mode: str, sets: Sequence[Dataset], found: Mapping[str, Sequence[Ranked]]) -> str:
    names = [f"{one.name}{f', {one.split}' if one.split else ''}" for one in sets]
    rows = [
        f"| {told} | {' | '.join(f'{one.scores.mean():.4f}' for one in of)} |" for told, of in found.items()
    ]
    head = f"| {MEASURE}, {mode} | {' | '.join(names)} |"
    return "\n".join([head, f"|---|{'---:|' * len(names)}", *rows])


if __name__ == "__main__":
    main()
