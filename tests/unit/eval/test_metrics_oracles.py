"""Our numbers against ranx and trec_eval, on random runs with ties and unjudged documents."""

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import evaluate

MEASURES = {
    "nDCG@10": ("ndcg@10", "ndcg_cut_10"),
    "R@10": ("recall@10", "recall_10"),
    "RR": ("mrr", "recip_rank"),
    "AP": ("map", "map"),
    "P@5": ("precision@5", "P_5"),
    "Success@5": ("hit_rate@5", "success_5"),
}


@pytest.fixture(scope="module")
def ranx() -> Any:
    """The library ranx as plain Python: compiling it takes a minute, the numbers are the same."""
    numba = pytest.importorskip("numba")
    numba.config.DISABLE_JIT = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations among its dependencies
        return pytest.importorskip("ranx")


documents = st.sampled_from([f"d{n:02}" for n in range(20)])
qrels_strategy = st.dictionaries(
    st.sampled_from("pqr"), st.dictionaries(documents, st.integers(1, 3), min_size=1), min_size=1
)
run_strategy = st.dictionaries(
    st.sampled_from("pqr"),
    st.dictionaries(documents, st.integers(0, 10**6).map(float), min_size=1, max_size=15),
    min_size=1,
)


@settings(max_examples=50, deadline=None)
@given(run_strategy, qrels_strategy)
def test_trec_eval_called_directly_gives_the_same_numbers_to_the_digit(
    run: dict[str, dict[str, float]], qrels: dict[str, dict[str, int]]
) -> None:
    import pytrec_eval

    ours = evaluate(run, qrels, list(MEASURES)).per_query
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {name for _, name in MEASURES.values()})
    theirs = evaluator.evaluate(run)
    for query in qrels:
        for name, (_, oracle) in MEASURES.items():
            assert ours[query][name] == theirs.get(query, {}).get(oracle, 0.0)


@settings(max_examples=50, deadline=None)
@given(run=run_strategy, qrels=qrels_strategy)
def test_ranx_gives_the_same_numbers_where_scores_do_not_tie(
    ranx: Any, run: dict[str, dict[str, float]], qrels: dict[str, dict[str, int]]
) -> None:
    # ranx breaks ties in its own way: here every score is another.
    untied = {
        query: {one: float(place) for place, one in enumerate(sorted(scores, key=lambda d: (scores[d], d)))}
        for query, scores in run.items()
    }
    names = [name for name, _ in MEASURES.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks of numpy
        theirs = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(untied), names, make_comparable=True, threads=1)
    ours = evaluate(untied, qrels, list(MEASURES)).mean
    for name, (oracle, _) in MEASURES.items():
        assert ours[name] == pytest.approx(float(theirs[oracle]), abs=1e-9)
