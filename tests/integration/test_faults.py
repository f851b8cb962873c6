"""Each fault of a provider, on each backend, as its caller sees it: the page in docs, and its rules."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.socket

ROOT = Path(__file__).resolve().parents[2]
TOLD = {"fault-400", "wrong key", "fault-403", "fault-404", "fault-422"}
GRADES = {
    "model": "full",
    "flaky-2": "full",
    "fault-length": "cut",
    "fault-shape-usage": "full",
}
# Where only planning fails, rules plan and the model answers.
PLANNED_BY_RULES = {"fault-schema", "fault-broken-call"}
AGENT_GRADES = {"model": "full", "mends": "full", **dict.fromkeys(PLANNED_BY_RULES, "full")}


# Making one takes a good part of a row's time, and the provider speaks plain HTTP.
_TLS = cache(ssl.create_default_context)


@pytest.fixture(autouse=True)
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", _TLS)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fault_matrix", ROOT / "infra/scripts/fault_matrix.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fault_matrix"] = module
    spec.loader.exec_module(module)
    return module


async def test_the_answerers_table_is_fresh_and_every_row_keeps_the_rules(script: ModuleType) -> None:
    rows = await script.matrix(script.FAULTS, script.ask_answerer)
    _every_row_keeps_the_rules(script, rows, script.FAULTS, GRADES)
    for row in rows:
        assert len(row.reasons) <= 1, row


async def test_the_agents_table_is_fresh_and_every_row_keeps_the_rules(script: ModuleType) -> None:
    rows = await script.matrix(script.AGENT_FAULTS, script.ask_agent)
    _every_row_keeps_the_rules(script, rows, script.AGENT_FAULTS, AGENT_GRADES)
    for row in rows:
        assert len(set(row.reasons)) == len(row.reasons), row
        if row.fault in PLANNED_BY_RULES:
            assert row.reasons == ("cut",), row
            assert "search_corpus" in row.said, row


def _every_row_keeps_the_rules(
    script: ModuleType, rows: list[Any], faults: dict[str, str], grades: dict[str, str]
) -> None:
    assert {(row.fault, row.backend) for row in rows} == {
        (fault, backend) for fault in faults for backend in script.BACKENDS
    }
    for row in rows:
        assert "sk-" not in row.said
        assert row.in_time, row
        assert row.waited_s < script.DEADLINE_S, row
        if row.fault in TOLD:
            assert "ModelRefused" in row.sees, row
            assert row.calls == 1, row
        else:
            assert row.sees == f"grade `{grades.get(row.fault, 'extractive')}`", row
        if row.fault not in (*TOLD, *grades):
            assert row.backend in row.said, row
            assert row.reasons, row
        if row.fault == "circuit open":
            assert row.calls == 0, row
    page = script.PAGE.read_text(encoding="utf-8")
    assert script.table(rows, faults) in page, "run make faults"
