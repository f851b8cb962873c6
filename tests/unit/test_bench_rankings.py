"""Rankings of benchmarks that are kept: by what they are used again, and what a page says of their age."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from app.settings import load_settings
from eval.beir import read_dataset

ROOT = Path(__file__).parents[2]
DATA = ROOT / "eval" / "data" / "handbook"


@pytest.fixture
def rankings(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "infra" / "scripts")
    return importlib.import_module("rankings")


def test_a_ranking_is_of_its_data_its_settings_and_its_code(
    rankings: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, other = load_settings(), load_settings(overrides={"retrieval.fusion": "rrf"})
    dataset, split = read_dataset(DATA), read_dataset(DATA, "dev")
    key = rankings._key(plain, dataset)
    assert key == rankings._key(plain, dataset)
    monkeypatch.setattr(rankings, "code_version", lambda modules: "edited")
    keys = {key, *(rankings._key(*of) for of in ((plain, dataset), (other, dataset), (plain, split)))}
    assert len(keys) == 4


def test_the_code_of_a_ranking_reaches_every_part_of_retrieval(
    rankings: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.sweep import code

    before = code.code_version(rankings.CODE)
    version = code._source_version
    parts = ["rag.fusion.convex", "rag.ranking.mmr", "rag.legs", "ingest.chunkers.recursive"]
    for part in [*parts, "rag.reranking.late_interaction", "rag.embedding.bilingual", "app.parts"]:
        monkeypatch.setattr(
            code,
            "_source_version",
            lambda name, part=part: version(name) + "edited" * (name == part),
        )
        assert code.code_version(rankings.CODE) != before, part


def test_a_page_names_the_commit_of_its_oldest_ranking_where_it_is_another(rankings: ModuleType) -> None:
    def of(commit: str | None, day: str) -> object:
        return rankings.Ranked(np.zeros(1), np.zeros(1), f"2026-01-{day}T10:00:00+00:00", commit, 1.0)

    assert rankings.commits("new", []) == "new"
    assert rankings.commits("new", [of("new", "02")]) == "new"
    told = rankings.commits("new", [of("new", "03"), of("old", "01"), of("mid", "02")])
    assert told == "new; the oldest ranking is of old, 2026-01-01"
    assert rankings.commits(None, [of(None, "01")]) == "none"
