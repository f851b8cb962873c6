"""Each fault of a provider, on each backend, as its caller sees it: the page in docs, and its rules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.socket

ROOT = Path(__file__).resolve().parents[2]
TOLD = {"fault-400", "wrong key", "fault-403", "fault-404", "fault-422"}
GRADES = {"model": "full", "flaky-2": "full", "fault-length": "cut"}


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fault_matrix", ROOT / "infra/scripts/fault_matrix.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fault_matrix"] = module
    spec.loader.exec_module(module)
    return module


async def test_the_page_is_fresh_and_every_row_keeps_the_rules() -> None:
    script = _script()
    rows: list[Any] = await script.matrix()
    assert {(row.fault, row.backend) for row in rows} == {
        (fault, backend) for fault in script.FAULTS for backend in script.BACKENDS
    }
    for row in rows:
        assert "sk-" not in row.said
        if row.fault in TOLD:
            assert "ModelRefused" in row.sees, row
            assert row.calls == 1, row
        elif row.fault in GRADES:
            assert row.sees == f"grade `{GRADES[row.fault]}`", row
        else:
            assert row.sees == "grade `extractive`", row
            assert row.backend in row.said, row
            assert row.reason, row
            assert row.waited_s < 60, row
    assert script.table(rows) in script.PAGE.read_text(encoding="utf-8"), "run make faults"
