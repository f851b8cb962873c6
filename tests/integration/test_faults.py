"""Each fault of a provider, on each backend, as its caller sees it: the page in docs, and its rules."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import pytest

import fault_matrix
import fault_rows

pytestmark = pytest.mark.socket

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


async def test_the_answerers_table_is_fresh_and_every_row_keeps_the_rules() -> None:
    rows = await fault_matrix.matrix(fault_matrix.FAULTS, fault_rows.ask_answerer)
    _every_row_keeps_the_rules(rows, fault_matrix.FAULTS, GRADES)
    for row in rows:
        assert len(row.reasons) <= 1, row


async def test_the_agents_table_is_fresh_and_every_row_keeps_the_rules() -> None:
    rows = await fault_matrix.matrix(fault_matrix.AGENT_FAULTS, fault_rows.ask_agent)
    _every_row_keeps_the_rules(rows, fault_matrix.AGENT_FAULTS, AGENT_GRADES)
    for row in rows:
        assert len(set(row.reasons)) == len(row.reasons), row
        if row.fault in PLANNED_BY_RULES:
            assert row.reasons == ("cut",), row
            assert "search_corpus" in row.said, row


def _every_row_keeps_the_rules(rows: list[Any], faults: dict[str, str], grades: dict[str, str]) -> None:
    assert {(row.fault, row.backend) for row in rows} == {
        (fault, backend) for fault in faults for backend in fault_matrix.BACKENDS
    }
    for row in rows:
        assert "sk-" not in row.said
        assert row.in_time, row
        assert row.waited_s < fault_rows.DEADLINE_S, row
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
    page = fault_matrix.PAGE.read_text(encoding="utf-8")
    assert fault_matrix.table(rows, faults) in page, "run make faults"
