import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import handbook_claims
from eval.calibration import Claim, balanced_accuracy, calibrate, confusion, kappa, read_claims
from eval.judges.base import Judgement, Row
from eval.judges.support import SupportJudge
from eval.report import calibration_report
from rag.errors import BadInput

ROOT = Path(__file__).parents[3]
CLAIMS = ROOT / "eval" / "data" / "claims" / "claims.jsonl"


class Told:
    """A judge that says what it was told to, by claim."""

    name = "told"
    metrics = ("faithfulness",)
    spent: Mapping[str, int] = {}

    def __init__(self, said: Mapping[str, Judgement]) -> None:
        self._said = said

    async def score(self, row: Row) -> Mapping[str, Judgement]:
        return {"faithfulness": self._said[row.answer.text.split()[0]]}


def claim(id: str, supported: bool, kind: str = "") -> Claim:
    return Claim(id=id, claim=f"{id} is so", quote="It is so.", supported=supported, kind=kind)


YES, NO = Judgement.scored(0.9), Judgement.scored(0.1)


async def test_kappa_and_balanced_accuracy_by_hand() -> None:
    said = {"a": YES, "b": YES, "c": NO, "d": YES, "e": NO, "f": NO}
    claims = [claim(name, name in "abc") for name in said]
    view = (await calibrate(claims, Told(said))).view()
    assert view["confusion"] == {
        "true_supported": 2,
        "false_supported": 1,
        "false_unsupported": 1,
        "true_unsupported": 2,
    }
    observed, expected = 4 / 6, (3 * 3 + 3 * 3) / 6**2
    assert view["kappa"]["value"] == round((observed - expected) / (1 - expected), 4)
    assert view["balanced_accuracy"]["value"] == round((2 / 3 + 2 / 3) / 2, 4)
    low, high = view["kappa"]["interval"]
    assert low < view["kappa"]["value"] < high


async def test_a_claim_that_the_judge_failed_on_is_named_and_in_no_figure() -> None:
    said = {"a": YES, "b": NO, "c": Judgement.failed("prose")}
    view = (await calibrate([claim("a", True), claim("b", False), claim("c", False)], Told(said))).view()
    assert (view["rows"], view["scored"]) == (3, 2)
    assert view["failed"] == [{"id": "c", "status": "failed", "why": "prose"}]
    assert view["kappa"]["value"] == 1.0
    assert "not judged: c: prose" in calibration_report(view)


async def test_a_judge_that_never_answers_has_no_figures_and_no_zeros() -> None:
    said = dict.fromkeys("ab", Judgement.failed("dead"))
    view = (await calibrate([claim("a", True), claim("b", False)], Told(said))).view()
    assert view["kappa"] == view["balanced_accuracy"] == {"value": None, "interval": None}
    assert "–" in calibration_report(view)
    assert "by_check" not in view


async def test_the_threshold_decides_what_counts_as_supported() -> None:
    claims, said = [claim("a", True), claim("b", False)], {"a": YES, "b": Judgement.scored(0.6)}
    figures = [(await calibrate(claims, Told(said), at)).view()["kappa"]["value"] for at in (0.5, 0.7)]
    assert figures == [0.0, 1.0]
    with pytest.raises(BadInput, match="threshold"):
        await calibrate(claims, Told(said), 0.0)


@settings(deadline=None)  # the first example imports scikit-learn
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2))
def test_kappa_and_balanced_accuracy_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score

    labels, said = (np.array(column) for column in zip(*pairs, strict=True))
    counts = confusion(labels, said)
    if kappa(counts) is not None:
        assert kappa(counts) == pytest.approx(cohen_kappa_score(labels, said))
    if balanced_accuracy(counts) is not None:
        assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(labels, said))


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([{"id": "a", "claim": "x", "quote": "y"}], "line 1, field 'supported'"),
        ([{"id": "a", "claim": "x", "quote": "y", "supported": "yes"}], "supported"),
        ([{"id": "a", "claim": " ", "quote": "y", "supported": True}], "claim"),
        ([{"id": "a", "claim": "x", "quote": "y", "supported": True}] * 2, "line 2, field 'id'"),
        ([{"id": "a", "claim": "x", "quote": "y", "supported": True}], "both"),
    ],
)
def test_bad_labels_are_named(tmp_path: Path, rows: list[dict[str, Any]], wrong: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(BadInput, match=wrong):
        read_claims(path)


def test_the_claims_of_the_handbook_are_those_that_the_script_makes() -> None:
    assert CLAIMS.read_text(encoding="utf-8") == handbook_claims.text()


async def test_each_check_is_told_with_its_own_agreement_and_that_of_the_others_without_it() -> None:
    quote = "The cache takes 4096 bytes for each token of Mistral 7B."
    rows = [
        ("The cache takes 4096 bytes for each token of Mistral 7B.", True),
        ("The cache takes 8192 bytes for each token of Mistral 7B.", False),
        ("The cache takes 4096 bytes for each token of Llama 2 7B.", False),
        ("For each token the cache takes 4096 bytes in Mistral 7B.", True),
    ]
    claims = [Claim(id=said, claim=said, quote=quote, supported=held) for said, held in rows]
    view = (await calibrate(claims, SupportJudge())).view()
    numbers = view["by_check"]["numbers"]
    half = (3 / 4 - 1 / 2) / (1 - 1 / 2)  # three of four agree: two unsupported, of which one is flagged
    assert numbers == {"flagged": 1, "rightly": 1, "alone": half, "without": half}
    assert view["by_check"]["entities"] == numbers
    assert view["by_check"]["denial"] == {"flagged": 0, "rightly": 0, "alone": 0.0, "without": 1.0}
    assert "kappa without" in calibration_report(view)


async def test_the_support_checker_sees_other_numbers_and_passages_and_most_names_denials_and_swaps() -> None:
    view = (await calibrate(read_claims(CLAIMS), SupportJudge())).view()
    kinds = view["by_kind"]
    assert kinds["other_number"]["right"] == kinds["other_quote"]["right"] == 12
    assert all(check["without"] < view["kappa"]["value"] for check in view["by_check"].values())
    assert min(kinds[kind]["right"] for kind in ("negated", "other_term", "other_name")) >= 10
