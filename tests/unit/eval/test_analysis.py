"""What a leaderboard, the axes of a sweep and a Pareto front say of scores with a known truth."""

import json
import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.statistics.analysis import analyse
from eval.statistics.comparison import compare_family, p_text
from eval.statistics.effects import effects
from eval.statistics.pareto import pareto_front
from eval.statistics.scores import complete_queries
from eval.statistics.simulation import simulate
from rag.errors import BadInput, UnknownChoice

QUERIES = 120
Scores = NDArray[np.float64]


def noise(seed: int, deviation: float = 0.1, size: int = QUERIES) -> Scores:
    drawn: Scores = np.random.default_rng(seed).normal(0, deviation, size)
    return np.asarray(drawn - drawn.mean(), dtype=np.float64)  # so that a planted mean is the mean


BASE = np.linspace(0.2, 0.8, QUERIES)
BOARD = {
    "old": BASE,
    "same": BASE + noise(1),
    "good": BASE + 0.1 + noise(2),
    "fine": BASE + 0.095 + noise(3),
    "bad": BASE - 0.1 + noise(4),
}


def test_the_leaderboard_has_means_intervals_and_groups_best_first() -> None:
    found = analyse(BOARD, "old")
    assert [one.name for one in found.standings] == ["good", "fine", "old", "same", "bad"]
    assert [one.group for one in found.standings] == [1, 1, 2, 2, 3]
    for one in found.standings:
        assert one.mean == pytest.approx(BOARD[one.name].mean())
        assert one.interval[0] < one.mean < one.interval[1]


def test_the_words_follow_from_the_numbers() -> None:
    same, good, _, bad = analyse(BOARD, "old").with_baseline
    assert good.wording.startswith("better by 0.100 [0.0")
    assert good.wording.endswith(f"p {p_text(4 * good.p)} after Holm over 4 comparisons")
    assert bad.wording.startswith("worse by 0.100 [0.0")
    assert same.wording.startswith("no difference was shown: ")
    assert f"120 queries would show {same.smallest:.3f} with a power of 80%" in same.wording
    assert (good.verdict, same.verdict, bad.verdict) == ("better", "no difference was shown", "worse")


def test_the_first_places_are_compared_with_one_another() -> None:
    found = analyse(BOARD, "old", leaders=3)
    assert [(one.name, one.reference) for one in found.among_leaders] == [
        ("good", "fine"),
        ("good", "old"),
        ("fine", "old"),
    ]
    assert [one.shown for one in found.among_leaders] == [False, True, True]


def test_an_analysis_is_one_json_object_and_the_same_each_time() -> None:
    text = json.dumps(analyse(BOARD, "old").view(), allow_nan=False)
    assert json.dumps(analyse(BOARD, "old").view()) == text
    assert json.loads(text)["smallest_difference"] == pytest.approx(0.033, abs=0.01)


def test_systems_that_never_differ_are_told_as_that() -> None:
    ((only,), best) = (found := analyse({"a": BASE, "b": BASE}, "a")).with_baseline, found.standings[0]
    assert only.wording == "no difference was shown: the same score on each of 120 queries"
    assert (only.effect, best.group) == (0.0, 1)


def test_one_configuration_alone_has_a_mean_and_nothing_to_compare() -> None:
    found = analyse({"a": BASE}, "a")
    assert (found.with_baseline, found.among_leaders, found.smallest_difference) == ((), (), None)
    assert len(found.wording) == 1


def test_a_missing_score_is_never_averaged_away() -> None:
    gap = np.where(BASE > 0.7, np.nan, BASE)
    missing = int(np.isnan(gap).sum())
    with pytest.raises(BadInput, match=f"{missing} of 120 queries in b: count failures as 0"):
        analyse({"a": BASE, "b": gap}, "a")


def test_queries_that_one_has_no_score_for_are_left_out_for_all_and_counted() -> None:
    gap = np.where(BASE > 0.7, np.nan, BASE)
    found = complete_queries({"a": BASE, "b": gap})
    assert found.missing == {"b": int((BASE > 0.7).sum())}
    assert found.left_out == found.missing["b"]
    assert found.per_query["a"].tolist() == BASE[BASE <= 0.7].tolist()


@pytest.mark.parametrize(
    ("board", "what"),
    [
        ({}, "no scores"),
        ({"a": BASE, "b": BASE[:5]}, "score the same queries"),
        ({"a": np.array([])}, "one score a query"),
        ({"a": np.array([np.inf])}, "infinite|missing"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(board: Mapping[str, Scores], what: str) -> None:
    with pytest.raises(BadInput, match=what):
        analyse(board, "a")
    with pytest.raises(BadInput, match=what):
        complete_queries(board)


def test_no_query_that_all_have_is_refused() -> None:
    with pytest.raises(BadInput, match="no query has a score in every configuration"):
        complete_queries({"a": np.array([1, np.nan]), "b": np.array([np.nan, 1])})


def test_an_unknown_baseline_is_told_with_the_choices() -> None:
    with pytest.raises(UnknownChoice, match="old, same, good"):
        analyse(BOARD, "nwe")


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0002, "< .001"), (0.0214, "= .021"), (0.0501, "= .0501"), (1.0, "= 1"), (0.5, "= .500")],
)
def test_a_p_value_is_written_as_papers_write_it(p: float, text: str) -> None:
    assert p_text(p) == text


def test_no_comparisons_are_a_family_of_none() -> None:
    assert compare_family([], np.empty((0, 5))) == ()


GRID = {"chunker": ("small", "large"), "seed": (1, 2, 3), "rerank": (True, False)}


def sweep(
    skip: tuple[object, ...] = (), together: float = 0.0
) -> tuple[dict[str, dict[str, object]], dict[str, Scores]]:
    """Large chunks are better by .05, seeds and reranking are noise; both bring ``together`` more."""
    settings: dict[str, dict[str, object]] = {}
    scores: dict[str, Scores] = {}
    for number, cell in enumerate(product(*GRID.values())):
        if cell == skip:
            continue
        chunker, seed, rerank = cell
        name = f"c{number:03}"
        settings[name] = {**dict(zip(GRID, cell, strict=True)), "fusion": "rrf"}
        scores[name] = (
            BASE
            + (0.05 + noise(10) if chunker == "large" else 0.0)
            + noise(20 + int(str(seed)))
            + (noise(30) if rerank else 0.0)
            + (together if rerank and chunker == "large" else 0.0)
        )
    return settings, scores


def test_an_axis_that_does_something_is_told_from_those_that_do_not() -> None:
    found = {one.axis: one for one in effects(*sweep()).main}
    assert list(found) == ["chunker", "seed", "rerank"]  # an axis with one value is none
    assert {axis: one.view()["effect"] for axis, one in found.items()} == {
        "chunker": True,
        "seed": False,
        "rerank": False,
    }
    assert found["chunker"].wording.startswith("chunker: small is worse by 0.050 [")
    assert found["seed"].wording.startswith("seed: no effect was shown")
    assert found["chunker"].means == pytest.approx({"small": BASE.mean(), "large": BASE.mean() + 0.05})
    assert found["chunker"].matched == 3 * 2
    assert found["seed"].pairs[0].comparisons == 1 + 3 + 1


def test_only_configurations_that_differ_in_nothing_else_are_compared() -> None:
    # Without this cell a plain mean over small chunks would miss one seed, and show its noise as an effect.
    found = {one.axis: one for one in effects(*sweep(skip=("small", 1, True))).main}
    assert found["chunker"].matched == 3 * 2 - 1
    assert found["chunker"].pairs[0].difference == pytest.approx(-0.05)


def test_values_that_never_meet_are_named() -> None:
    settings = {"a": {"x": 1, "y": 1}, "b": {"x": 2, "y": 2}}
    found = effects(settings, {"a": BASE, "b": BASE + 0.1})
    assert found.main[0].unmatched == (("1", "2"),)
    assert found.main[0].wording == "x: no two of its values were run with everything else equal"
    assert found.main[0].means is None
    assert found.interactions == ()


def test_an_interaction_is_the_departure_from_adding_up() -> None:
    found = {one.axes: one for one in effects(*sweep(together=0.04)).interactions}
    shown = found["chunker", "rerank"]
    assert shown.departure == pytest.approx(-0.04)  # small instead of large, with reranking
    assert shown.wording.startswith(
        "chunker small instead of large brings -0.040 more with rerank true than with false, p < .001"
    )
    assert "no interaction was shown" in found["chunker", "seed"].wording


def test_an_analysis_of_axes_is_one_json_object() -> None:
    view = effects(*sweep()).view()
    assert json.loads(json.dumps(view, allow_nan=False)) == view


def test_settings_and_scores_of_other_configurations_are_refused() -> None:
    settings, scores = sweep()
    with pytest.raises(BadInput, match="c000"):
        effects({name: one for name, one in settings.items() if name != "c000"}, scores)
    with pytest.raises(BadInput, match="average repeats first"):
        effects({name: {"a": 1} for name in scores}, scores)
    with pytest.raises(BadInput, match="c003 has the axes"):
        effects({**settings, "c003": {"chunker": "small"}}, scores)


VALUES = st.one_of(st.none(), st.just(math.nan), st.integers(0, 4).map(float))
POINTS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12)


@given(POINTS)
def test_the_front_is_that_of_brute_force(rows: list[tuple[float | None, ...]]) -> None:
    points = {
        f"c{place}": dict(zip(("quality", "ms", "cost"), row, strict=True)) for place, row in enumerate(rows)
    }
    front = pareto_front(points, {"quality": "max", "ms": "min", "cost": "min"})

    def beats(one: str, other: str) -> bool:
        ours = (-(points[one]["quality"] or 0), points[one]["ms"] or 0, points[one]["cost"] or 0)
        theirs = (-(points[other]["quality"] or 0), points[other]["ms"] or 0, points[other]["cost"] or 0)
        return ours != theirs and all(a <= b for a, b in zip(ours, theirs, strict=True))

    known = [
        name for name, row in points.items() if not any(v is None or math.isnan(v) for v in row.values())
    ]
    assert list(front.best) == [name for name in known if not any(beats(other, name) for other in known)]
    assert set(front.unknown) == set(points) - set(known)
    assert set(front.dominated) == set(known) - set(front.best)
    assert all(beats(by, name) and by in front.best for name, by in front.dominated.items())


def test_an_unknown_cost_is_not_a_cost_of_nothing() -> None:
    points: dict[str, dict[str, float | None]] = {
        "local": {"quality": 0.7, "cost": None},
        "api": {"quality": 0.6, "cost": 0.01},
    }
    front = pareto_front(points, {"quality": "max", "cost": "min"})
    assert front.best == ("api",)
    assert front.unknown == {"local": ("cost",)}


def test_equal_points_are_all_on_the_front() -> None:
    front = pareto_front({"a": {"q": 1.0}, "b": {"q": 1.0}, "c": {"q": 0.5}}, {"q": "max"})
    assert (front.best, front.dominated) == (("a", "b"), {"c": "a"})
    with pytest.raises(BadInput, match="one objective or more"):
        pareto_front({}, {})


@pytest.mark.timeout(600)  # half a minute of computing on a machine with nothing else to do
def test_an_axis_without_effect_is_reported_as_none_in_95_of_100_sweeps_and_a_planted_one_is_found() -> None:
    random = np.random.default_rng(0)
    one = random.beta(0.5, 0.3, 200)  # synthetic here; infra/scripts/simulate_sweeps.py takes real scores
    other = np.where(random.random(200) < 0.5, one, np.clip(one + random.normal(0, 0.15, 200), 0, 1))
    found = simulate(one, other, planted=0.03, queries=300, sweeps=100)
    assert found.seed <= 5
    assert found.any_false <= 5 + 6  # 5 expected; more than 11 has a chance of 1%
    assert found.found / 100 > found.predicted - 0.2  # the price of Holm over five comparisons


def test_more_than_the_systems_differ_cannot_be_planted() -> None:
    with pytest.raises(BadInput, match="plant less"):
        simulate(BASE, BASE + 0.01, planted=0.03)
