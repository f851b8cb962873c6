"""RAGAS through our parts against RAGAS called directly, with the same replies recorded."""

import asyncio
import json
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.judges.base import Judgement
from eval.judges.patient import Limits
from eval.judges.ragas import RagasJudge
from eval.judges.ragas_metrics import METRICS, conversation
from eval.judges.ragas_parts import ragas_embeddings
from eval.judges.rehearsal import Assumed, estimate
from eval.judges.replies import ReplyCache
from eval.prices import Price
from eval.questions import Gold, Question
from rag.errors import ArdoiseError, ModelUnavailable
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.mistral import MistralChat
from rag.llm.scripted import Scripted, ScriptedChat
from rag.types import Usage
from tests.fakes import HashingEmbedder
from tests.servers.provider import KEY, running_provider
from tests.unit.eval.recorded import Recording, full_row

ROWS = {"labelled": full_row(), "unlabelled": full_row(reference="")}
APPLYING = [(metric.name, kind) for metric in METRICS for kind, row in ROWS.items() if not metric.lacks(row)]


async def direct(name: str, kind: str) -> float:
    """RAGAS as its documentation calls it, with the recorded replies; by hand, not from our table."""
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.messages import ToolCall
    from ragas.metrics import collections as ragas

    recording, row = Recording(), ROWS[kind]

    class Recorded(InstructorBaseRagasLLM):
        def generate(self, prompt: str, response_model: Any) -> Any:
            raise NotImplementedError

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            return response_model.model_validate_json(recording.text(response_model.__name__))

    llm, question, response = Recorded(), row.question, row.answer.text
    contexts, reference, messages = list(row.contexts), row.reference, conversation(row)
    embeddings = ragas_embeddings(HashingEmbedder())
    wanted = [ToolCall(name="calculator", args={"expression": "2*65536"})]
    calls = {
        "faithfulness": lambda: ragas.Faithfulness(llm=llm).ascore(question, response, contexts),
        "answer_relevancy": lambda: ragas.AnswerRelevancy(llm=llm, embeddings=embeddings).ascore(
            question, response
        ),
        "context_precision": lambda: ragas.ContextPrecision(llm=llm).ascore(question, reference, contexts),
        "context_precision_without_reference": lambda: ragas.ContextUtilization(llm=llm).ascore(
            question, response, contexts
        ),
        "context_recall": lambda: ragas.ContextRecall(llm=llm).ascore(question, contexts, reference),
        "factual_correctness": lambda: ragas.FactualCorrectness(llm=llm).ascore(response, reference),
        "tool_call_accuracy": lambda: ragas.ToolCallAccuracy().ascore(messages, wanted),
        "tool_call_f1": lambda: ragas.ToolCallF1().ascore(messages, wanted),
        "agent_goal_accuracy": lambda: ragas.AgentGoalAccuracy(llm=llm).ascore(messages, reference),
        "agent_goal_accuracy_without_reference": lambda: ragas.AgentGoalAccuracyWithoutReference(
            llm=llm
        ).ascore(messages),
        "topic_adherence": lambda: ragas.TopicAdherence(llm=llm).ascore(messages, ["Inference"]),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ragas remarks that lengths differ
        return float((await calls[name]()).value)


def scripted(recording: Recording) -> ScriptedChat:
    return ScriptedChat(lambda request: recording.text((request.schema or {})["title"]))


def test_every_metric_is_compared() -> None:
    assert {name for name, _ in APPLYING} == {metric.name for metric in METRICS}


@pytest.mark.parametrize(("name", "kind"), APPLYING)
async def test_the_number_is_that_of_ragas_called_directly_to_the_digit(name: str, kind: str) -> None:
    judge = RagasJudge(scripted(Recording()), HashingEmbedder(), metrics=[name])
    score = (await judge.score(ROWS[kind]))[name]
    assert score == Judgement.scored(await direct(name, kind))


@pytest.mark.socket
async def test_the_numbers_are_the_same_over_the_wire_of_a_provider() -> None:
    recording = Recording()
    with running_provider() as provider:
        provider.structured = lambda body: recording.text(
            body["response_format"]["json_schema"]["schema"]["title"]
        )
        chat = MistralChat("model", KEY, provider.url)
        try:
            judge = RagasJudge(chat, HashingEmbedder(), metrics=["faithfulness", "context_recall"])
            scores = await judge.score(ROWS["labelled"])
        finally:
            await chat.close()
        assert len(provider.requests) == judge.spent["calls"] == 2 + 1
    assert scores["faithfulness"].value == await direct("faithfulness", "labelled")
    assert scores["context_recall"].value == await direct("context_recall", "labelled")
    assert judge.spent["prompt_tokens"] > 0


@pytest.mark.parametrize(
    ("metric", "replies", "why"),
    [
        ("context_precision", {"ContextPrecisionOutput": [{"reason": "", "verdict": 7}]}, "neither 0 nor 1"),
        ("context_recall", {"ContextRecallOutput": [{"classifications": []}]}, "nan"),
        ("context_recall", {"ContextRecallOutput": "The passages are fine."}, "The passages are fine."),
        ("context_recall", {"ContextRecallOutput": '{"classifications": [{"state'}, "Invalid JSON"),
        ("factual_correctness", {"ClaimDecompositionOutput": [{"claims": []}]}, "no claims"),
        ("factual_correctness", {"ClaimDecompositionOutput": [{"claims": ["a"]}]}, "3 verdicts for 1 claims"),
        ("topic_adherence", {"TopicExtractionOutput": [{"topics": []}]}, "nan"),
        (
            "topic_adherence",
            {"TopicClassificationOutput": [{"classifications": [True]}]},
            "1 verdicts for 3 topics",
        ),
        ("agent_goal_accuracy", {"CompareOutcomeOutput": [{"reason": "", "verdict": "yes"}]}, "CompareOut"),
    ],
)
async def test_what_ragas_would_score_or_drop_in_silence_is_a_failure_with_its_reason(
    metric: str, replies: dict[str, Any], why: str
) -> None:
    judge = RagasJudge(scripted(Recording(**replies)), HashingEmbedder(), metrics=[metric])
    score = (await judge.score(ROWS["labelled"]))[metric]
    assert (score.status, score.value) == ("failed", None)
    assert why in score.why


async def test_what_is_not_labelled_asks_nothing() -> None:
    chat = scripted(Recording())
    bare = full_row(reference="", tools=(), calls=(), topics=(), contexts=())
    scores = await RagasJudge(chat, HashingEmbedder()).score(bare)
    scored = {name for name, one in scores.items() if one.status != "not_applicable"}
    assert scored == {"answer_relevancy"}
    assert all(one.why for one in scores.values() if one.status == "not_applicable")


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def patient(script: Any, time: Time, limits: Limits) -> Any:
    from eval.judges.patient import PatientChat

    return PatientChat(ScriptedChat(script), limits, clock=time.clock, sleep=time.sleep)


def ask(chat: Any) -> Any:
    from rag.llm.base import Message

    return chat.complete(ChatRequest((Message("user", "x"),), chat.deadline()))


async def test_a_model_that_is_down_is_asked_again_with_growing_waits() -> None:
    time, down = Time(), ModelUnavailable("503")
    chat = patient([down, down, down, "ok"], time, Limits(wait_s=1, attempts=4))
    assert (await ask(chat)).text == "ok"
    assert time.slept == [1, 2, 4]
    assert (chat.spent.calls, chat.spent.retries) == (4, 3)


async def test_the_last_attempt_is_the_last() -> None:
    chat = patient([ModelUnavailable("503")] * 3, Time(), Limits(attempts=2))
    with pytest.raises(ModelUnavailable):
        await ask(chat)
    assert chat.spent.calls == 2


async def test_a_wait_that_the_provider_asks_for_holds_for_every_caller() -> None:
    time = Time()
    chat = patient([ModelUnavailable("429", retry_after_s=30), "a", "b"], time, Limits(wait_s=1))
    await asyncio.gather(ask(chat), ask(chat))
    assert time.now >= 100 + 30
    assert max(time.slept) == 30


async def test_calls_begin_evenly_spaced_under_a_rate_limit() -> None:
    time = Time()
    begun: list[float] = []

    def reply(_: ChatRequest) -> Scripted:
        begun.append(time.now)
        return "ok"

    chat = patient(reply, time, Limits(per_minute=30, concurrency=1))
    await asyncio.gather(*(ask(chat) for _ in range(4)))
    assert begun == [100, 102, 104, 106]


async def test_a_judge_that_stays_down_fails_the_row_and_says_so() -> None:
    def down(_: ChatRequest) -> ArdoiseError:
        return ModelUnavailable("mistral is unavailable: HTTP 500")

    judge = RagasJudge(
        ScriptedChat(down), HashingEmbedder(), metrics=["context_recall"], limits=Limits(attempts=1)
    )
    score = (await judge.score(ROWS["labelled"]))["context_recall"]
    assert score == Judgement.failed("ModelUnavailable: mistral is unavailable: HTTP 500")


async def test_replies_are_kept_and_a_second_run_asks_nothing(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "judge.sqlite")
    first = RagasJudge(scripted(Recording()), HashingEmbedder(), cache=cache)
    silent = RagasJudge(ScriptedChat([]), HashingEmbedder(), cache=ReplyCache(tmp_path / "judge.sqlite"))
    scores = await first.score(ROWS["labelled"])
    assert await silent.score(ROWS["labelled"]) == scores
    assert silent.spent["calls"] == 0
    assert silent.spent["cached"] == first.spent["calls"] > 10


async def test_three_questions_to_one_prompt_are_three_replies_also_from_the_cache(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "judge.sqlite")
    for _ in range(2):
        judge = RagasJudge(
            scripted(Recording()), HashingEmbedder(), metrics=["answer_relevancy"], cache=cache
        )
        score = (await judge.score(ROWS["labelled"]))["answer_relevancy"]
        assert score.value == await direct("answer_relevancy", "labelled")
    assert judge.spent["cached"] == 3


async def test_prose_is_not_kept(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "judge.sqlite")
    for replies in ({"ContextRecallOutput": "Well."}, {}):
        judge = RagasJudge(
            scripted(Recording(**replies)), HashingEmbedder(), metrics=["context_recall"], cache=cache
        )
        score = (await judge.score(ROWS["labelled"]))["context_recall"]
    assert score.status == "scored"


async def test_a_cache_that_is_no_database_costs_calls_and_no_score(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "judge.sqlite").write_text("this is no database, " * 50)
    cache = ReplyCache(tmp_path / "judge.sqlite")
    judge = RagasJudge(scripted(Recording()), HashingEmbedder(), metrics=["context_recall"], cache=cache)
    assert (await judge.score(ROWS["labelled"]))["context_recall"].status == "scored"
    assert "delete the file" in caplog.text


async def test_the_cache_keeps_the_last_entries(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "judge.sqlite", max_entries=2)
    for key in (b"1", b"2", b"3"):
        await cache.put(key, key.decode())
    assert [await cache.get(key) for key in (b"1", b"2", b"3")] == [None, "2", "3"]


def labelled(id: str, **change: Any) -> Question:
    return Question(
        id=id, question="How large?", answer="131,072 bytes", gold=(Gold(document_id="d", quote="q"),),
        answerable=True, **change,
    )  # fmt: skip


async def test_an_estimate_counts_the_calls_that_judging_makes() -> None:
    chat = scripted(Recording())
    judge = RagasJudge(chat, HashingEmbedder(), metrics=["faithfulness", "context_precision"])
    await judge.score(full_row())  # three passages
    told = await estimate([labelled("a"), labelled("b")], "mistral:m", Assumed(3, 100), judge.metrics)
    assert told.calls == 2 * len(chat.requests) == 2 * (2 + 3)
    assert told.usage.prompt_tokens > 2 * 3 * 100


async def test_an_unknown_price_makes_an_unknown_cost() -> None:
    told = await estimate([labelled("a")], "mistral:m", Assumed(1, 10), ["context_recall"])
    assert told.view({})["cost"] is None
    price = Price(2.0, 6.0, "EUR", date(2026, 11, 1))
    usage = told.usage
    assert told.view({"m": price})["cost"] == {
        "amount": round((usage.prompt_tokens * 2 + usage.completion_tokens * 6) / 1e6, 6),
        "currency": "EUR",
        "priced": "2026-11-01",
    }
    assert json.dumps(told.view({}))


async def test_tokens_are_counted_as_the_backend_reports_them() -> None:
    recording = Recording()
    chat = ScriptedChat(
        lambda request: ChatReply(
            recording.text((request.schema or {})["title"]), "stop", "m", usage=Usage(100, 7)
        )
    )
    judge = RagasJudge(chat, HashingEmbedder(), metrics=["faithfulness"])
    await judge.score(full_row())
    assert (judge.spent["prompt_tokens"], judge.spent["completion_tokens"]) == (2 * 100, 2 * 7)
