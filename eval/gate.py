"""Does a measure still reach its stored row? What continuous integration asks of retrieval."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from eval.folder import write_lines
from eval.statistics.comparison import ALPHA, p_text
from eval.statistics.randomisation import randomisation_test
from rag.errors import BadInput

PerQuery = Mapping[str, float]
"""Scores by query."""
_HEAD = (
    "# `ardoise eval gate` runs each command and fails when its measure is below the score by more than",
    "# the tolerance, and the drop, query by query, is more than chance. `--update` stores what it gets.",
)
_DIGITS = 5


class Expected(BaseModel):
    """A stored row: ``command`` is one that a person can type, ``tolerance`` a drop that nobody minds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    command: str = Field(pattern=r"^ardoise eval run ")
    measure: str
    score: float = Field(ge=0, le=1)
    tolerance: float = Field(ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a row. ``p`` is of the paired test; ``None`` without stored scores of each query."""

    expected: Expected
    got: float
    p: float | None

    @property
    def difference(self) -> float:
        """What was got, less what was expected."""
        return round(self.got - self.expected.score, _DIGITS) + 0.0  # and never -0.0

    @property
    def significant(self) -> bool:
        """Whether the difference is more than chance; taken for so when it cannot be tested."""
        return self.p is None or self.p <= ALPHA

    @property
    def passed(self) -> bool:
        """Whether the row holds."""
        return not (self.difference < -self.expected.tolerance and self.significant)

    @property
    def wording(self) -> str:
        """One line for a person: measure, expected, got, difference, p, and what follows from them."""
        row = self.expected
        p = "" if self.p is None else f", p {p_text(self.p)}"
        figures = (
            f"{row.name}: {row.measure} expected {row.score:.4f}, got {self.got:.4f}, "
            f"difference {self.difference:+.4f}{p}"
        )
        return f"{'ok    ' if self.passed else 'FAILED'} {figures}{self._remark()}"

    def view(self) -> dict[str, Any]:
        """The object in ``eval gate --json``."""
        return {
            **self.expected.model_dump(),
            "got": round(self.got, _DIGITS),
            "difference": self.difference,
            "p": self.p,
            "passed": self.passed,
            "wording": self.wording,
        }

    def _remark(self) -> str:
        if not self.passed:
            return f"; the command: {self.expected.command}"
        if self.difference < -self.expected.tolerance:
            return "; lower, but not shown to be more than chance"
        if self.difference > self.expected.tolerance:
            return "; better: store it with --update"
        return ""


def read_expected(path: Path) -> list[Expected]:
    """The rows of a file of expectations.

    Raises:
        BadInput: it cannot be read, is not YAML, a row lacks a field, or a name stands twice.
    """
    try:
        rows = TypeAdapter(list[Expected]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        place = ", ".join(map(str, mistake["loc"])) or "the file"
        raise BadInput(f"{path}: row {place}: {mistake['msg']}") from None
    names = [row.name for row in rows]
    if not names or len(set(names)) < len(names):
        raise BadInput(f"{path}: one row or more is wanted, each with its own name, not {names}")
    return rows


def read_scores(path: Path) -> dict[str, PerQuery]:
    """The scores of each query by row, from the file beside ``path``; nothing where there is none.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        scores: dict[str, PerQuery] = json.loads(scores_file(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{scores_file(path)}: cannot be read: {error}") from error
    return scores


def judge(expected: Expected, got: PerQuery, stored: PerQuery | None) -> Verdict:
    """Judges the scores of a run against its row; the paired test is over queries.

    A drop within the tolerance passes, and so does one that could be chance: on other questions of the kind
    it might as well have been a rise. Without stored scores the tolerance decides alone.

    Raises:
        BadInput: the run and the stored scores are of other queries.
    """
    mean = float(np.mean(list(got.values())))
    if stored is None:
        return Verdict(expected, mean, None)
    if other := set(got) ^ set(stored):
        raise BadInput(
            f"{expected.name}: the stored scores are of other queries ({len(other)} differ, {min(other)!r} "
            "for one): if the data set was changed on purpose, store it anew with --update"
        )
    if abs(float(np.mean(list(stored.values()))) - expected.score) > 10**-4:
        raise BadInput(f"{expected.name}: score and stored scores disagree: write both with --update")
    # What was stored was rounded: without the same here, rounding errors would be differences to a test.
    differences = np.array([[round(got[query] - stored[query], _DIGITS) for query in stored]])
    return Verdict(expected, mean, float(randomisation_test(differences)[0]))


def store(path: Path, rows: Sequence[tuple[Expected, PerQuery]]) -> None:
    """Writes what was got as what is expected from now on.

    Raises:
        StorageFull, StorageError: the files cannot be written.
    """
    means = {row.name: round(float(np.mean(list(got.values()))), _DIGITS) for row, got in rows}
    values = [row.model_copy(update={"score": means[row.name]}).model_dump() for row, _ in rows]
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1_000)  # a line each
    write_lines(path.parent, path.name, [*_HEAD, text.rstrip()])
    scores = {
        row.name: {query: round(score, _DIGITS + 2) for query, score in got.items()} for row, got in rows
    }
    write_lines(path.parent, scores_file(path).name, [json.dumps(scores, ensure_ascii=False, indent=0)])


def scores_file(path: Path) -> Path:
    """Where the scores of each query are kept."""
    return path.with_suffix(".scores.json")
