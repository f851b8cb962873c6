"""The pieces: intervals, the paired test, Holm, power, repeats. scipy and brute force are the references."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats

from eval.statistics.bootstrap import bootstrap_intervals
from eval.statistics.holm import holm
from eval.statistics.power import effect_size, power_of, smallest_difference
from eval.statistics.randomisation import flips_for, randomisation_test
from eval.statistics.repeats import repeat_variance
from rag.errors import BadInput

Scores = NDArray[np.float64]
QUANTUM = 64
scores = st.integers(1, 40).flatmap(
    lambda size: arrays(np.int64, (1, size), elements=st.integers(-QUANTUM, QUANTUM)).map(
        lambda whole: whole / QUANTUM
    )
)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


def p_of(differences: Scores, **options: int) -> float:
    return float(randomisation_test(np.atleast_2d(differences), **options)[0])


def noise(size: int, seed: int = 0) -> Scores:
    return np.random.default_rng(seed).normal(size=size)


def test_three_queries_that_agree_are_two_of_eight_sign_patterns() -> None:
    assert p_of(np.array([0.1, 0.2, 0.3])) == 2 / 2**3


def test_a_query_without_a_difference_says_nothing_in_the_exact_test() -> None:
    assert p_of(np.array([0.1, 0.0, 0.2, 0.3, 0.0])) == 2 / 2**3


def test_no_difference_at_all_is_no_evidence() -> None:
    assert p_of(np.zeros(50)) == 1.0


@given(arrays(np.int64, 8, elements=st.integers(-5, 5)))
def test_the_exact_test_is_the_enumeration_of_all_signs(whole: NDArray[np.int64]) -> None:
    sums = [abs(int(np.dot(signs, whole))) for signs in product([-1, 1], repeat=len(whole))]
    share = np.mean([one >= abs(int(whole.sum())) for one in sums])
    assert p_of(whole / 10) == pytest.approx(share)


@pytest.mark.parametrize("seed", range(3))
def test_the_sampled_test_agrees_with_scipy(seed: int) -> None:
    differences = noise(60, seed) + 0.2
    theirs = stats.permutation_test(
        (differences, np.zeros(60)),
        lambda one, other, axis: np.mean(one - other, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(seed),
    ).pvalue
    error = 4 * np.sqrt(2 * theirs * (1 - theirs) / 20_000) + 1e-4  # of two estimates of one p
    assert p_of(differences, flips=20_000) == pytest.approx(theirs, abs=error)


def test_p_is_never_zero_however_large_the_difference() -> None:
    assert p_of(np.ones(200), flips=1_000) == 1 / 1_001


def test_under_the_null_p_is_uniform() -> None:
    # 1,000 pairs of equal systems: the share of p at or below alpha is alpha, within 4 standard errors.
    p = randomisation_test(noise(1_000 * 40).reshape(1_000, 40), flips=2_000)
    for alpha in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(p <= alpha) == pytest.approx(alpha, abs=4 * np.sqrt(alpha * (1 - alpha) / 1_000))


@given(scores, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_p_depends_neither_on_the_order_of_queries_nor_of_systems(
    differences: Scores, random: Random
) -> None:
    mixed = differences[0].tolist()
    random.shuffle(mixed)
    p = p_of(differences, flips=200)
    assert p_of(np.array(mixed), flips=200) == p
    assert p_of(-differences, flips=200) == p
    assert 0 < p <= 1


def test_more_tests_get_more_flips_so_that_holm_can_reach_alpha() -> None:
    assert (1 / (flips_for(1_000) + 1)) * 1_000 < 0.05 / 10


@given(p_values)
def test_holm_is_monotone_bounded_and_between_the_raw_p_and_bonferroni(p: Scores) -> None:
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, p * len(p))).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


def test_holm_multiplies_by_what_is_left_to_test() -> None:
    adjusted = holm(np.array([0.04, 0.01, 0.03]))
    assert adjusted == pytest.approx([2 * 0.03, 3 * 0.01, 2 * 0.03])


@given(scores)
@settings(max_examples=50)
def test_an_interval_is_ordered_and_within_the_scores(values: Scores) -> None:
    ((low, high),) = bootstrap_intervals(values, resamples=300)
    assert values.min() - 1e-12 <= low <= high <= values.max() + 1e-12


@given(arrays(np.float64, (1, 30), elements=st.floats(0, 1)))
@example(np.eye(1, 30) * 1e-200)
@settings(max_examples=50)
def test_an_interval_contains_the_mean(values: Scores) -> None:
    ((low, high),) = bootstrap_intervals(values, resamples=2_000)
    assert low - 1e-12 <= values.mean() <= high + 1e-12


def test_equal_scores_have_an_interval_of_no_width() -> None:
    assert bootstrap_intervals(np.full((1, 9), 0.3)).tolist() == [[pytest.approx(0.3), pytest.approx(0.3)]]


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_agrees_with_scipys(seed: int) -> None:
    values = np.random.default_rng(seed).beta(0.4, 0.2, size=120)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=9_999, method="BCa", rng=np.random.default_rng(seed)
    ).confidence_interval
    ((low, high),) = bootstrap_intervals(values[None])
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.05 * (theirs.high - theirs.low))


def test_nineteen_of_twenty_intervals_hold_the_true_mean() -> None:
    draws = np.random.default_rng(1).beta(0.4, 0.2, size=(600, 60))
    low, high = bootstrap_intervals(draws, resamples=1_000).T
    covered = np.mean((low <= 0.4 / 0.6) & (high >= 0.4 / 0.6))
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 600))


def test_the_effect_size_is_the_mean_in_standard_deviations() -> None:
    differences = np.array([0.1, 0.3])
    assert effect_size(differences) == pytest.approx(0.2 / np.sqrt(((0.1 - 0.2) ** 2 + (0.3 - 0.2) ** 2) / 1))
    assert effect_size(np.zeros(4)) == 0.0
    assert effect_size(np.full(4, 0.1)) is None


@given(st.floats(0.01, 1), st.integers(5, 2_000), st.floats(0.5, 0.95), st.sampled_from([0.05, 0.001]))
def test_the_smallest_difference_is_found_with_the_power_that_was_asked(
    deviation: float, queries: int, power: float, alpha: float
) -> None:
    size = smallest_difference(deviation, queries, power=power, alpha=alpha)
    assert size is not None
    assert power_of(size, deviation, queries, alpha) == pytest.approx(power)


def test_the_power_is_how_often_the_test_finds_the_difference() -> None:
    size = smallest_difference(1.0, 50)
    assert size is not None
    p = randomisation_test(noise(1_000 * 50, seed=2).reshape(1_000, 50) + size, flips=1_000)
    assert np.mean(p <= 0.05) == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 1_000))


def test_one_query_can_show_nothing() -> None:
    assert smallest_difference(0.2, 1) is None
    assert power_of(0.5, 0.2, 1) == 0.0


def test_the_variance_of_repeats_is_told_from_that_of_queries() -> None:
    random = np.random.default_rng(3)
    runs, queries = random.normal(0, 0.1, (200, 1)), random.normal(0, 0.5, (1, 300))
    found = repeat_variance(runs + queries + random.normal(0, 0.2, (200, 300)))
    assert found.between_repeats == pytest.approx(0.1**2, rel=0.3)
    assert found.between_queries == pytest.approx(0.5**2, rel=0.3)
    assert found.within == pytest.approx(0.2**2, rel=0.05)
    assert found.deviation == pytest.approx(np.std(found.means, ddof=1))


def test_a_run_that_repeats_itself_has_no_variance_between_repeats() -> None:
    found = repeat_variance(np.tile(np.array([0.0, 0.5, 1.0]), (4, 1)))
    assert (found.between_repeats, found.within, found.deviation) == (0.0, 0.0, 0.0)
    assert found.between_queries == pytest.approx(0.25)


def test_one_run_has_no_variance_between_repeats_to_tell() -> None:
    with pytest.raises(BadInput, match="two repeats"):
        repeat_variance(np.ones((1, 5)))
    with pytest.raises(BadInput, match="1 scores are missing"):
        repeat_variance(np.array([[0.1, np.nan], [0.1, 0.2]]))
