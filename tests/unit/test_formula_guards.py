"""What no formula computes: another question of the same quantities, and what is left alone then."""

# ruff: noqa: E501 - questions are read as wholes
from __future__ import annotations

import pytest

from agents.tools.arithmetic import evaluate
from rag.llm.extractive_numbers import unplaced
from rag.llm.formulas import FORMULAS, best_match
from rag.llm.formulas.base import Match
from rag.llm.quantities import mentions, plain


def named(name: str, question: str) -> Match | None:
    """What the formula of that name makes of a question that is worded as its own."""
    formula = next(formula for formula in FORMULAS if formula.name == name)
    return best_match(plain(question), mentions(plain(question)), (formula,), {name: 1.0})


class TestWhatTurnsAResult:
    @pytest.mark.parametrize(
        ("question", "value"),
        [
            (
                "TTFT is 300 ms and the mean inter-token gap is 18 ms. How long until the 250th token is out?",
                4.782,
            ),
            ("TTFT is 250 ms, then 12 ms between tokens. Time for 100 tokens?", 1.438),
            ("Time to first token 0.5 s, 25 ms per further token, 300 tokens: total latency?", 7.975),
        ],
    )
    def test_a_whole_latency_is_not_taken_for_its_parts(self, question: str, value: float) -> None:
        assert named("time per output token", question) is None
        match = named("whole latency from TTFT and TPOT", question)
        assert match is not None
        assert float(evaluate(match.expression).value) == pytest.approx(value)

    @pytest.mark.parametrize(
        ("name", "question"),
        [
            ("recall at k from relevant results", "Recall@10 with 4 relevant documents of which 3 are not in the first ten?"),
            ("recall at k from relevant results", "Rappel@10 : de 4 documents pertinents, 3 ne sont pas retrouvés parmi les premiers ?"),
            ("recall at k from relevant results", "A retriever misses 2 of 8 relevant documents in its top 20. Recall@20?"),
            ("recall at k from relevant results", "Seven relevant documents exist and none of the first ten results is one. Recall@10?"),
            ("precision at k from relevant results", "Of the 20 results shown, 6 are irrelevant. Precision@20?"),
            ("at least one attack passes what lets some through", "Attack filter lets 2% through. Chance that none of 50 attempts passes?"),
            ("share of calls that wait for a slow back end", "1% of back ends are slow. With 10 servers, what share of calls is not slowed?"),
            ("right answers of a pipeline", "A pipeline retrieves right in 90% of cases, answers right 95% of these and 10% of the others. What share of wrong answers does it give?"),
            ("prompt tokens of an agent that rereads its history", "A prompt starts at 1,200 tokens and grows by 500 a step. How many are read over 10 calls if it does not grow?"),
            ("downtime that an objective allows", "We have 99.9% availability. How many minutes a week is the service up?"),
        ],
    )  # fmt: skip
    def test_nothing_is_computed_for_a_complement_that_a_formula_does_not_speak_of(
        self, name: str, question: str
    ) -> None:
        assert named(name, question) is None

    @pytest.mark.parametrize(
        ("name", "question"),
        [
            ("recall at k from relevant results", "3 of 4 relevant documents are among the first ten. Recall@10, duplicates not counted?"),
            ("precision at k from relevant results", "Of the 20 results shown, 6 are relevant. Precision@20?"),
            ("FLOPs of training", "What is it for training and not for inference: FLOPs for a 7B model over 1,000 tokens?"),
            ("downtime that an objective allows", "How many minutes of downtime does an objective of 99.9% allow?"),
        ],
    )  # fmt: skip
    def test_a_remark_negates_nothing(self, name: str, question: str) -> None:
        assert named(name, question) is not None

    @pytest.mark.parametrize(
        ("name", "question"),
        [
            ("downtime that an objective allows", "How many minutes of downtime a week does 99.9% availability allow?"),
            ("time per output token", "TTFT 0.8 s, ITL 30 ms, reply of 200 tokens: after how many seconds is the reply complete?"),
            ("everything goes right in a chain of steps", "Each claim is supported with probability 0.9. Probability that none of 5 claims is supported?"),
            ("everything goes right in a chain of steps", "A step succeeds with 95%. Chance that a chain of 6 steps does not succeed?"),
            ("a run of steps that all have to be right", "A step succeeds with 95%. Chance that a chain of 6 steps does not succeed?"),
            ("size of quantized weights", "How many GB less do int8 weights of a 7B model take than fp16 ones?"),
            ("tokens of a speculative pass", "With an acceptance rate of 0.7 and 4 drafts, how many drafted tokens are wasted on average?"),
            ("requests that a server completes each second", "30 requests per second at 2 s each: how many complete per minute?"),
            ("weights of a LoRA adapter", "LoRA of rank 8 on a 4096 by 4096 matrix: how many weights are frozen?"),
            ("bad requests that an objective allows over days", "With 5% of calls failing and one retry each, how many attempts do 1,000 calls cause on average?"),
            ("downtime that an objective allows", "What if two such services of 99.9% availability are in series: downtime?"),
            ("requests in flight by Little's law", "20 requests arrive per second and stay 4 s: how many arrive during an hour?"),
            ("size of weights at so many bits", "4-bit weights of a model of 7 billion: how many GB are saved?"),
            ("score of reciprocal rank fusion of two ranks", "Rank 3 and rank 4; the second list counts double. RRF score with k = 60?"),
            ("memory of vectors", "PQ with 96 one-byte sub-codes for 20 million vectors: how many GB of codes?"),
            ("mean reciprocal rank with a query that found nothing", "First relevant hits at ranks 2, 1, 5 and none: what is the MRR?"),
            ("mean reciprocal rank with a query that found nothing", "Two queries rank 4, a third finds none. Mean reciprocal rank?"),
            ("chance that every attempt fails", "Retry three times with a 10% failure each: what is the chance that all four attempts fail?"),
            ("everything goes right in a chain of steps", "Retry three times with a 10% failure each: what is the chance that all four attempts fail?"),
            ("memory of full mixed-precision training with Adam", "Compute per token of training with full activation recomputation on a 7B model?"),
            ("probability of the first of three tokens", "We lower the temperature from 1 to 0.5. Logits 2 and 1: probability of the first token?"),
            ("price of tokens", "At which hourly price would 1,200 tokens per second cost 1 € per million?"),
            ("attempts that retries make on average", "With 5% of calls failing and one retry each, how many attempts do 1,000 calls cause on average?"),
            ("bad requests that an objective allows", "With 5% of calls failing and one retry each, how many attempts do 1,000 calls cause on average?"),
            ("bytes of a vector with its links", "HNSW with ef = 10 and M = 16 links at 4 bytes: bytes of links for each vector?"),
            ("size of a cache block of Mistral 7B", "How large is a token of cache in Mistral 7B, and how many bytes has a 1024-dim vector?"),
            ("reciprocal rank", "Why 60 in RRF, which sums a reciprocal rank?"),
            ("most throughput that reading the cache allows", "How many tokens per second at most can batch-1 decoding reach for 16 GB of weights on 3.35 TB/s?"),
        ],
    )  # fmt: skip
    def test_a_condition_that_a_formula_does_not_know_is_not_dropped(self, name: str, question: str) -> None:
        assert named(name, question) is None


class TestUnplaced:
    PAGE = "A window of 4,096 tokens leaves 1,200 of them for passages."

    @pytest.mark.parametrize(
        ("question", "left_alone"),
        [
            ("How many frobs does a window of 8,192 tokens hold?", True),
            ("How many frobs does a window of 4096 tokens hold?", False),
            ("Combien de frobs dans 8 192 jetons ?", True),
            ("Why is a window of 8,192 tokens slow?", False),
            ("How many frobs does a window hold?", False),
            ("How many pairs stay visible under a causal mask over 100 tokens?", False),
        ],
    )
    def test_a_number_of_another_example_is_not_quoted(self, question: str, left_alone: bool) -> None:
        assert unplaced(question, [self.PAGE]) == left_alone
