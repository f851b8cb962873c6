"""Fusion of scores, by the formulas of its papers; and what holds for every way to fuse."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_client.http.models import ScoredPoint
from qdrant_client.hybrid.fusion import distribution_based_score_fusion

from rag.errors import ConfigurationError, UnknownChoice
from rag.fusion import FUSIONS, build_fusion
from rag.fusion.base import Fused
from rag.fusion.convex import convex, min_max
from rag.fusion.dbsf import dbsf
from rag.fusion.weights import DenseWeight
from rag.index.base import Scored

EVEN = {"sparse": 1.0, "dense": 1.0}
scores = st.floats(-1, 40).map(lambda score: round(score, 3))


def ranking(by_id: Mapping[str, float]) -> list[Scored]:
    found = [Scored(key, score) for key, score in by_id.items()]
    return sorted(found, key=lambda one: (-one.score, one.chunk_id))


rankings = st.dictionaries(st.sampled_from("abcdefgh"), scores, max_size=8).map(ranking)


def by_id(fused: Sequence[Fused]) -> dict[str, float]:
    return {item.id: item.score for item in fused}


def test_convex_adds_the_shares_of_min_max_scaled_scores() -> None:
    sparse, dense = ranking({"a": 12.0, "b": 8.0, "c": 4.0}), ranking({"c": 0.9, "a": 0.5, "d": 0.1})
    assert by_id(convex([sparse, dense], [1, 3])) == pytest.approx(
        {
            "a": 1 / 4 * (12 - 4) / (12 - 4) + 3 / 4 * (0.5 - 0.1) / (0.9 - 0.1),
            "b": 1 / 4 * (8 - 4) / (12 - 4),
            "c": 1 / 4 * 0 + 3 / 4 * 1,
            "d": 0,
        }
    )


def test_min_max_of_equal_scores_is_one_for_each() -> None:
    assert min_max([0.3, 0.3]) == [1.0, 1.0]
    assert min_max([]) == []


def test_dbsf_measures_scores_by_three_deviations_around_their_mean() -> None:
    sparse, dense = ranking({"a": 3.0, "b": 1.0}), ranking({"b": 0.5})
    deviation = math.sqrt(((3 - 2) ** 2 + (1 - 2) ** 2) / (2 - 1))
    low, high = 2 - 3 * deviation, 2 + 3 * deviation
    assert by_id(dbsf([sparse, dense])) == pytest.approx(
        {"a": (3 - low) / (high - low), "b": (1 - low) / (high - low) + 0.5}
    )


def test_dbsf_cuts_what_lies_beyond_three_deviations() -> None:
    outlier = ranking({"far": 1000.0, **{f"near-{n}": 0.0 for n in range(99)}})
    assert by_id(dbsf([outlier]))["far"] == 1.0


@given(rankings, rankings)
def test_dbsf_agrees_with_qdrants_own(sparse: list[Scored], dense: list[Scored]) -> None:
    points = [
        [ScoredPoint(id=ord(one.chunk_id), version=0, score=one.score) for one in found]
        for found in (sparse, dense)
    ]
    theirs = {chr(int(point.id)): point.score for point in distribution_based_score_fusion(points, limit=99)}
    assert by_id(dbsf([sparse, dense])) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("kind", FUSIONS)
class TestEveryFusion:
    @given(sparse=rankings, dense=rankings)
    def test_holds_each_candidate_once_in_falling_order(
        self, kind: str, sparse: list[Scored], dense: list[Scored]
    ) -> None:
        fused = build_fusion(kind).fuse({"sparse": sparse, "dense": dense}, EVEN)
        assert sorted(item.id for item in fused) == sorted({one.chunk_id for one in sparse + dense})
        assert all(one.score >= other.score for one, other in pairwise(fused))

    @given(sparse=rankings, dense=rankings)
    def test_does_not_care_which_leg_is_named_first(
        self, kind: str, sparse: list[Scored], dense: list[Scored]
    ) -> None:
        fuse = build_fusion(kind).fuse
        one = fuse({"sparse": sparse, "dense": dense}, EVEN)
        assert by_id(one) == by_id(fuse({"dense": dense, "sparse": sparse}, EVEN))

    @given(sparse=rankings)
    def test_is_not_changed_by_an_empty_leg(self, kind: str, sparse: list[Scored]) -> None:
        fuse = build_fusion(kind).fuse
        assert fuse({"sparse": sparse, "dense": []}, EVEN) == fuse({"sparse": sparse}, EVEN)

    @given(sparse=rankings)
    def test_keeps_the_order_of_a_single_leg(self, kind: str, sparse: list[Scored]) -> None:
        fused = build_fusion(kind).fuse({"sparse": sparse}, EVEN)
        assert [item.id for item in fused] == [one.chunk_id for one in sparse]

    @given(sparse=rankings, dense=rankings.filter(lambda found: len(found) > 1))
    def test_ranks_no_lower_what_is_first_instead_of_last_in_a_leg(
        self, kind: str, sparse: list[Scored], dense: list[Scored]
    ) -> None:
        fuse = build_fusion(kind).fuse
        last = dense[-1].chunk_id
        ids = [last, *(one.chunk_id for one in dense[:-1])]
        lifted = [Scored(key, one.score) for key, one in zip(ids, dense, strict=True)]
        before = fuse({"sparse": sparse, "dense": dense}, EVEN)
        after = fuse({"sparse": sparse, "dense": lifted}, EVEN)
        assert by_id(after)[last] >= by_id(before)[last]

    def test_ties_go_to_the_leg_named_first(self, kind: str) -> None:
        fuse = build_fusion(kind).fuse
        found = {"sparse": [Scored("words", 9.0)], "dense": [Scored("meaning", 0.5)]}
        assert [item.id for item in fuse(found, EVEN)] == ["words", "meaning"]
        turned = {leg: found[leg] for leg in ("dense", "sparse")}
        assert [item.id for item in fuse(turned, EVEN)] == ["meaning", "words"]

    def test_a_heavier_leg_wins_a_tie(self, kind: str) -> None:
        found = {"sparse": [Scored("words", 9.0)], "dense": [Scored("meaning", 0.5)]}
        fused = build_fusion(kind).fuse(found, {"sparse": 1.0, "dense": 1.5})
        assert [item.id for item in fused] == ["meaning", "words"]
        words, meaning = by_id(fused)["words"], by_id(fused)["meaning"]
        assert meaning == pytest.approx(1.5 * words)


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [1.0, math.nan]])
def test_wrong_weights_are_refused(weights: list[float]) -> None:
    found = [ranking({"a": 1.0}), ranking({"b": 1.0})]
    for fuse in (convex, dbsf):
        with pytest.raises(ConfigurationError, match="needs 2 weights"):
            fuse(found, weights)


def test_a_fusion_says_its_name_and_an_unknown_one_the_choices() -> None:
    assert [build_fusion(kind, k=10).name for kind in FUSIONS] == ["rrf(k=10)", "convex", "dbsf"]
    with pytest.raises(UnknownChoice, match="'borda': choose one of rrf, convex, dbsf"):
        build_fusion("borda")


@pytest.mark.parametrize(
    ("language", "languages", "weight"),
    [("en", {"en"}, 1.0), ("fr", {"en"}, 0.2), ("fr", None, 1.0), (None, {"en"}, 1.0)],
)
def test_the_dense_leg_weighs_less_only_where_the_embedder_is_known_not_to_know(
    language: str | None, languages: set[str] | None, weight: float
) -> None:
    known = None if languages is None else frozenset(languages)
    assert DenseWeight(1.0, 0.2).by_leg(language, known) == {"dense": weight, "sparse": 1.0}
