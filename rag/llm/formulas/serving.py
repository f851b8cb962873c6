"""Formulas of the handbook that several subjects share: bytes moved, shares of a window."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, of
from rag.llm.formulas.words import TIME

FORMULAS = (
    Formula(
        "time to move bytes", "systems/cold-start.md",
        ("How many seconds does it take to load or transfer bytes at this bandwidth?",
         "How many ms does it take to go through so many gigabytes of memory?",
         "Combien de temps pour lire ou transférer ces octets à ce débit ?"),
        (TIME, "load|download|read|transfer|move|charg|t[ée]l[ée]charg|lire|copy|transf[ée]r|send|scan|push|swap|pull"),
        {"b": of("bytes"), "bw": of("bandwidth")}, "{b}/{bw}", "time",
    ),
)  # fmt: skip
