from pathlib import Path
from typing import Any

import pytest

from eval.sweep.file import UnknownSetting, read_space
from eval.sweep.measures import Asking
from eval.sweep.space import Space, Values
from rag.errors import BadInput


class Known:
    """Settings a and b from 0 to 9, whose sum is not 13; c shapes answers alone, and 9 means a model."""

    def __init__(self, labelled: bool = True) -> None:
        self._labelled = labelled

    def setting(self, name: str, value: Any) -> None:
        if name not in ("a", "b", "c"):
            raise UnknownSetting(f"unknown setting {name!r}")
        if not isinstance(value, int) or not 0 <= value <= 9:
            raise BadInput(f"{name} is from 0 to 9, not {value!r}")

    def of_answers(self, name: str) -> bool:
        return name == "c"

    def labelled(self) -> None:
        if not self._labelled:
            raise BadInput("no questions.jsonl")

    def configuration(self, values: Values, asking: Asking | None) -> bool:
        if sum(values.values()) == 13:
            raise BadInput("the sum is 13")
        return asking is not None and values.get("c") == 9


def read(tmp_path: Path, text: str, labelled: bool = True) -> Space:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return read_space(path, Known(labelled))


def test_a_space_is_the_grid_less_what_constraints_leave_out_and_the_baseline_comes_first(
    tmp_path: Path,
) -> None:
    space = read(
        tmp_path,
        "axes: {a: [1, 2], b: [3, 4, 5]}\n"
        "constraints:\n- exclude: {a: 1, b: 3}\n- {when: {a: 2}, require: {b: [4, 5]}}\n"
        "baseline: {a: 2, b: 5}\n",
    )
    assert [tuple(one.values()) for one in space.configurations()] == [(2, 5), (1, 4), (1, 5), (2, 4)]
    assert space.name == "s"


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "", "empty"),
        ("axes: [", "line 1", "not YAML"),
        ("name: x", "line 1, column 1", "axes is missing"),
        ("axes: {a: [1]}\nnaem: x", "line 2, column 1", "unknown key 'naem'"),
        ("axes: {a: [1]}\naxes: {a: [1]}", "line 2, column 1", "stands twice"),
        ("axes:\n  a: [1]\n  d: [1, 2]", "line 3, column 3", "unknown setting 'd'"),
        ("axes:\n  a: [1, 10]", "line 2, column 10", "from 0 to 9, not 10"),
        ("axes:\n  a: []", "line 2, column 3", "at least one value"),
        ("axes:\n  a: 1", "line 2, column 3", "is a list"),
        ("axes:\n  a: [1, 2, 1]", "line 2, column 13", "the value 1 twice"),
        ("axes:\n  a: [[1]]", "line 2, column 7", "a text, a number"),
        ("axes: {a: [1]}\nbaseline: {a: 2}", "line 2, column 15", "no value of the axis 'a'"),
        ("axes: {a: [1]}\nbaseline: {b: 1}", "line 2, column 12", "no axis"),
        ("axes: {a: [1, 2]}\nconstraints: [exclude: {a: 1}]", "line 1, column 1", "baseline"),
        ("axes: {a: [1]}\nconstraints: [exclude: {b: 1}]", "line 2, column 25", "'b' is no axis"),
        ("axes: {a: [1]}\nconstraints: [when: {a: 1}]", "line 2, column 15", "when and require"),
        ("axes: {a: [1]}\nfixed: {a: 1}", "line 2, column 9", "cannot be fixed as well"),
        ("axes: {a: [1]}\nfixed: {b: 11}", "line 2, column 12", "not 11"),
        ("axes: {a: [1]}\nmeasures: [nDGC@10]", "line 2, column 12", "unknown measure 'nDGC@10'"),
        ("axes: {a: [1]}\nprimary: R@7", "line 2, column 10", "none of the measures"),
        ("axes: {a: [1]}\nrepeats: 0", "line 2, column 10", "repeats is a whole number from 1"),
        ("axes: {a: [1]}\nprices: {m: {prompt: 1}}", "line 2, column 10", "price of 'm'"),
        ("axes: {a: [1, 5], b: [8]}", "line 1, column 1", "the sum is 13; so it is for 1 of 2"),
        ("axes: {a: [1]}\nmeasures: [right, R@5]", "line 2, column 1", "one of the two"),
        ("axes: {a: [1]}\nmeasures: [rigth]", "line 2, column 12", "choose one of nDCG"),
        ("axes: {a: [1]}\nmeasures: [cited_sentences]", "line 2, column 12", "add judge: support"),
        ("axes: {a: [1]}\nmeasures: [faithfulness]\njudge: support", "line 2, column 12", "add judge: ragas"),
        ("axes: {a: [1]}\nmeasures: [right]\njudge: me", "line 3, column 8", "unknown judge 'me'"),
        ("axes: {a: [1]}\nmeasures: [right]\njudge: support", "line 3, column 8", "no measure is of"),
        ("axes: {a: [1]}\nmeasures: [abstention_precision]", "line 2, column 11", "cannot be primary"),
        ("axes: {a: [1]}\nmeasures: [right]\nquestions: 0", "line 3, column 12", "whole number from 1"),
        ("axes: {a: [1]}\nmeasures: [right]\nrepeats: 3", "line 3, column 10", "has a model in the loop"),
        ("axes: {a: [1]}\nrepeats: 3", "line 2, column 1", "come out alike each time"),
        ("axes: {a: [1]}\nquestions: 5", "line 2, column 1", "questions is of answers"),
        ("axes:\n  c: [1]", "line 2, column 3", "'c' shapes answers, which nDCG@10 does not measure"),
        ("axes: {a: [1]}\nfixed: {c: 1}", "line 2, column 9", "'c' shapes answers"),
        (
            "axes: {a: [1]}\nprices:\n  x: {prompt: 1, completion: 1, currency: EUR, date: 2026-01-01}\n"
            "  y: {prompt: 1, completion: 1, currency: USD, date: 2026-01-01}",
            "line 2, column 1",
            "several currencies, EUR (x), USD (y)",
        ),
    ],
)
def test_each_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, what: str) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, text)
    assert f"s.yaml {place}".rstrip() in str(told.value)
    assert what in str(told.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, "axes: {a: [11], d: [1]}\nnaem: x")
    assert len(str(told.value).splitlines()) == 3


def test_the_digest_is_of_what_is_said_not_of_its_layout(tmp_path: Path) -> None:
    one = read(tmp_path, "axes: {a: [1, 2]}")
    assert read(tmp_path, "# a note\naxes:\n  a: [1, 2]").digest == one.digest
    assert read(tmp_path, "axes: {a: [2, 1]}").digest != one.digest


def test_answers_are_measured_on_labelled_questions_alone(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"s\.yaml line 2, column 12: no questions\.jsonl"):
        read(tmp_path, "axes: {a: [1]}\nmeasures: [right]", labelled=False)
    assert read(tmp_path, "axes: {a: [1]}", labelled=False).asking is None


def test_a_sweep_of_answers_says_how_they_are_made_and_judged(tmp_path: Path) -> None:
    text = "axes: {c: [1, 9]}\nmeasures: [right, cited_sentences]\njudge: support\nquestions: 7\nrepeats: 3"
    asking = read(tmp_path, text).asking
    assert asking is not None
    assert (asking.questions, asking.repeats, asking.judge, asking.judged) == (
        7,
        3,
        "support",
        ("cited_sentences",),
    )
